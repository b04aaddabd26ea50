"""The oracle: is there an order of the racing calls that explains everything observed?

Racing calls may take effect in any order that keeps each actor's own order. Each order is run through
the spec; what the world answered or kept differently is a *mismatch*, named by the rule of the table
row that says otherwise. An outcome is right when some order has no mismatch. Otherwise the order with
the fewest is the best explanation, and its mismatches are what is broken.

Two searches: an exact one, which gives up a branch at its first mismatch and never visits a state
twice, decides whether the outcome is right; only when it is not does a second one, with a bound, look
for the best explanation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from conformance.oracle.finding import Finding
from conformance.oracle.observed import Observed, SeenCall, SeenRun, SeenStep
from conformance.spec.machine import State, Step
from conformance.spec.replayable import first_misfit
from conformance.spec.rules import RULES
from conformance.spec.table import Outcome
from conformance.spec.vocabulary import RUN_TERMINAL, Event

#: How many calls the search for the best explanation of a wrong outcome may place.
_MOST_CALLS = 5_000
#: How many calls the exact search may place. Never reached by the scenarios here; if it were, the
#: outcome would stay undecided rather than be called wrong.
_MOST_EXACT_CALLS = 400_000

_CREATES = frozenset({"step_created", "wait_created", "hook_created"})
#: Surplus events of these types are shrugged off by every replay.
_REPEATABLE = {"run_started": "run.started-event-once", "run_cancelled": "run.cancelled-event-once"}


class UndecidedError(Exception):
    """There are too many orders to try: nothing can be said about this outcome."""


def explain(observed: Observed) -> list[Finding]:
    """The mismatches of the best order; empty when some order explains the outcome.

    Raises :class:`UndecidedError` when the orders are too many.
    """
    return list(_explain(observed.in_order, observed.calls, observed.runs, observed.owners))


@lru_cache(maxsize=4096)
def _explain(
    in_order: bool,
    calls: tuple[SeenCall, ...],
    runs: tuple[SeenRun, ...],
    owners: tuple[tuple[str, str], ...],
) -> tuple[Finding, ...]:
    search = _Search(in_order, calls, runs, owners)
    notes = search.exact()
    return search.best() if notes is None else tuple(notes)


class _Search:
    """Depth first over the orders of the race."""

    def __init__(
        self,
        in_order: bool,
        calls: tuple[SeenCall, ...],
        runs: tuple[SeenRun, ...],
        owners: tuple[tuple[str, str], ...],
    ) -> None:
        self.runs = runs
        self.owners = owners
        self.after = [call for call in calls if call.phase in ("drain", "then")]
        actors: dict[str, list[SeenCall]] = {}
        self.given = State()
        self.given_findings: list[Finding] = []
        for call in calls:
            if call.phase == "race":
                # With nothing racing there is one order to explain, so one actor.
                actors.setdefault("" if in_order else call.actor, []).append(call)
            elif call.phase == "given":
                self.given_findings += _place(self.given, call)
        self.actors = list(actors.values())
        self.start = (0,) * len(self.actors)
        self.ends = tuple(len(actor) for actor in self.actors)

    # -- is some order right? -------------------------------------------------------------------

    def exact(self) -> list[Finding] | None:
        """None when no order explains the outcome; else what it should have done better."""
        if self.given_findings:
            return None
        self.calls_left = _MOST_EXACT_CALLS
        self.notes: list[Finding] | None = None
        # Only when nothing else explains the outcome: a winner that got a refusal.
        for self.untold in (False, True):
            self.seen: set[object] = set()
            self._exact(self.given, self.start, [])
            if self.notes is not None:
                break
        return self.notes

    def _exact(self, state: State, at: tuple[int, ...], notes: list[Finding]) -> bool:
        """True when nothing better can be found: an order with no mismatch and no note."""
        branches: list[tuple[State, tuple[int, ...], list[Finding]]] = []
        for number, actor in enumerate(self.actors):
            position = at[number]
            if position == len(actor):
                continue
            self.calls_left -= 1
            if self.calls_left < 0:
                raise UndecidedError
            branch = state.copy()
            found = _place(branch, actor[position], untold=self.untold)
            if any(finding.severity == "must" for finding in found):
                continue
            onward = (*at[:number], position + 1, *at[number + 1 :])
            if branch == state:
                # A refusal changes nothing, so it is as well placed here as anywhere later.
                return self._exact(state, onward, notes + found)
            branches.append((branch, onward, notes + found))
        if at == self.ends:
            return self._exact_end(state.copy(), notes)
        for branch, onward, so_far in branches:
            key = (onward, branch.key())
            if key not in self.seen:
                self.seen.add(key)
                if self._exact(branch, onward, so_far):
                    return True
        return False

    def _exact_end(self, state: State, notes: list[Finding]) -> bool:
        notes = notes + self._rest(state, [])
        if any(note.severity == "must" for note in notes):
            return False
        if self.notes is None or len(notes) < len(self.notes):
            self.notes = notes
        return not notes

    def _rest(self, state: State, found: list[Finding]) -> list[Finding]:
        """What is wrong after the race: in the calls that follow it, and in what is stored."""
        more: list[Finding] = []
        for call in self.after:
            more += _place(state, call)
        for run in self.runs:
            more += _compare_run(state, run, found + more)
        for token, owner in self.owners:
            hook_id = state.tokens.get(token)
            expected = state.hooks[hook_id].run_id if hook_id is not None else ""
            if owner != expected:
                more.append(_token(token, expected, owner))
        return more

    # -- what is the best explanation? ----------------------------------------------------------

    def best(self) -> tuple[Finding, ...]:
        """The fewest mismatches found within a bound."""
        self.calls_left = _MOST_CALLS
        self.found: tuple[Finding, ...] = ()
        self.cost = (1 << 30, 0, 0)
        self._search(self.given, self.given_findings, self.start)
        return self.found

    def _search(self, state: State, found: list[Finding], at: tuple[int, ...]) -> None:
        if _cost(found) >= self.cost or (self.calls_left < 0 and self.found):
            return
        if at == self.ends:
            everything = found + self._rest(state.copy(), found)
            if _cost(everything) < self.cost:
                self.cost = _cost(everything)
                self.found = tuple(everything)
            return
        tries: list[tuple[int, int, State, list[Finding]]] = []
        for number, actor in enumerate(self.actors):
            if at[number] < len(actor):
                self.calls_left -= 1
                branch = state.copy()
                tries.append((len(more := _place(branch, actor[at[number]])), number, branch, more))
        for _, number, branch, more in sorted(tries, key=lambda one: one[:2]):
            self._search(branch, found + more, (*at[:number], at[number] + 1, *at[number + 1 :]))


def _cost(found: list[Finding]) -> tuple[int, int, int]:
    """What is wrong in answers and entities counts most, then a listing that no replay can read."""
    musts = sum(1 for finding in found if RULES[finding.rule].severity == "must")
    listed = sum(1 for finding in found if finding.rule == "log.replays")
    return musts - listed, listed, len(found) - musts


def event_of(call: SeenCall) -> Event:
    """The event that a call asked for, as far as the spec looks at it."""
    data: dict[str, object] = {}
    if call.token:
        data["token"] = call.token
    if call.kind == "step_completed":
        data["result"] = call.value
    elif call.kind == "run_completed":
        data["output"] = call.value
    elif call.kind == "step_started" and call.value is not None:
        data["input"] = None
    elif call.kind == "step_retrying" and call.value is not None:
        data["retryAfter"] = call.value
    return {"eventType": call.kind, "correlationId": call.entity or None, "eventData": data}


def _place(state: State, call: SeenCall, *, untold: bool = False) -> list[Finding]:
    """Let one call take effect next; the mismatches between its answer and the spec's.

    ``untold``: a creation that was answered with a conflict may have taken effect all the same. The
    runtime goes on as if another had created the entity, so that is only something to do better.
    """
    event = event_of(call)
    row = state.look_up(call.run, event)
    where = (call.phase, call.actor, call.n)
    if call.answer == "unexpected":
        text = f"{call.actor}'s {_what(call)} got an error the runtime cannot classify: {call.message}"
        return [Finding("convergence", "error.classifiable", text, where)]
    if call.answer == "misshapen":
        # Whoever answers has done what was asked; an answer that cannot be read is a finding of its own.
        if row.outcomes[0].answer == "ok":
            state.take(call.run, event, row.outcomes[0])
        return []
    outcome = next((outcome for outcome in row.outcomes if outcome.answer == call.answer), None)
    if outcome is None:
        if call.answer == "too_early" and is_retrying(state, call):
            return []
        created = row.outcomes[0]
        if untold and call.answer == "conflict" and call.kind in _CREATES and created.answer == "ok":
            state.take(call.run, event, created)
            text = f"{call.actor}'s {_what(call)} took effect, and {call.actor} got a conflict"
            return [Finding("convergence", "creation.winner-told", text, where)]
        expected = " or ".join(_say(outcome) for outcome in row.outcomes)
        text = f"{call.actor}'s {_what(call)} got {_say(Outcome(call.answer))}; right is {expected}"
        return [Finding("convergence", row.rule, text, where)]
    state.take(call.run, event, outcome, now=call.started if call.started >= 0 else None)
    return _compare_answer(state, call, where)


def is_retrying(state: State, call: SeenCall) -> bool:
    """Whether the step waits for its retryAfter: then the world's clock decides, not ours."""
    step = state.steps.get((call.run, call.entity))
    return call.kind == "step_started" and step is not None and step.retry_after is not None


