"""Whether what was handed over is there in the end: in the event that it became, and in its entity.

A replay takes results, errors, payloads and times from the log, a step's handler takes its input from the
step, and whoever waits for a run takes output or error from the run. What is lost there is lost for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from conformance.core.history import Call, History, Snapshot
from conformance.oracle.names import Freeze, Name
from conformance.spec.clock import millis
from conformance.spec.vocabulary import Entity, Event

#: Fields of events that a replay reads: they are what was handed over.
_EXACT: Final = {
    "run_created": ("workflowName", "input"),
    "run_completed": ("output",),
    "step_created": ("stepName", "input"),
    "step_completed": ("result",),
    "hook_created": ("token",),
    "hook_received": ("payload",),
}
#: Fields that a World shapes in its own way: they are there.
_THERE: Final = {"run_failed": ("error",), "step_failed": ("error",), "wait_created": ("resumeAt",)}
#: Creations, and the fields of their entities; ends, and the status in which the entity has the field.
_OF_ENTITY: Final = {"run_created": ("workflowName", "input"), "step_created": ("stepName", "input")}
_OF_FAILED: Final = {"run_failed": "error", "step_failed": "error"}


class SeenLoss(NamedTuple):
    """What is not there of a call that succeeded. ``where``: ``event``, or what kind of entity.
    ``another``: there is something else in its place."""

    run: str
    entity: str
    kind: str
    where: str
    field: str
    another: bool


def losses(history: History, name: Name, freeze: Freeze) -> tuple[SeenLoss, ...]:
    """What was handed over and is not there in the end, each once."""
    found: dict[SeenLoss, None] = {}
    calls = [call for call in history.calls if call.op == "events.create" and call.done]
    for snapshot in history.snapshots:
        logged = {event["eventId"]: event for event in snapshot.events}
        mine = [call for call in calls if _run_of(call) == snapshot.run_id]
        for call in mine:
            event = logged.get(((call.value or {}).get("event") or {}).get("eventId"))
            if event is not None and event["eventType"] == call.event["eventType"]:
                for loss in (*_in_event(call, event, freeze), *_in_entity(call, snapshot, mine, freeze)):
                    run, entity = name(snapshot.run_id), name(call.event.get("correlationId"))
                    found[SeenLoss(run, entity, call.event["eventType"], *loss)] = None
    return tuple(found)


def _run_of(call: Call) -> str | None:
    run = (call.value or {}).get("run")
    return run["runId"] if run is not None else call.run_id


def _in_event(call: Call, event: Event, freeze: Freeze) -> Iterator[tuple[str, str, bool]]:
    given, kept = call.event.get("eventData"), event.get("eventData")
    if given is kept or not given:
        return
    kind = event["eventType"]
    for field in _EXACT.get(kind, ()):
        if _is_due(given.get(field)):
            yield from _compared("event", field, given[field], (kept or {}).get(field), freeze)
    for field in _THERE.get(kind, ()):
        if _is_due(given.get(field)) and (kept or {}).get(field) is None:
            yield "event", field, False
    if kind == "wait_created" and kept and millis(kept.get("resumeAt")) != millis(given.get("resumeAt")):
        yield "event", "resumeAt", kept.get("resumeAt") is not None


def _in_entity(
    call: Call, snapshot: Snapshot, calls: list[Call], freeze: Freeze
) -> Iterator[tuple[str, str, bool]]:
    event = call.event
    kind, given = event["eventType"], event.get("eventData")
    if not given or (kind not in _OF_ENTITY and kind not in _OF_FAILED):
        return
    family = kind[:4].rstrip("_")
    entity = _entity(family, call, snapshot)
    if entity is None:
        return
    if kind in _OF_ENTITY and _is_only(call, calls):
        for field in _OF_ENTITY[kind]:
            if _is_due(given.get(field)):
                yield from _compared(family, field, given[field], entity.get(field), freeze)
    field = _OF_FAILED.get(kind, "")
    if field and entity.get("status") == "failed" and _is_due(given.get(field)) and entity.get(field) is None:
        yield family, field, False


def _compared(
    where: str, field: str, given: Any, kept: Any, freeze: Freeze
) -> Iterator[tuple[str, str, bool]]:
    if kept is given:
        return
    if kept is None or freeze(kept) != freeze(given):
        yield where, field, kept is not None


def _entity(family: str, call: Call, snapshot: Snapshot) -> Entity | None:
    if family == "run":
        return snapshot.run
    key = call.event.get("correlationId")
    return next((step for step in snapshot.steps if family == "step" and step["stepId"] == key), None)


def _is_due(value: Any) -> bool:
    """Whether a value has to be there: nothing, false, 0 and empty texts may be left out, as no runtime hands
    them over bare."""
    return value not in (None, False, "", 0)


def _is_only(call: Call, calls: list[Call]) -> bool:
    """Whether no other call of that kind succeeded: else it is not said whose data is there."""
    event = call.event
    same = (event["eventType"], event.get("correlationId"))
    return not any(
        other is not call and (other.event["eventType"], other.event.get("correlationId")) == same
        for other in calls
    )
