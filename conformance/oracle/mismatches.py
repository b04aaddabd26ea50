"""What is wrong with a call, or with what is stored, once the order of the calls is given.

Each call is run through the spec. What the world answered or kept differently is a *mismatch*, named by the
rule of the table row that says otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from conformance.core.history import CallId
from conformance.oracle.finding import REPEATABLE, Finding, about_of
from conformance.oracle.seen import FAR, SeenCall, SeenRun, SeenStep
from conformance.spec.machine import State, Step
from conformance.spec.replayable import first_misfit
from conformance.spec.table import Outcome, inert
from conformance.spec.vocabulary import CREATIONS, REFUSED, RUN_TERMINAL, TERMINAL_EVENTS, Event

#: What is wrong where an entity that was created is not there.
NOT_STORED: Final = "not stored"


def id_of(call: SeenCall) -> CallId:
    """The id of a call in its history."""
    return call.phase, call.actor, call.n


def event_of(call: SeenCall) -> Event:
    """The event that a call asked for, as far as the spec looks at it."""
    data: dict[str, object] = {}
    if call.token:
        data["token"] = call.token
    if call.kind == "step_completed":
        data["result"] = call.value
    elif call.kind == "run_completed":
        data["output"] = call.value
    elif call.kind in ("step_started", "run_started") and call.value is not None:
        data["input"] = None
    elif call.kind == "attr_set" and isinstance(call.value, tuple):
        data["changes"] = [{"key": key, "value": value} for key, value in call.value]
    elif call.kind == "step_retrying" and call.value is not None:
        # No clock of ours says whether a moment has come that is near.
        data["retryAfter"] = 1 if call.value == FAR else call.value
    event: Event = {"eventType": call.kind, "correlationId": call.entity or None, "eventData": data}
    return {**event, "resumeId": call.resume} if call.resume else event


def place(state: State, call: SeenCall, *, untold: bool = False) -> list[Finding]:
    """Let one call take effect next; the mismatches between its answer and the spec's.

    ``untold``: a creation that was answered with a conflict may have taken effect all the same. The
    runtime goes on as if another had created the entity, so that is only something to do better.
    """
    event = event_of(call)
    if call.kind == "step_retrying" and call.value is None and _has_time(state, call):
        # Whether a retry without a retryAfter takes an earlier one away is promised nowhere.
        event["eventData"]["retryAfter"] = "unknown"
    row = state.look_up(call.run, event, now=0)
    where = id_of(call)
    about = about_of(call.run, call.entity)
    wrong = f"{call.kind} {call.answer}"
    if call.answer == "unexpected":
        text = f"{call.actor}'s {what(call)} got an error the runtime cannot classify: {call.message}"
        return [Finding("convergence", "error.classifiable", text, where, wrong, about)]
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
        if untold and call.answer == "conflict" and call.kind in CREATIONS and created.answer == "ok":
            state.take(call.run, event, created)
            text = f"{call.actor}'s {what(call)} took effect, and {call.actor} got a conflict"
            return [Finding("convergence", "creation.winner-told", text, where, wrong, about)]
        expected = " or ".join(_say(outcome) for outcome in row.outcomes)
        text = f"{call.actor}'s {what(call)} got {_say(Outcome(call.answer))}; right is {expected}"
        mild = call.answer in REFUSED and created.answer in REFUSED
        return [Finding("convergence", row.rule, text, where, wrong, about, mild=mild, token=call.token)]
    state.take(call.run, event, outcome, now=call.started if call.started >= 0 else None)
    return _compare_answer(state, call)


def is_retrying(state: State, call: SeenCall) -> bool:
    """Whether the step waits for its retryAfter: then the world's clock decides, not ours."""
    return call.kind == "step_started" and _has_time(state, call)


def _has_time(state: State, call: SeenCall) -> bool:
    """Whether the step of a call has a retryAfter."""
    step = state.steps.get((call.run, call.entity))
    return step is not None and step.retry_after is not None