def _compare_answer(state: State, call: SeenCall, where: tuple[str, str, int]) -> list[Finding]:
    """The entity that came with a success must be the one the order gives."""
    if call.answer != "ok":
        return []
    if call.kind == "run_started" and call.started >= 0:
        expected = state.runs[call.run].started_at
        if expected is not None and expected != call.started:
            text = f"{call.actor} got a startedAt that differs from the one that another starter got"
            return [Finding("convergence", "run.started-at-once", text, where)]
    if call.kind == "step_started" and call.attempt >= 0:
        attempt = state.steps[call.run, call.entity].attempt
        if attempt != call.attempt:
            text = f"{call.actor} got attempt {call.attempt} for {call.entity}; right is {attempt}"
            return [Finding("convergence", "step.attempt-exact", text, where)]
    return []


def _compare_run(state: State, seen: SeenRun, found: list[Finding]) -> list[Finding]:
    """The stored entities and log of one run against what the order gives."""
    mismatches: list[Finding] = []
    run = state.runs.get(seen.name)
    if run is None:
        return mismatches
    if run.status != seen.status:
        went_back = run.status in RUN_TERMINAL and seen.status not in RUN_TERMINAL
        rule = "run.terminal-stays" if went_back else "run.status-agrees"
        text = f"{seen.name} is stored as {seen.status}; its events make it {run.status}"
        mismatches.append(Finding("convergence", rule, text))
    elif run.status == "completed" and run.output != seen.output:
        text = f"{seen.name} holds an output that is not the winner's"
        mismatches.append(Finding("convergence", "run.status-agrees", text))
    if run.started_at is not None and seen.started >= 0 and run.started_at != seen.started:
        text = f"{seen.name} is stored with a startedAt that differs from what its starter saw"
        mismatches.append(Finding("convergence", "run.started-at-once", text))
    stored = {step.name: step for step in seen.steps}
    for (run_name, name), step in state.steps.items():
        if run_name != seen.name:
            continue
        mismatches += _compare_step(name, step, stored.pop(name, None))
    for name in stored:
        text = f"{name} is stored, but its creation was refused"
        mismatches.append(Finding("convergence", "step.status-agrees", text))
    mismatches += _compare_hooks(state, seen)
    mismatches += _compare_log(state, seen, found)
    return mismatches


