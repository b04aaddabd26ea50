"""Entities and events as the SDK shapes them, and what an event changes in its entity.

Nothing here decides anything: whether an event may be taken is each database's own business.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from conformance.spec.vocabulary import RUN_TERMINAL, WorldError
from conformance.world import Key, rows

from .text import dumps, loads

Entity = dict[str, Any]
Event = dict[str, Any]

#: The state of the entity after an event that was taken.
NEXT: Final = {
    "run_created": "pending",
    "run_started": "running",
    "run_completed": "completed",
    "run_failed": "failed",
    "run_cancelled": "cancelled",
    "step_created": "pending",
    "step_started": "running",
    "step_created_and_started": "running",
    "step_completed": "completed",
    "step_failed": "failed",
    "step_retrying": "pending",
    "wait_created": "waiting",
    "wait_completed": "completed",
    "hook_created": "active",
    "hook_received": "active",
    "hook_disposed": "disposed",
    "attr_set": "set",
}
#: What only line 5.x has.
LINE_5_ONLY: Final = frozenset({"step_created_and_started", "attr_set"})
ENDED: Final = tuple(sorted(RUN_TERMINAL))
#: Events that end a run, and with it release its hooks.
ENDS_RUN: Final = frozenset(event for event, state in NEXT.items() if event[:4] == "run_" and state in ENDED)

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def now() -> datetime:
    """The time, in whole milliseconds as every SDK keeps it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def date_of(value: Any) -> datetime | None:
    """A date that came as such, as ISO 8601 text, or as milliseconds since 1970."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000, UTC)
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def new_id(prefix: str) -> str:
    """A ULID with a prefix (``wrun_01J…``)."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    return f"{prefix}_" + "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def position_of(cursor: str | None) -> int:
    """The position that a cursor (an event id) names; 0 without one."""
    return 0 if cursor is None else int(cursor.rpartition("_")[2])


def data_of(event: Event) -> dict[str, Any]:
    return event.get("eventData") or {}


def creates_run(event: Event) -> bool:
    """A ``run_started`` that can make its run, should ``run_created`` have been lost."""
    data = data_of(event)
    return event["eventType"] == "run_started" and all(
        data.get(key) is not None for key in ("deploymentId", "workflowName", "input")
    )


def log_entry(run_id: str, event: Event, at: datetime) -> Event:
    """The event as the log keeps it, without its id. A start has no data: that belongs to the creation."""
    entry = {**event, "runId": run_id, "createdAt": at}
    if event["eventType"] == "run_started":
        entry.pop("eventData", None)
    return entry


def conflict_entry(run_id: str, event: Event, at: datetime) -> Event:
    """What the log keeps of a hook whose token another one holds."""
    token = {"token": event["eventData"]["token"]}
    return log_entry(run_id, {**event, "eventType": "hook_conflict", "eventData": token}, at)


def changes(event: Event, at: datetime) -> Entity:
    """What an event sets in its entity, besides the status; ``startedAt`` and ``attempt`` are not in it."""
    data = data_of(event)
    kind = event["eventType"]
    created = {"createdAt": at, "updatedAt": at, "specVersion": event.get("specVersion")}
    match kind:
        case "run_created":
            names = ("deploymentId", "workflowName", "input", "executionContext")
            found = {**created, **{name: data.get(name) for name in names}}
        case "step_created":
            found = {**created, "stepName": data["stepName"], "input": data.get("input")}
        case "wait_created":
            found = {**created, "resumeAt": date_of(data.get("resumeAt"))}
        case "hook_created":
            found = {**created, **{name: data.get(name) for name in ("token", "metadata", "isWebhook")}}
            found |= {"ownerId": "", "projectId": "", "environment": ""}
        case "run_completed":
            found = {"output": data.get("output"), "completedAt": at, "updatedAt": at}
        case "step_completed":
            found = {"output": data.get("result"), "completedAt": at, "updatedAt": at}
        case "run_failed" | "step_failed":
            found = {**_failure(data), "completedAt": at, "updatedAt": at}
        case "step_retrying":
            found = {**_failure(data), "retryAfter": date_of(data.get("retryAfter")), "updatedAt": at}
        case "run_cancelled" | "wait_completed":
            found = {"completedAt": at, "updatedAt": at}
        case _:
            found = {"updatedAt": at}
    return {key: value for key, value in found.items() if value is not None}


