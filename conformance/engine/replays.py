"""Replaying every log that was read, once the case is over: each must replay, and all must agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.history import Call, History
from conformance.model import Completed, Diverged, Runtime, Threw, replay
from conformance.model.ids import Ids
from conformance.spec.clock import millis
from conformance.spec.events import Entity, Event


#: Of a run, when it was started (ms since 1970): the id that its first call site gets from the real runtime.
FirstIds = Mapping[tuple[str, float], str]


def replay_logs(
    history: History, runtime: Runtime, workflows: Mapping[str, str], first: FirstIds | None = None
) -> None:
    """Append to ``history.replays`` what each log that was read comes to: ``(reader, what is wrong)``.

    A log is what one ``events.list`` gave, if it gave all. It is replayed with the run as its reader
    had got it, since ids are derived from it: two different ``startedAt`` values show here. ``first`` when the
    real runtime drew the ids.
    """
    known: dict[tuple[str, str], Entity] = {}
    finals = {snapshot.run_id: snapshot for snapshot in history.snapshots}
    for call in history.calls:
        if call.error is not None or call.phase == "read":
            continue
        if call.op == "events.create":
            run = call.value.get("run")
            if run is not None and run.get("startedAt") is not None:
                known[call.lane, run["runId"]] = run
        elif call.op == "events.list":
            run_id = _run_of(call)
            final = finals.get(run_id)
            part = call.value.get("hasMore") or "cursor" in call.args[0].get("pagination", {})
            if final is None or run_id not in workflows or part:
                continue
            run = known.get((call.lane, run_id), final.run)
            wrong = _wrong(run, call.value["data"], runtime, workflows[run_id], first)
            history.replays.append((call.lane, wrong))
    for snapshot in history.snapshots:
        if snapshot.run_id in workflows and snapshot.run.get("startedAt") is not None:
            name = workflows[snapshot.run_id]
            wrong = _wrong(snapshot.run, snapshot.events, runtime, name, first, final=True)
            history.replays.append(("the suite", wrong))


def _run_of(call: Call) -> str:
    run_id: str = call.args[0]["runId"]
    return run_id


def _wrong(
    run: Entity,
    events: list[Event],
    runtime: Runtime,
    name: str,
    first: FirstIds | None,
    *,
    final: bool = False,
) -> str:
    workflow = runtime.workflow(name)
    assert workflow is not None
    ids = Ids.beginning(first[run["runId"], millis(run["startedAt"]) or 0.0]) if first else None
    outcome = replay(workflow, run, events, 0, ids)
    if isinstance(outcome, Diverged):
        event = outcome.event
        return f"it cannot be replayed: {outcome.reason} ({event['eventType'] if event else 'no event'})"
    if final and run.get("status") == "completed":
        return _ending(outcome, run)
    return ""


def _ending(outcome: Any, run: Entity) -> str:
    if isinstance(outcome, Completed) and outcome.output == run.get("output"):
        return ""
    if isinstance(outcome, Threw):
        return "the run is completed, but its log replays to an error"
    return "the run is completed, but its log replays to something else"