def _compare_answer(state: State, call: SeenCall) -> list[Finding]:
    """The entity that came with a success must be the one the order gives."""
    if call.answer != "ok":
        return []
    where, about = id_of(call), about_of(call.run, call.entity)
    if call.kind == "run_started" and call.started >= 0:
        expected = state.runs[call.run].started_at
        if expected is not None and expected != call.started:
            text = f"{call.actor} got a startedAt that differs from the one that another starter got"
            return [
                Finding("convergence", "run.started-at-once", text, where, "run_started startedAt", about)
            ]
    if call.kind == "step_started" and call.value is not None and state.line != 4 and not call.created:
        text = f"{call.actor}'s start created {call.entity}, and {call.actor} is not told so (stepCreated)"
        return [Finding("convergence", "step.creator-told", text, where, "step_started stepCreated", about)]
    if call.kind == "step_started" and call.attempt >= 0:
        attempt = state.steps[call.run, call.entity].attempt
        if attempt != call.attempt:
            text = f"{call.actor} got attempt {call.attempt} for {call.entity}; right is {attempt}"
            return [Finding("convergence", "step.attempt-exact", text, where, "attempt", about)]
    return []


def compare_run(state: State, seen: SeenRun, found: list[Finding]) -> list[Finding]:
    """The stored entities and log of one run against what the order gives."""
    mismatches: list[Finding] = []
    run = state.runs.get(seen.name)
    if run is None:
        return mismatches
    if run.status != seen.status:
        went_back = run.status in RUN_TERMINAL and seen.status not in RUN_TERMINAL
        rule = "run.terminal-stays" if went_back else "run.status-agrees"
        text = f"{seen.name} is stored as {seen.status}; its events make it {run.status}"
        mismatches.append(_stored(rule, text, "run.status", seen.name))
    elif run.status == "completed" and run.output != seen.output:
        text = f"{seen.name} holds an output that is not the winner's"
        mismatches.append(_stored("run.status-agrees", text, "run.output", seen.name))
    if run.started_at is not None and seen.started >= 0 and run.started_at != seen.started:
        text = f"{seen.name} is stored with a startedAt that differs from what its starter saw"
        mismatches.append(_stored("run.started-at-once", text, "run.startedAt", seen.name))
    stored = {step.name: step for step in seen.steps}
    for (run_name, name), step in state.steps.items():
        if run_name != seen.name:
            continue
        mismatches += _compare_step(seen.name, name, step, stored.pop(name, None))
    for name in stored:
        text = f"{name} is stored, but {_refusal(found, seen.name, name)}"
        mismatches.append(_stored("step.status-agrees", text, "step", seen.name, name))
    mismatches += _compare_hooks(state, seen, found)
    mismatches += _compare_attributes(state, seen)
    mismatches += _compare_log(state, seen, found)
    return mismatches


def _compare_step(run: str, name: str, step: Step, seen: SeenStep | None) -> Iterator[Finding]:
    if seen is None:
        yield _stored("step.status-agrees", f"{name} was created and is not stored", NOT_STORED, run, name)
        return
    _, status, attempt, output = seen
    if step.status != status:
        text = f"{name} is stored as {status}; its events make it {step.status}"
        yield _stored("step.status-agrees", text, "step.status", run, name)
    elif step.status == "completed" and step.output != output:
        text = f"{name} holds a result that is not the winner's"
        yield _stored("step.status-agrees", text, "step.output", run, name)
    if step.attempt != attempt:
        text = f"{name} is stored at attempt {attempt}; it was started {step.attempt} times"
        yield _stored("step.attempt-exact", text, "step.attempt", run, name)


def _refusal(found: list[Finding], *about: str) -> str:
    """Why something should not be there: its creation was refused, or was to be and got a success."""
    taken = any(one.about == about and one.wrong.endswith("_created ok") for one in found)
    return f"its creation {'was to be' if taken else 'was'} refused"


def _compare_hooks(state: State, seen: SeenRun, found: list[Finding]) -> Iterator[Finding]:
    live = {
        name for name, hook in state.hooks.items() if hook.run_id == seen.name and hook.status == "active"
    }
    stored = {name for name, _ in seen.hooks}
    for name in sorted(stored - live):
        if state.runs[seen.name].status in RUN_TERMINAL:
            text = f"{name} is alive on {seen.name}, which has ended"
            alive = _stored("hook.released-at-end", text, "hook", seen.name, name)
            yield alive._replace(token=dict(seen.hooks)[name])
        else:
            why = "was disposed of" if name in state.hooks else _refusal(found, seen.name, name)
            text = f"{name} is alive, but {why}"
            yield _stored("hook.status-agrees", text, "hook", seen.name, name)
    for name in sorted(live - stored):
        text = f"{name} was created and is not stored"
        yield _stored("hook.status-agrees", text, NOT_STORED, seen.name, name)


