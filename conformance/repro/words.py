"""Answers and stored things in words: the same words as ``js/outcome.mjs`` uses, for they are compared."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Any, Final

from conformance.core.history import History
from conformance.oracle.names import freeze
from conformance.oracle.seen import Observed, SeenCall, SeenRun
from conformance.spec.machine import State

#: What came of a case, as ``{"A: step_completed step1": "success", "run1": "running", …}``.
Facts = dict[str, str]

_ANSWERS: Final = {
    "ok": "success",
    "not_found": "not found",
    "too_early": "too early",
    "hook_conflict": "hook_conflict event",
}
#: A replay shrugs a second one of these off.
_ONCE_OR_MORE: Final = ("run_started", "run_cancelled")
UNREADABLE: Final = "cannot be read"
ERROR_LINES: Final = "lines logged as errors"


def what(call: SeenCall) -> str:
    """The name of a call's answer, but for a number when an actor asks the same again."""
    actor = call.actor if call.phase == "race" else "afterwards" if call.phase != "given" else "before"
    return " ".join(word for word in (f"{actor}: {call.kind}", call.entity) if word)


def named_calls(calls: Iterable[SeenCall]) -> list[tuple[str, SeenCall]]:
    """Each call with a name that no other one has."""
    seen: Counter[str] = Counter()
    found = []
    for call in calls:
        name = what(call)
        seen[name] += 1
        found.append((name if seen[name] == 1 else f"{name} ({seen[name]})", call))
    return found


def answer_in_words(call: SeenCall) -> str:
    """How a call was answered."""
    if call.answer == "unexpected":
        return f"unexpected error {call.message.partition(':')[0]}"
    if call.answer == "ok" and call.kind == "step_started" and call.attempt >= 0:
        return f"success, attempt {call.attempt}"
    return say(call.answer)


def say(answer: str) -> str:
    """The word for a kind of answer."""
    return _ANSWERS.get(answer, answer)


def stored(observed: Observed, values: Values) -> Facts:
    """What the suite found stored."""
    facts: Facts = {}
    facts |= {name: UNREADABLE for name, _ in observed.unreadable}
    for run in observed.runs:
        facts[run.name] = _run(run.status, values.of(run.output))
        for step in run.steps:
            facts[step.name] = _step(step.status, step.attempt, values.of(step.output))
        for hook, _ in run.hooks:
            facts[f"{hook} of {run.name}"] = "alive"
        facts |= _log(run.name, run.events) | _other_results(run)
    for token, owner in observed.owners:
        facts[token] = f"held by {owner}" if owner else "free"
    starts: dict[str, set[int]] = {}
    for call in observed.calls:
        if call.kind == "run_started" and call.started >= 0:
            starts.setdefault(call.run, set()).add(call.started)
    for run in observed.runs:
        if run.started >= 0:
            starts.setdefault(run.name, set()).add(run.started)
    facts |= {f"startedAt of {name}": _values(len(times)) for name, times in starts.items()}
    return facts


def expected(state: State, observed: Observed, values: Values) -> Facts:
    """What is stored when the spec is in this state, of the runs and tokens that were looked at."""
    facts: Facts = {}
    names = [run.name for run in observed.runs] + [name for name, _ in observed.unreadable]
    for name in names:
        run = state.runs.get(name)
        if run is None:
            continue
        facts[name] = _run(run.status, values.of(run.output))
        if run.started_at is not None:
            facts[f"startedAt of {name}"] = _values(1)
        facts |= _log(name, [(kind, entity or "") for owner, kind, entity in state.log if owner == name])
    for (owner, name), step in state.steps.items():
        if owner in names:
            facts[name] = _step(step.status, step.attempt, values.of(step.output))
    for name, hook in state.hooks.items():
        if hook.status == "active" and hook.run_id in names:
            facts[f"{name} of {hook.run_id}"] = "alive"
    for token, _ in observed.owners:
        holder = state.tokens.get(token)
        facts[token] = f"held by {state.hooks[holder].run_id}" if holder is not None else "free"
    return facts


def _run(status: str, output: str) -> str:
    return f"{status}, output {output}" if status == "completed" else status


def _step(status: str, attempt: int, output: str) -> str:
    result = f", result {output}" if status == "completed" else ""
    return f"{status}, attempt {attempt}{result}"


def _log(run: str, events: Iterable[tuple[str, str]]) -> Facts:
    counts = Counter(events)
    return {
        f"log of {run}: {kind} {entity}".rstrip(): f"{1 if kind in _ONCE_OR_MORE else count} x"
        for (kind, entity), count in counts.items()
    }


def log_orders(runs: Iterable[SeenRun]) -> Facts:
    """The order of each log, where it is what is wrong: no right outcome says anything of it."""
    return {
        f"order of the log of {run.name}": ", ".join(
            f"{kind} {entity}".rstrip() for kind, entity in run.events
        )
        for run in runs
    }


def _other_results(run: SeenRun) -> Facts:
    """What the log holds as results, where it is not what the entities hold: right nowhere."""
    held = {step.name: step.output for step in run.steps if step.status == "completed"}
    if run.status == "completed":
        held[""] = run.output
    first: dict[str, Hashable] = {}
    for _, entity, value in run.results:
        first.setdefault(entity, value)
    return {
        f"log of {run.name}: result of {entity or run.name}": "not the stored one"
        for entity, value in first.items()
        if None not in (value, held.get(entity)) and value != held[entity]
    }


def _values(count: int) -> str:
    return f"{count} value{'s' if count > 1 else ''}"


class Values:
    """What the values of a history are as JSON, looked up by their frozen form (:func:`freeze`)."""

    def __init__(self, history: History) -> None:
        self._texts: dict[Hashable, str] = {None: "null"}
        for snapshot in history.snapshots:
            self._add(snapshot.run.get("output"))
            for step in snapshot.steps:
                self._add(step.get("output"))
        for call in history.calls:
            if call.op == "events.create":
                data = call.event.get("eventData") or {}
                self._add(data.get("result"))
                self._add(data.get("output"))

    def of(self, frozen: Hashable) -> str:
        """JSON with its keys in order, as ``canonical`` of the script writes it."""
        return self._texts[frozen]

    def _add(self, value: Any) -> None:
        self._texts[freeze(value)] = json.dumps(
            _as_js(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
        )


def _as_js(value: Any) -> Any:
    """JavaScript has one kind of number, and no property that is undefined."""
    if isinstance(value, dict):
        return {key: _as_js(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_js(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
