"""Every right outcome: the recorded calls, in any order that keeps each actor's own, by the spec.

The script holds what comes of its run against these, so that it needs no oracle: an outcome that is none of
them is wrong, whatever the world did to get there.
"""

from __future__ import annotations

from typing import Final

from conformance.oracle.observed import Observed, SeenCall
from conformance.repro.words import Facts, Values, expected, named_calls, say
from conformance.spec.machine import State
from conformance.spec.table import Outcome
from conformance.spec.vocabulary import Event

#: How many calls the search may place, and how many outcomes it may find.
_MOST_CALLS: Final = 30_000
_MOST: Final = 400

_Answers = tuple[tuple[str, str], ...]


class _TooManyError(Exception):
    """More orders than can be tried, or more outcomes than a script should hold."""


def right_outcomes(
    observed: Observed, values: Values, actors_in_order: list[str] | None = None
) -> list[Facts]:
    """All right outcomes as facts; empty when there are too many, or when the prefix was wrong already.

    ``actors_in_order``: nothing raced, the actors ran in this order. An answer with several right words says
    them all: ``conflict or gone``.
    """
    search = _Search(observed, values, actors_in_order)
    try:
        search.run()
    except _TooManyError:
        return []
    return search.found


class _Search:
    def __init__(self, observed: Observed, values: Values, actors_in_order: list[str] | None) -> None:
        self.observed = observed
        self.values = values
        self.given: list[SeenCall] = []
        self.after: list[tuple[str, SeenCall]] = []
        actors: dict[str, list[tuple[str, SeenCall]]] = {name: [] for name in actors_in_order or ()}
        for name, call in named_calls(observed.calls):
            if call.phase == "given":
                self.given.append(call)
            elif call.phase == "race":
                actors.setdefault(call.actor, []).append((name, call))
            else:
                self.after.append((name, call))
        self.actors = list(actors.values())
        if actors_in_order is not None:
            self.actors = [[call for actor in self.actors for call in actor]]
        self.found: list[Facts] = []
        self._seen: set[object] = set()
        self._calls_left = _MOST_CALLS

    def run(self) -> None:
        state = State()
        for call in self.given:
            answers = {outcome.answer: outcome for outcome in _outcomes(state, call)}
            if call.answer not in answers:
                return
            state.take(call.run, _event(call), answers[call.answer], now=1)
        self._race(state, (0,) * len(self.actors), ())

    def _race(self, state: State, at: tuple[int, ...], answers: _Answers) -> None:
        self._calls_left -= 1
        key = (at, state.key(), frozenset(answers))
        if key in self._seen:
            return
        self._seen.add(key)
        if self._calls_left < 0 or len(self.found) > _MOST:
            raise _TooManyError
        over = True
        for number, actor in enumerate(self.actors):
            if at[number] == len(actor):
                continue
            over = False
            onward = (*at[:number], at[number] + 1, *at[number + 1 :])
            for branch, answer in _place(state, *actor[at[number]]):
                self._race(branch, onward, (*answers, answer))
        if over:
            self._finish(state, 0, answers)

    def _finish(self, state: State, at: int, answers: _Answers) -> None:
        if at < len(self.after):
            for branch, answer in _place(state, *self.after[at]):
                self._finish(branch, at + 1, (*answers, answer))
            return
        facts = dict(answers) | expected(state, self.observed, self.values)
        if facts not in self.found:
            self.found.append(facts)


def _place(state: State, name: str, call: SeenCall) -> list[tuple[State, tuple[str, str]]]:
    """What may come of one call now: the state after it, and its answer under its name."""
    effects: dict[tuple[str | None, bool], list[Outcome]] = {}
    for outcome in _outcomes(state, call):
        effects.setdefault((outcome.to, outcome.logs), []).append(outcome)
    made = []
    for outcomes in effects.values():
        branch = state.copy()
        branch.take(call.run, _event(call), outcomes[0], now=1)
        words = " or ".join(_word(branch, call, outcome) for outcome in outcomes)
        made.append((branch, (name, words)))
    return made


def _outcomes(state: State, call: SeenCall) -> list[Outcome]:
    """What the table allows; a step that waits for its time may also be too early, as the clock has it."""
    found = list(state.look_up(call.run, _event(call)).outcomes)
    step = state.steps.get((call.run, call.entity))
    if call.kind == "step_started" and step is not None and step.retry_after is not None:
        found.append(Outcome("too_early"))
    return found


def _word(after: State, call: SeenCall, outcome: Outcome) -> str:
    if outcome.answer == "ok" and call.kind == "step_started":
        return f"success, attempt {after.steps[call.run, call.entity].attempt}"
    return say(outcome.answer)


def _event(call: SeenCall) -> Event:
    """The event that a call asked for, as far as the spec looks at it."""
    data = {
        "token": call.token or None,
        "result": call.value if call.kind == "step_completed" else None,
        "output": call.value if call.kind == "run_completed" else None,
        "retryAfter": call.value if call.kind == "step_retrying" else None,
    }
    return {
        "eventType": call.kind,
        "correlationId": call.entity or None,
        "eventData": {key: value for key, value in data.items() if value is not None},
    }


def symptom(facts: Facts, rights: list[Facts]) -> Facts:
    """In what an outcome differs from the nearest right one, and all that rules out the others.

    Empty when some right outcome is no other: then it is not the spec that says what is wrong.
    """
    if not rights:
        return {}
    nearest = min(rights, key=lambda right: len(differing(facts, right)))
    chosen = {key: facts.get(key, "none") for key in differing(facts, nearest)}
    if not chosen:
        return {}
    for right in rights:
        apart = differing(facts, right)
        if apart and not any(key in chosen for key in apart):
            chosen[apart[0]] = facts.get(apart[0], "none")
    return chosen


def differing(facts: Facts, right: Facts) -> list[str]:
    """The names of the facts that are not what a right outcome says of them."""
    apart = []
    for key in dict.fromkeys([*facts, *right]):
        wanted, got = right.get(key, "none"), facts.get(key, "none")
        if wanted != got and got not in wanted.split(" or "):
            apart.append(key)
    return apart
