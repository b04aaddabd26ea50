"""Every right outcome of a race: what may be answered and stored, over all orders of the calls.

:mod:`conformance.oracle.orders` asks whether *one* order explains what was observed. This asks what any order
could give, so that a script without an oracle can compare what it sees with all that is right. A call that
had been answered comes before one that began later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from conformance.oracle.orders import event_of, is_retrying
from conformance.oracle.precedence import own_order, ready
from conformance.oracle.seen import Observed, SeenCall
from conformance.spec.machine import State
from conformance.spec.table import Outcome

#: How many calls the search may place.
_MOST_CALLS: Final = 30_000
#: How many different outcomes it may find.
_MOST_OUTCOMES: Final = 400

#: The answers to the calls that raced or followed, in the order in which they were placed: the index of the
#: call in ``Observed.calls``, and every answer that is right there, each with the spec's state behind it.
Answers = tuple[tuple[int, tuple[str, ...]], ...]
Found = TypeVar("Found")


class _TooManyError(Exception):
    """More orders than can be tried, or more outcomes than are of use."""


def right_outcomes(
    observed: Observed,
    describe: Callable[[State, SeenCall, Outcome], str],
    conclude: Callable[[State, Answers], Found],
    in_order: Sequence[str] = (),
) -> list[Found]:
    """All right outcomes, each different one once; empty when there are too many, or the prefix was wrong.

    ``describe`` puts one answer into words, given the state after it. ``conclude`` makes an outcome of the
    last state and of all answers. ``in_order``: nothing raced, and the actors ran in this order.
    """
    search = _Search(observed, describe, conclude, in_order)
    try:
        search.run()
    except _TooManyError:
        return []
    return search.found


class _Search(Generic[Found]):
    """Depth first over the orders of the race; a state that was reached before is not visited again."""

    def __init__(
        self,
        observed: Observed,
        describe: Callable[[State, SeenCall, Outcome], str],
        conclude: Callable[[State, Answers], Found],
        in_order: Sequence[str],
    ) -> None:
        self.calls = observed.calls
        self.line = observed.line
        self.describe = describe
        self.conclude = conclude
        indexes = range(len(observed.calls))
        self.after = [index for index in indexes if self.calls[index].phase not in ("given", "race")]
        #: the calls that raced; where nothing did, as their actors ran
        self.race = [index for index in indexes if self.calls[index].phase == "race"]
        if in_order:
            self.race.sort(key=lambda index: in_order.index(self.calls[index].actor))
        race = [self.calls[index] for index in self.race]
        real_time = () if in_order else observed.order
        self.before = real_time or own_order(race, in_order=bool(in_order))
        self.found: list[Found] = []
        self._seen: set[object] = set()
        self._calls_left = _MOST_CALLS

    def run(self) -> None:
        state = State(self.line)
        for call in self.calls:
            if call.phase != "given":
                continue
            answers = {outcome.answer: outcome for outcome in _allowed(state, call)}
            if call.answer not in answers:
                return
            state.take(call.run, event_of(call), answers[call.answer], now=1)
        self._race(state, 0, ())

    def _race(self, state: State, placed: int, answers: Answers) -> None:
        self._calls_left -= 1
        key = (placed, state.key(), frozenset(answers))
        if key in self._seen:
            return
        self._seen.add(key)
        if self._calls_left < 0 or len(self.found) > _MOST_OUTCOMES:
            raise _TooManyError
        following = ready(self.before, placed)
        for number in following:
            for branch, answer in self._place(state, self.race[number]):
                self._race(branch, placed | 1 << number, (*answers, answer))
        if not following:
            self._finish(state, 0, answers)

    def _finish(self, state: State, at: int, answers: Answers) -> None:
        if at < len(self.after):
            for branch, answer in self._place(state, self.after[at]):
                self._finish(branch, at + 1, (*answers, answer))
            return
        outcome = self.conclude(state, answers)
        if outcome not in self.found:
            self.found.append(outcome)

    def _place(self, state: State, index: int) -> list[tuple[State, tuple[int, tuple[str, ...]]]]:
        """What may come of one call now: the state after it, and its right answers in words."""
        call = self.calls[index]
        effects: dict[tuple[str | None, bool], list[Outcome]] = {}
        for outcome in _allowed(state, call):
            effects.setdefault((outcome.to, outcome.logs), []).append(outcome)
        made = []
        for outcomes in effects.values():
            branch = state.copy()
            branch.take(call.run, event_of(call), outcomes[0], now=1)
            words = tuple(self.describe(branch, call, outcome) for outcome in outcomes)
            made.append((branch, (index, words)))
        return made


def _allowed(state: State, call: SeenCall) -> list[Outcome]:
    """What the table allows; a step that waits for its time may also be too early, as the clock has it."""
    allowed = list(state.look_up(call.run, event_of(call), now=0).outcomes)
    if is_retrying(state, call):
        allowed.append(Outcome("too_early"))
    return allowed
