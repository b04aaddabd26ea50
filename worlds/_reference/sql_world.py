"""A World over SQL: everything but the transaction, which is each database's own.

A subclass says how statements are run (:meth:`SqlWorld.rows`) and how a transition is made one
(:meth:`SqlWorld.transition`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from conformance.spec.batch import answer_of, results, singles
from conformance.spec.vocabulary import WorldError, conflict, not_found
from conformance.world import Access, Key, rows

from . import sql
from .line import CREATED_AND_STARTED, OfLine, halves
from .refusal import refusal
from .shapes import (
    ENDS_RUN,
    Entity,
    Event,
    changes,
    conflict_entry,
    creates_run,
    entity_of,
    family_of,
    log_entry,
    merged,
    milliseconds,
    new_id,
    now,
    page,
    page_of,
    position_of,
    suppress_conflict,
    text_of,
)
from .text import dumps, loads

Row = Mapping[str, Any]
Values = dict[str, Any]


class Taken(NamedTuple):
    """What a transition found and did: the run's state before it, the entity's row, the log's position.

    Without a position nothing was done, and ``row`` is the entity as it is. ``conflict``: a hook was
    refused its token, which the log keeps. ``known``: the event that the same resumption made before.
    """

    run: str | None
    row: Row | None
    position: int | None
    conflict: bool = False
    known: Row | None = None


class Move(NamedTuple):
    """An event on its way into the log: the transition, its parameters, and the entry that it may become."""

    kind: str
    values: Values
    entry: Event
    conflict: Event


class SqlWorld(OfLine, ABC):
    """Storage and queue on tables; see :mod:`worlds._reference.sql`."""

    def schema(self) -> str:
        """What creates the tables."""
        return sql.SCHEMA

    def statement(self, kind: str) -> str:
        """The statement that takes an event of that type."""
        if kind == CREATED_AND_STARTED:
            return sql.CREATE_AND_START
        if kind == "step_started" and self.line.strict:
            return sql.START_IN_LIVE_RUN
        return sql.MOVES[kind]

    def releases(self, kind: str) -> bool:
        """Whether an event of that type releases the hooks of its run."""
        return kind in ENDS_RUN

    def with_attributes(self, values: Values, run: Row | None) -> Values:
        """The values of an event that sets attributes, with what they are then. ``run`` is locked, or None
        where there is none."""
        if "event" not in values:
            return values
        before = loads(run["attributes"]) if run is not None and run["attributes"] else {}
        return values | {"attributes": dumps(merged(before, values["event"]))}

    async def transition(self, kind: str, values: Values) -> Taken:
        """Take one event in one transaction."""
        (taken,) = await self.transitions([(kind, values)])
        return taken

    @abstractmethod
    async def transitions(self, asked: Sequence[tuple[str, Values]]) -> list[Taken]:
        """Take events of one run in one transaction, in which nobody else changes this run."""

    @abstractmethod
    async def rows(
        self, label: str, access: Access, keys: Sequence[Key], text: str, values: Values
    ) -> list[Row]:
        """One statement, one round trip."""

    # -- events -------------------------------------------------------------------------------------

    async def events_create(
        self, run_id: str | None, event: Event, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Take one event. ``params`` may have a ``resumeId``. Raises :class:`WorldError`."""
        run_id = run_id or new_id("wrun")
        if creates_run(event) and not await self.look("run", run_id):
            with suppress_conflict():  # somebody else made it meanwhile, which is as good
                await self._take(run_id, {**event, "eventType": "run_created"}, {})
        return await self._take(run_id, event, self.line.resume_of(event, params))

    async def events_create_batch(self, run_id: str, asked: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Take the events of a batch in one transaction. Raises :class:`WorldError`: none may hold some."""
        events = singles([one["event"] for one in asked])
        moves = [self._move_of(run_id, event, {}) for event in events]
        taken = await self.transitions([(move.kind, move.values) for move in moves])
        return results(events, [answer_of(self._answer, *one) for one in zip(moves, taken, strict=True)])

    async def _take(self, run_id: str, event: Event, resume: dict[str, Any]) -> dict[str, Any]:
        move = self._move_of(run_id, event, resume)
        return self._answer(move, await self.transition(move.kind, move.values))

    def _move_of(self, run_id: str, event: Event, resume: dict[str, Any]) -> Move:
        """What a transaction is told of an event."""
        event, at = self.line.stamped(event), now()
        kind = self.line.kind_of(event)
        created, own = halves(event) if kind == CREATED_AND_STARTED else (None, event)
        entry = log_entry(run_id, own | resume, at)
        fields = changes(created or event, at)
        due = fields.get("retryAfter")
        values: Values = {
            "run": run_id,
            "id": event.get("correlationId"),
            "at": milliseconds(at),
            "set": text_of(fields),
            "created": None if created is None else dumps(log_entry(run_id, created, at)),
            "entry": dumps(entry),
            "due": None if due is None else milliseconds(due),
            "once": self.line.once_of(event, resume),
            "digest": resume.get("resumePayloadDigest"),
        }
        if kind == "attr_set":
            values["event"] = event
        if kind == "hook_created":
            values["token"] = event["eventData"]["token"]
            values["conflict"] = dumps(conflict_entry(run_id, event, at))
        return Move(kind, values, entry, conflict_entry(run_id, event, at) if "conflict" in values else {})

    def _answer(self, move: Move, taken: Taken) -> dict[str, Any]:
        """What came of an event. Raises :class:`WorldError`."""
        kind, values = move.kind, move.values
        run_id: str = values["run"]
        if taken.known is not None:
            return self._known(run_id, values, taken.known)
        if taken.position is None:
            return self._refused(run_id, kind, taken, values["at"])
        entry = move.conflict if taken.conflict else move.entry
        result: dict[str, Any] = {"event": entry | {"eventId": self.line.event_id(run_id, taken.position)}}
        if taken.row is not None:
            result[family_of(kind)] = _entity(family_of(kind), taken.row)
        return result if values["created"] is None else result | {"stepCreated": True}

    def _known(self, run_id: str, values: Values, known: Row) -> dict[str, Any]:
        """The event of a resumption that came again; refused when it is not the same one."""
        event = self._event(run_id, known)
        if event["eventType"] == "attr_set":
            raise conflict("the attributes are set")
        if (event["correlationId"], known["digest"]) != (values["id"], values["digest"]):
            raise conflict("another payload was handed over under that id")
        return {"event": event}

    def _refused(self, run_id: str, kind: str, taken: Taken, at: int) -> dict[str, Any]:
        row = taken.row or {}
        wait_ms = (row.get("due") or 0) - at
        run = row.get("status") if kind.startswith("run_") else taken.run
        entity = None if kind == "attr_set" else row.get("status")
        why = refusal(kind, run, entity, wait_ms=wait_ms, strict=self.line.strict)
        if why == "again":
            return {"run": _entity("run", row)}
        if why is None:
            raise RuntimeError(f"{kind} on {run_id} did not happen, and nothing speaks against it: {taken}")
        raise why

    def _event(self, run_id: str, row: Row) -> Event:
        return loads(row["entry"]) | {"eventId": self.line.event_id(run_id, row["position"])}  # type: ignore[no-any-return]

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        run_id, asked = params["runId"], params.get("pagination", {})
        limit, order = asked.get("limit") or 100, asked.get("sortOrder") or "asc"
        after = position_of(asked.get("cursor"))
        if after == 0 and order == "desc":
            after = 2**62
        values = {"run": run_id, "after": after, "limit": limit + 1}
        found = await self.rows(f"SELECT events {run_id}", "read", [run_id], sql.EVENTS[order], values)
        return page([self._event(run_id, row) for row in found], limit, "eventId", asked.get("cursor"))

    # -- entities -----------------------------------------------------------------------------------

    async def runs_get(self, run_id: str) -> Entity:
        rows = await self.look("run", run_id)
        if not rows:
            raise WorldError("WorkflowRunNotFoundError", f"run {run_id} not found", status=404)
        return _entity("run", rows[0])

    async def steps_get(self, run_id: str, step_id: str) -> Entity:
        rows = await self.look("step", run_id, step_id)
        if not rows:
            raise not_found(f"step {step_id} not found")
        return _entity("step", rows[0])

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return await self._list("step", params)

    async def hooks_get(self, hook_id: str) -> Entity:
        keys = [rows("hooks", id=hook_id)]
        return _hook(await self.rows("SELECT hook", "read", keys, sql.HOOK_BY_ID, {"id": hook_id}))

    async def hooks_get_by_token(self, token: str) -> Entity:
        keys = [rows("hooks", token=token)]
        return _hook(await self.rows("SELECT hook", "read", keys, sql.HOOK_BY_TOKEN, {"token": token}))

    async def hooks_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return await self._list("hook", params)

    async def look(self, family: str, run_id: str, entity_id: str | None = None) -> list[Row]:
        values = {"run": run_id, "id": entity_id}
        return await self.rows(f"SELECT {family} {run_id}", "read", [run_id], sql.LOOK[family], values)

    async def _list(self, family: str, params: dict[str, Any]) -> dict[str, Any]:
        """In the order of creation; a run has few, so they are read whole."""
        run_id = params["runId"]
        rows = await self.rows(
            f"SELECT {family}s {run_id}", "read", [run_id], sql.LISTS[family], {"run": run_id}
        )
        return page_of(family, [_entity(family, row) for row in rows], params.get("pagination", {}))

    # -- queue --------------------------------------------------------------------------------------

    #: for TAKE: how two takers keep from waiting for each other
    locking = ""

    async def queue(self, name: str, message: Any, options: dict[str, Any] | None = None) -> dict[str, Any]:
        """Queue a message. A second one with the key of a message not yet done is that message."""
        given = options or {}
        values = {
            "message": new_id("msg"),
            "queue": name,
            "body": dumps(message),
            "once": given.get("idempotencyKey"),
            "due": milliseconds(now()) + round((given.get("delaySeconds") or 0) * 1000),
        }
        rows = await self.rows("INSERT message", "write", [f"queue:{name}"], sql.PUT, values)
        return {"messageId": rows[0]["message_id"]}

    async def take(self, name: str, lease_seconds: float = 30) -> dict[str, Any] | None:
        """A message that is due: ``{messageId, message, attempt}``. It comes back when the lease is over."""
        at = milliseconds(now())
        values = {"queue": name, "at": at, "until": at + round(lease_seconds * 1000)}
        text = sql.TAKE.format(locking=self.locking)
        rows = await self.rows("UPDATE message", "write", [f"queue:{name}"], text, values)
        return {"message": loads(rows[0]["body"])} | _message(rows[0]) if rows else None

    async def done(self, name: str, message_id: str) -> None:
        await self.rows("DELETE message", "write", [f"queue:{name}"], sql.DONE, {"message": message_id})

    async def again(self, name: str, message_id: str, delay_seconds: float) -> None:
        """Deliver a message taken once more, after a delay."""
        values = {"message": message_id, "due": milliseconds(now()) + round(delay_seconds * 1000)}
        await self.rows("UPDATE message", "write", [f"queue:{name}"], sql.AGAIN, values)


def _entity(family: str, row: Row) -> Entity:
    return entity_of(family, row["run_id"], row.get(f"{family}_id"), row)


def _hook(rows: list[Row]) -> Entity:
    if not rows:
        raise not_found("there is no such hook")
    return _entity("hook", rows[0])


def _message(row: Row) -> dict[str, Any]:
    return {"messageId": row["message_id"], "attempt": row["attempt"]}