def _failure(data: dict[str, Any]) -> Entity:
    """The error of an entity: ``{message, stack?, code?}``. The runtime of 5.x hands over bytes: they are
    kept as they are, and the code stands beside them."""
    error, code = data.get("error"), data.get("errorCode")
    if isinstance(error, bytes):
        return {"error": error, "errorCode": code}
    given = error if isinstance(error, dict) else {} if error is None else {"message": str(error)}
    shaped = {
        "message": given.get("message", "Unknown error"),
        "stack": data.get("stack") or given.get("stack"),
        "code": code or given.get("code"),
    }
    return {"error": {key: value for key, value in shaped.items() if value is not None}}


@contextmanager
def suppress_conflict() -> Iterator[None]:
    """Go on when what was to be created is there already."""
    try:
        yield
    except WorldError as error:
        if error.answer != "conflict":
            raise


#: Fields of an entity that databases keep by themselves, to look at them; the rest is text to them.
_APART: Final = frozenset({"createdAt", "updatedAt", "retryAfter", "token"})
_ID_OF: Final = {"run": "runId", "step": "stepId", "wait": "waitId", "hook": "hookId"}


def text_of(fields: Entity) -> str:
    """The fields that a database need not look into."""
    return dumps({name: value for name, value in fields.items() if name not in _APART})


def entity_of(family: str, run_id: str, entity_id: str | None, kept: Mapping[str, Any]) -> Entity:
    """What was kept of an entity, as the SDK shapes it.

    ``kept``: ``status``; ``made`` and ``outcome``, texts of fields set at its creation and since;
    ``created``, ``started``, ``updated`` and ``due`` in ms; ``attempt``, ``token``, ``attributes`` (text).
    None is left out.
    """
    entity: Entity = {"runId": run_id}
    if family != "run":
        entity[_ID_OF[family]] = entity_id
    if family != "hook":
        entity["status"] = kept["status"]
    entity |= loads(kept["made"])
    times = {"created": "createdAt", "started": "startedAt", "updated": "updatedAt", "due": "retryAfter"}
    for column, name in times.items():
        if kept.get(column) is not None:
            entity[name] = datetime.fromtimestamp(kept[column] / 1000, UTC)
    entity |= {name: kept[name] for name in ("attempt", "token") if kept.get(name) is not None}
    if kept.get("attributes"):
        entity["attributes"] = loads(kept["attributes"])
    return entity | (loads(kept["outcome"]) if kept.get("outcome") else {})


def page_of(family: str, entities: list[Entity], asked: Mapping[str, Any]) -> dict[str, Any]:
    """The page asked for of all steps or hooks of a run, which come in the order of their creation."""
    key = _ID_OF[family]
    ordered = entities[::-1] if asked.get("sortOrder") == "desc" else entities
    ids = [entity[key] for entity in ordered]
    after = ids.index(asked["cursor"]) + 1 if asked.get("cursor") in ids else 0
    limit = asked.get("limit") or 100
    return page(ordered[after : after + limit + 1], limit, key)


def merged(attributes: Mapping[str, Any], event: Event) -> dict[str, Any]:
    """The attributes of a run after an event that sets some, and removes those whose new value is None."""
    changed = {change["key"]: change["value"] for change in data_of(event)["changes"]}
    return {key: value for key, value in {**attributes, **changed}.items() if value is not None}


def family_of(kind: str) -> str:
    """What an event moves: ``run``, ``step``, ``wait`` or ``hook``. Attributes are those of the run."""
    family = kind.partition("_")[0]
    return "run" if family == "attr" else family


def touches(kind: str, run_id: str, token: str | None = None) -> list[Key]:
    """The keys of a transition's gate: its run, and hooks that others find by their token or id.

    Which tokens a run holds is not known, so what releases its hooks may touch any token.
    """
    if kind in ENDS_RUN or kind == "hook_disposed":
        return [run_id, rows("hooks", run=run_id)]
    return [run_id] if token is None else [run_id, rows("hooks", token=token)]


def page(data: list[Entity], limit: int, cursor_key: str, after: str | None = None) -> dict[str, Any]:
    """One page of a list of which one more than ``limit`` was read. An empty one ends where it began."""
    shown = data[:limit]
    return {
        "data": shown,
        "hasMore": len(data) > limit,
        "cursor": shown[-1][cursor_key] if shown else after,
    }
