"""Replaying every log that was read, once the case is over: each must replay, and all must agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from conformance.core.history import Call, History
from conformance.handlers import Completed, Diverged, Outcome, Runtime, Suspended, Threw, replay
from conformance.handlers.ids import Ids
from conformance.spec.clock import millis
from conformance.spec.vocabulary import RUN_TERMINAL, Entity, Event

#: Of a run, when it was started (ms since 1970): the id that its first call site gets from the real runtime.
FirstIds = Mapping[tuple[str, float], str]


class Outcomes(dict[int, Outcome]):
    """What the real runtime itself makes of logs: by the ``id`` of the list of events, as the history has it.

    A log that it could not be asked about is left out, and then not judged.
    """


class Reading(NamedTuple):
    """A whole log that somebody read, with the run as that reader had got it."""

    reader: str
    run_id: str
    run: Entity
    events: list[Event]
    #: the call that gave it; None: read by the suite at the end
    call: Call | None = None


_MOST_REPLAYED: Final = 2_000
#: Outcomes of replays by all that they depend on; they are values, so they can be given again.
_REPLAYED: dict[tuple[object, ...], Outcome] = {}


def readings(history: History, workflows: Mapping[str, str]) -> Iterator[Reading]:
    """Every log that was read, in order; those of the end last.

    A log is what one ``events.list`` gave, if it gave all. Its run is the one that its reader had got, since
    ids are derived from it: two different ``startedAt`` values show here.
    """
    known: dict[tuple[str, str], Entity] = {}
    finals = {snapshot.run_id: snapshot for snapshot in history.snapshots}
    for call in history.calls:
        if not call.done or call.phase == "read":
            continue
        if call.op == "events.create":
            run = call.value.get("run")
            if run is not None and run.get("startedAt") is not None:
                known[call.actor, run["runId"]] = run
        elif call.op == "events.list":
            run_id = _run_of(call)
            final = finals.get(run_id)
            part = call.value.get("hasMore") or "cursor" in call.args[0].get("pagination", {})
            if final is None or run_id not in workflows or part:
                continue
            run = known.get((call.actor, run_id), final.run)
            yield Reading(call.actor, run_id, run, call.value["data"], call)
    for snapshot in history.snapshots:
        if snapshot.run_id in workflows and snapshot.run.get("startedAt") is not None:
            yield Reading("the suite", snapshot.run_id, snapshot.run, snapshot.events)


def replay_logs(
    history: History,
    runtime: Runtime,
    workflows: Mapping[str, str],
    first: FirstIds | Outcomes | None = None,
) -> None:
    """Append to ``history.replays`` what each log that was read comes to: ``(reader, what is wrong)``.

    ``first`` when the real runtime drew the ids, or replays its logs itself.
    """
    for reading in readings(history, workflows):
        outcome = _replay(reading.run, reading.events, runtime, workflows[reading.run_id], first)
        if outcome is not None:
            wrong = _wrong(outcome, reading.run, final=reading.call is None)
            history.replays.append((reading.reader, wrong))


def find_stuck(
    history: History,
    runtime: Runtime,
    workflows: Mapping[str, str],
    first: FirstIds | Outcomes | None = None,
) -> None:
    """Append to ``history.stuck`` the runs that nobody will carry on, now that no message is left.

    A run may be left waiting for a payload of its hooks, and for nothing else.
    """
    for snapshot in history.snapshots:
        run = snapshot.run
        if snapshot.run_id not in workflows or run.get("status") in RUN_TERMINAL:
            continue
        if run.get("startedAt") is None:
            history.stuck.append((snapshot.run_id, "nobody started it"))
            continue
        outcome = _replay(run, snapshot.events, runtime, workflows[snapshot.run_id], first)
        why = "" if outcome is None else _waits_for(outcome, {hook["hookId"] for hook in snapshot.hooks})
        if why:
            history.stuck.append((snapshot.run_id, why))


def _waits_for(outcome: Outcome, live_hooks: set[str]) -> str:
    """What the run waits for in vain; empty when it is a payload that may still come."""
    if isinstance(outcome, Diverged):
        return "its log cannot be replayed"
    if not isinstance(outcome, Suspended):
        return "its workflow is over, and nobody ended it"
    open_ids = [step.id for step in outcome.steps] + [wait.id for wait in outcome.waits]
    if open_ids:
        return f"it waits for {' and '.join(open_ids)}"
    if not any(hook.id in live_hooks for hook in outcome.hooks):
        return "no hook of it is alive"
    return ""


def _replay(
    run: Entity, events: list[Event], runtime: Runtime, name: str, first: FirstIds | Outcomes | None
) -> Outcome | None:
    """What a log comes to; None when only the runtime could tell, and could not be asked."""
    if isinstance(first, Outcomes):
        return first.get(id(events))
    workflow = runtime.workflow(name)
    assert workflow is not None
    if not workflow.exact:
        return None
    started_at = millis(run["startedAt"]) or 0.0
    # A replay is a function of these, and the schedules of one case come by few logs that differ.
    log = tuple([(e["eventType"], e.get("correlationId"), repr(e.get("eventData"))) for e in events])
    key = (id(workflow), run["runId"], started_at, repr(run.get("input")), log)
    outcome = _REPLAYED.get(key) if first is None else None
    if outcome is None:
        ids = Ids.beginning(first[run["runId"], started_at]) if first else None
        outcome = replay(workflow, run, events, 0, ids)
        if first is None:
            if len(_REPLAYED) >= _MOST_REPLAYED:
                _REPLAYED.clear()
            _REPLAYED[key] = outcome
    return outcome


def _run_of(call: Call) -> str:
    run_id: str = call.args[0]["runId"]
    return run_id


def _wrong(outcome: Outcome, run: Entity, *, final: bool) -> str:
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