def _compare_step(name: str, step: Step, seen: SeenStep | None) -> Iterator[Finding]:
    if seen is None:
        yield Finding("convergence", "step.status-agrees", f"{name} was created and is not stored")
        return
    _, status, attempt, output = seen
    if step.status != status:
        text = f"{name} is stored as {status}; its events make it {step.status}"
        yield Finding("convergence", "step.status-agrees", text)
    elif step.status == "completed" and step.output != output:
        yield Finding("convergence", "step.status-agrees", f"{name} holds a result that is not the winner's")
    if step.attempt != attempt:
        text = f"{name} is stored at attempt {attempt}; it was started {step.attempt} times"
        yield Finding("convergence", "step.attempt-exact", text)


def _compare_hooks(state: State, seen: SeenRun) -> Iterator[Finding]:
    live = {
        name for name, hook in state.hooks.items() if hook.run_id == seen.name and hook.status == "active"
    }
    stored = {name for name, _ in seen.hooks}
    for name in sorted(stored - live):
        if state.runs[seen.name].status in RUN_TERMINAL:
            yield Finding(
                "convergence", "hook.released-at-end", f"{name} is alive on {seen.name}, which has ended"
            )
        else:
            yield Finding(
                "convergence", "hook.status-agrees", f"{name} is alive, but was disposed of or refused"
            )
    for name in sorted(live - stored):
        yield Finding("convergence", "hook.status-agrees", f"{name} was created and is not stored")


