"""Replaying every log that was read, once the case is over: each must replay, and all must agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.history import Call, History
from conformance.model import Completed, Diverged, Runtime, Threw, replay
from conformance.spec.events import Entity, Event


def replay_logs(history: History, runtime: Runtime, workflows: Mapping[str, str]) -> None:
    """Append to ``history.replays`` what each log that was read comes to: ``(reader, what is wrong)``.

    A log is what one ``events.list`` gave, if it gave all. It is replayed with the run as its reader
    had got it, since ids are derived from it: two different ``startedAt`` values show here.
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
            wrong = _wrong(run, call.value["data"], runtime, workflows[run_id])
            history.replays.append((call.lane, wrong))
    for snapshot in history.snapshots:
        if snapshot.run_id in workflows and snapshot.run.get("startedAt") is not None:
            wrong = _wrong(snapshot.run, snapshot.events, runtime, workflows[snapshot.run_id], final=True)
            history.replays.append(("the suite", wrong))


def _run_of(call: Call) -> str:
    run_id: str = call.args[0]["runId"]
    return run_id


def _wrong(run: Entity, events: list[Event], runtime: Runtime, name: str, *, final: bool = False) -> str:
    workflow = runtime.workflow(name)
    assert workflow is not None
    outcome = replay(workflow, run, events, 0)
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