def _compare_attributes(state: State, seen: SeenRun) -> Iterator[Finding]:
    if state.line == 4:
        return
    expected = {key: value for (run, key), value in state.attributes.items() if run == seen.name}
    stored = dict(seen.attributes)
    for key in sorted(expected.keys() | stored.keys()):
        if expected.get(key) != stored.get(key):
            text = f"attribute {key} of {seen.name} is not what the events that set it make it"
            yield _stored("attribute.merged", text, "attributes", seen.name)


def _compare_log(state: State, seen: SeenRun, found: list[Finding]) -> Iterator[Finding]:
    expected = [(kind, entity or "") for run, kind, entity in state.log if run == seen.name]
    surplus = Counter(seen.events) - Counter(expected)
    missing = Counter(expected) - Counter(seen.events)
    # An event that a wrong success left behind is not a second defect.
    blamed = {finding.call for finding in found if finding.call is not None}
    passed_over = inert(state.line)
    for (kind, entity), count in surplus.items():
        if kind in passed_over and (kind, entity) in expected:
            continue
        if kind == "hook_received" and entity in seen.resumed_twice:
            continue  # a finding of its own
        if kind in REPEATABLE:
            text = f"{kind} is in the log of {seen.name} {count + 1} times"
            yield _stored(REPEATABLE[kind], text, f"log {kind}", seen.name, entity)
        elif not blamed:
            text = f"the log of {seen.name} holds {_times(count)}{kind} {entity} that no success explains"
            yield _stored("log.agrees-with-answers", text, f"log with {kind}", seen.name, entity)
    for (kind, entity), count in missing.items():
        text = f"the log of {seen.name} lacks {_times(count)}{kind} {entity} that was answered with success"
        yield _stored("log.agrees-with-answers", text, f"log without {kind}", seen.name, entity)
    if not surplus and not missing and _in_line(expected, expected) != _in_line(expected, list(seen.events)):
        misfit = first_misfit(seen.events, state.line)
        if misfit is None:
            text = (
                f"the log of {seen.name} lists its events in an order in which they could not have happened"
            )
            yield _stored("log.order", text, "log order", seen.name)
        else:
            kind, entity = misfit
            text = (
                f"the log of {seen.name} lists {kind} {entity} after the end of {entity}: no replay takes it"
            )
            yield _stored("log.replays", text, f"log {kind} late", seen.name, entity)


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


def compare_owner(state: State, token: str, owner: str) -> list[Finding]:
    """Who holds a token, against what the order gives."""
    hook_id = state.tokens.get(token)
    expected = state.hooks[hook_id].run_id if hook_id is not None else ""
    if owner == expected:
        return []
    if owner and not expected:
        text = f"{token} is still held by {owner}, which gave it up"
        return [_stored("hook.token-free-at-end", text, "token", owner, token)._replace(token=token)]
    text = f"{token} is held by {owner or 'nobody'}; its owner is {expected or 'nobody'}"
    before = "" if owner else _holder_before(state, token, expected)
    if before:
        text += f", which took it over from {before}, and no call of {expected} gave it up"
    return [
        _stored("hook.token-unique", text, "token", owner or expected, token, before)._replace(token=token)
    ]


def _holder_before(state: State, token: str, owner: str) -> str:
    """Another run that held a token before its owner and gave it up; empty when there is none."""
    gone = (hook for hook in state.hooks.values() if hook.token == token and hook.status != "active")
    return next((hook.run_id for hook in gone if hook.run_id != owner), "")


def because(finding: Finding, placed: Sequence[SeenCall]) -> Finding:
    """The finding with the calls that make it wrong, given all calls in their order: those that moved what it
    is about, before the offending call if there is one."""
    moved: list[CallId] = []
    token = ""
    for call in placed:
        if id_of(call) == finding.call:
            token = call.token
            break
    for call in placed:
        if id_of(call) == finding.call:
            break
        if call.answer not in ("ok", "hook_conflict") or call.phase == "given":
            continue
        names = {call.entity, call.token} - {""}
        of_run = call.run in finding.about and (
            call.kind in TERMINAL_EVENTS or (call.kind.startswith("run_") and len(finding.about) == 1)
        )
        if of_run or not names.isdisjoint((*finding.about, token)):
            moved.append(id_of(call))
    return finding._replace(because=tuple(moved))


def _stored(rule: str, text: str, wrong: str, *about: str) -> Finding:
    return Finding("convergence", rule, text, wrong=wrong, about=about_of(*about))


def _times(count: int) -> str:
    return "" if count == 1 else f"{count} x "


def what(call: SeenCall) -> str:
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