def _compare_log(state: State, seen: SeenRun, found: list[Finding]) -> Iterator[Finding]:
    expected = [(kind, entity or "") for run, kind, entity in state.log if run == seen.name]
    surplus = Counter(seen.events) - Counter(expected)
    missing = Counter(expected) - Counter(seen.events)
    # An event that a wrong success left behind is not a second defect.
    blamed = {finding.call for finding in found if finding.call is not None}
    for (kind, entity), count in surplus.items():
        if kind in _REPEATABLE:
            text = f"{kind} is in the log of {seen.name} {count + 1} times"
            yield Finding("convergence", _REPEATABLE[kind], text)
        elif not blamed:
            text = f"the log of {seen.name} holds {_times(count)}{kind} {entity} that no success explains"
            yield Finding("convergence", "log.agrees-with-answers", text)
    for (kind, entity), count in missing.items():
        text = f"the log of {seen.name} lacks {_times(count)}{kind} {entity} that was answered with success"
        yield Finding("convergence", "log.agrees-with-answers", text)
    if not surplus and not missing and _in_line(expected, expected) != _in_line(expected, list(seen.events)):
        misfit = first_misfit(seen.events)
        if misfit is None:
            text = (
                f"the log of {seen.name} lists its events in an order in which they could not have happened"
            )
            yield Finding("convergence", "log.order", text)
        else:
            kind, entity = misfit
            text = (
                f"the log of {seen.name} lists {kind} {entity} after the end of {entity}: no replay takes it"
            )
            yield Finding("convergence", "log.replays", text)


def _in_line(expected: list[tuple[str, str]], log: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """A log without the creations that came with a start: those only have to come before it."""
    born = {
        one[1]
        for one, after in pairwise(expected)
        if one[0] == "step_created" and after == ("step_started", one[1])
    }
    seen: set[str] = set()
    line: list[tuple[str, str]] = []
    for kind, entity in log:
        if kind == "step_created" and entity in born:
            seen.add(entity)
        elif kind == "step_started" and entity in born and entity not in seen:
            line.append(("", entity))  # it fits nowhere
        else:
            line.append((kind, entity))
    return line


def _token(token: str, expected: str, owner: str) -> Finding:
    if owner and not expected:
        text = f"{token} is still held by {owner}, though its hook is gone"
        return Finding("convergence", "hook.token-free-at-end", text)
    text = f"{token} is held by {owner or 'nobody'}; its owner is {expected or 'nobody'}"
    return Finding("convergence", "hook.token-unique", text)


def _times(count: int) -> str:
    return "" if count == 1 else f"{count} x "


def _what(call: SeenCall) -> str:
    return f"{call.kind} {call.entity}".rstrip()


def _say(outcome: Outcome) -> str:
    return {
        "ok": "success",
        "conflict": "a conflict",
        "gone": "gone",
        "not_found": "not found",
        "too_early": "too early",
        "hook_conflict": "a hook_conflict event",
    }.get(outcome.answer, outcome.answer)
