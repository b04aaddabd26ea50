"""The reference world on MongoDB: one document per run, one conditional update per transition.

A single document is what MongoDB changes atomically, on any server, without transactions. So everything that
has to move together is in the run's document: its state, its steps, waits and hooks, and its log. Each event
is one ``findOneAndUpdate`` whose filter is the guard and whose update appends to the log, so the log's order
is the order in which events were taken. When the filter finds nothing, the document is read to say why; if by
then nothing speaks against the event, somebody was quicker in between, and it is tried again.

Tokens are unique over runs by a unique index on the claims in the documents. A document is at most 16 MB:
logs with large payloads want those elsewhere, and a reference in the event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING, AsyncMongoClient, ReturnDocument
from pymongo.errors import ConnectionFailure, DuplicateKeyError

from conformance.spec.batch import results, singles
from conformance.spec.vocabulary import WorldError, conflict, not_found
from conformance.world import gate, rows

from .._reference.line import CREATED_AND_STARTED, OfLine, halves, line_of
from .._reference.mutants import Breakable
from .._reference.refusal import refusal
from .._reference.shapes import (
    ENDED,
    Entity,
    Event,
    conflict_entry,
    creates_run,
    entity_of,
    family_of,
    log_entry,
    milliseconds,
    new_id,
    now,
    page,
    page_of,
    position_of,
    suppress_conflict,
    touches,
)
from .._reference.text import dumps, loads
from . import transitions
from .batches import Batch

Document = dict[str, Any]

#: A run's document without its log, but with the log's length.
_SHOWN: Final = {
    **dict.fromkeys(("status", "made", "outcome", "created", "started", "updated", "claims"), 1),
    **dict.fromkeys(("steps", "waits", "hooks", "once", "attributes"), 1),
    "length": {"$size": "$log"},
}


class MongoWorld(Breakable, OfLine):
    """Storage and queue in ``database`` of the server at ``url``."""

    name = "mongodb:reference"
    disconnected = ConnectionError, ConnectionFailure

    def __init__(
        self,
        url: str = "mongodb://localhost:27017",
        database: str = "workflow",
        spec: str = "",
        mutant: str = "",  # noqa: ARG002 - chooses a subclass, see Breakable
    ) -> None:
        self.line = line_of(spec)
        self._client: AsyncMongoClient[Document] = AsyncMongoClient(url)
        self.runs = self._client[database]["runs"]
        self._messages = self._client[database]["messages"]

    @property
    def unique_tokens(self) -> bool:
        """An index keeps two runs from holding one token."""
        return True

    def made_for(self) -> object:
        return self.unique_tokens

    async def open(self) -> None:
        """Connect and make the indexes."""
        await self.runs.create_index([("claims.token", ASCENDING)], unique=self.unique_tokens)
        await self.runs.create_index([("hooks.id", ASCENDING)])
        await self._messages.create_index([("queue", ASCENDING), ("due", ASCENDING)])
        keyed = {"once": {"$type": "string"}}
        await self._messages.create_index(
            [("queue", ASCENDING), ("once", ASCENDING)], unique=True, partialFilterExpression=keyed
        )

    async def close(self) -> None:
        await self._client.close()

    # -- events -------------------------------------------------------------------------------------

    async def events_create(
        self, run_id: str | None, event: Event, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Take one event. ``params`` may have a ``resumeId``. Raises :class:`WorldError`."""
        run_id = run_id or new_id("wrun")
        if creates_run(event) and await self.read(run_id) is None:
            with suppress_conflict():  # somebody else made it meanwhile, which is as good
                await self._create_run(run_id, {**event, "eventType": "run_created"})
        if event["eventType"] == "run_created":
            return await self._create_run(run_id, event)
        asked = {**event, "eventType": self.line.kind_of(event)}
        return await self.transition(run_id, asked | self.line.resume_of(event, params))

    async def _create_run(self, run_id: str, event: Event) -> dict[str, Any]:
        event, at = self.line.stamped(event), now()
        document = transitions.new_run(run_id, event, at)
        try:
            async with self.transport(), gate(f"insert run {run_id}", "write", [run_id]):
                await self.runs.insert_one(document)
        except DuplicateKeyError as error:
            raise conflict("the run exists") from error
        return self._result(run_id, event, at, document | {"length": 1})

    async def transition(self, run_id: str, event: Event) -> dict[str, Any]:
        """Take an event of a run that is there; a start that creates its step has a type of its own."""
        kind = event["eventType"]
        while True:
            at = now()
            taken = await self._move(run_id, event, at)
            if taken is not None:
                return self._result(run_id, event, at, taken)
            seen = await self.read(run_id)
            run, entity = seen or {}, part_of(seen, event) or {}
            for known in run.get("once", ()):
                if known["id"] == event.get("resumeId"):
                    return await self._resumed(run_id, event, known)
                if known["id"] == f"attr {event.get('correlationId')}" and run["status"] not in ENDED:
                    raise conflict("the attributes are set")
            wait_ms = (entity.get("due") or 0) - milliseconds(at)
            state = None if kind == "attr_set" else entity.get("status")
            why = refusal(kind, run.get("status"), state, wait_ms=wait_ms, strict=self.line.strict)
            if why == "again":
                return {"run": entity_of("run", run_id, None, entity)}
            if why is not None:
                raise why
            if kind == "hook_created":
                refused = await self.refuse_token(run_id, event, at)
                if refused is not None:
                    return refused

    async def events_create_batch(self, run_id: str, asked: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Take the events of a batch in one update. Raises :class:`WorldError` for what none may hold."""
        events = singles([one["event"] for one in asked])
        own = [{**event, "eventType": self.line.kind_of(event)} for event in events]
        while True:
            at, seen = now(), await self.read(run_id)
            batch = Batch(run_id, own, seen, at)
            taken = seen if not batch.writes else await self._write_batch(run_id, batch)
            if taken is not None or not batch.writes:
                break
        answers: list[dict[str, Any] | WorldError] = [
            outcome
            if isinstance(outcome, WorldError)
            else self._result(run_id, event, at, {**(taken or {}), "length": outcome})
            for event, outcome in zip(own, batch.outcomes, strict=True)
        ]
        return results(events, answers)

    async def _write_batch(self, run_id: str, batch: Batch) -> Document | None:
        """Write a batch: the run's document after that, None when somebody else wrote since it was read."""
        async with (
            self.transport(),
            gate(f"update run {run_id} batch", "write", [run_id, rows("hooks", run=run_id)]),
        ):
            return await self.runs.find_one_and_update(
                self.batch_guard(batch),
                batch.update,
                projection=_SHOWN,
                return_document=ReturnDocument.AFTER,
            )

    def batch_guard(self, batch: Batch) -> Document:
        return batch.guard

    async def _resumed(self, run_id: str, event: Event, known: Document) -> dict[str, Any]:
        """The event of a resumption that came again; refused when it is not the same one."""
        if (known["hook"], known["digest"]) != (event["correlationId"], event.get("resumePayloadDigest")):
            raise conflict("another payload was handed over under that id")
        log = await self._log(run_id)
        return {"event": next(each for each in log if each.get("resumeId") == known["id"])}

    async def _move(self, run_id: str, event: Event, at: datetime) -> Document | None:
        """Take the event if it may be taken: the run's document after that, else None."""
        kind = event["eventType"]
        token = event["eventData"]["token"] if kind == "hook_created" else None
        try:
            async with (
                self.transport(),
                gate(f"update run {run_id} {kind}", "write", touches(kind, run_id, token)),
            ):
                return await self.runs.find_one_and_update(
                    self.guard(run_id, event, at),
                    self.update(run_id, event, at),
                    projection=_SHOWN,
                    array_filters=transitions.elements(event),
                    return_document=ReturnDocument.AFTER,
                )
        except DuplicateKeyError:
            return None  # a claim of another run stands in the way

    def guard(self, run_id: str, event: Event, at: datetime) -> Document:
        return transitions.guard(run_id, event, at, strict=self.line.strict)

    def update(self, run_id: str, event: Event, at: datetime) -> Document:
        return transitions.update(run_id, event, at)

    async def refuse_token(self, run_id: str, event: Event, at: datetime) -> dict[str, Any] | None:
        """Log that the hook's token is held elsewhere; None when it could be had by now."""
        token = event["eventData"]["token"]
        claim = {"claims.token": transitions.claim_of(token)}
        async with self.transport(), gate("find claim", "read", [rows("hooks", token=token)]):
            held = await self.runs.find_one(claim, {"_id": 1})
        if held is None:
            return None
        found, update = transitions.refused_token(run_id, event, at)
        if held["_id"] == run_id:
            found |= claim  # it may be freed meanwhile, and then this log says so
        async with self.transport(), gate(f"update run {run_id} hook_conflict", "write", [run_id]):
            logged = await self.runs.find_one_and_update(
                found, update, projection=_SHOWN, return_document=ReturnDocument.AFTER
            )
        if logged is None:
            return None
        entry = conflict_entry(run_id, event, at)
        return {"event": entry | {"eventId": self.line.event_id(run_id, logged["length"])}}

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        run_id, asked = params["runId"], params.get("pagination", {})
        limit = asked.get("limit") or 100
        events = await self._log(run_id)
        after = position_of(asked.get("cursor"))
        if asked.get("sortOrder") == "desc":
            events = events[: after - 1 if after > 0 else None][::-1]
        else:
            events = events[after:]
        return page(events[: limit + 1], limit, "eventId", asked.get("cursor"))

    async def _log(self, run_id: str) -> list[Event]:
        async with self.transport(), gate(f"find log {run_id}", "read", [run_id]):
            found = await self.runs.find_one({"_id": run_id}, {"log": 1})
        texts = enumerate(found["log"] if found else (), 1)
        return [loads(text) | {"eventId": self.line.event_id(run_id, at)} for at, text in texts]

    def _result(self, run_id: str, event: Event, at: datetime, run: Document) -> dict[str, Any]:
        """The answer for an event that was taken; ``run`` is its document after that."""
        family, part = family_of(event["eventType"]), part_of(run, event)
        assert part is not None
        lazy = event["eventType"] == CREATED_AND_STARTED
        own = halves({**event, "eventType": "step_started"})[1] if lazy else event
        taken = log_entry(run_id, own, at) | {"eventId": self.line.event_id(run_id, run["length"])}
        result = {"event": taken, family: entity_of(family, run_id, event.get("correlationId"), part)}
        return result | {"stepCreated": True} if lazy else result

    # -- entities -----------------------------------------------------------------------------------

    async def runs_get(self, run_id: str) -> Entity:
        found = await self.read(run_id)
        if found is None:
            raise WorldError("WorkflowRunNotFoundError", f"run {run_id} not found", status=404)
        return entity_of("run", run_id, None, part_of(found, {"eventType": "run_created"}) or {})

    async def steps_get(self, run_id: str, step_id: str) -> Entity:
        for step in await self._parts("step", run_id):
            if step["stepId"] == step_id:
                return step
        raise not_found(f"step {step_id} not found")

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return await self._list("step", params)

    async def hooks_get(self, hook_id: str) -> Entity:
        return await self._hook(
            {"hooks": {"$elemMatch": {"id": hook_id, "status": "active"}}}, hook_id, {"id": hook_id}
        )

    async def hooks_get_by_token(self, token: str) -> Entity:
        return await self._hook({"claims.token": transitions.claim_of(token)}, token, {"token": token})

    async def hooks_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return await self._list("hook", params)

    async def _hook(self, filters: Document, wanted: str, found_by: dict[str, str]) -> Entity:
        async with self.transport(), gate("find hook", "read", [rows("hooks", **found_by)]):
            found = await self.runs.find_one(filters, {"hooks": 1})
        for hook in (found or {"hooks": []})["hooks"]:
            if hook["status"] == "active" and wanted in (hook["id"], hook["token"]):
                assert found is not None
                return entity_of("hook", found["_id"], hook["id"], hook)
        raise not_found("there is no such hook")

    async def read(self, run_id: str) -> Document | None:
        async with self.transport(), gate(f"find run {run_id}", "read", [run_id]):
            return await self.runs.find_one({"_id": run_id}, _SHOWN)

    async def _parts(self, family: str, run_id: str) -> list[Entity]:
        found = await self.read(run_id)
        parts = found[f"{family}s"] if found else []
        live = (part for part in parts if part["status"] != "disposed")
        return [entity_of(family, run_id, part["id"], part) for part in live]

    async def _list(self, family: str, params: dict[str, Any]) -> dict[str, Any]:
        entities = await self._parts(family, params["runId"])
        return page_of(family, entities, params.get("pagination", {}))

    # -- queue --------------------------------------------------------------------------------------

    async def queue(self, name: str, message: Any, options: dict[str, Any] | None = None) -> dict[str, Any]:
        """Queue a message. A second one with the key of a message not yet done is that message."""
        given = options or {}
        key = given.get("idempotencyKey")
        new = {
            "_id": new_id("msg"),
            "body": dumps(message),
            "due": milliseconds(now()) + round((given.get("delaySeconds") or 0) * 1000),
            "attempt": 0,
        }
        same = {"queue": name, "once": key} if key is not None else {"_id": new.pop("_id"), "queue": name}
        async with self.transport(), gate(f"upsert message {name}", "write", [f"queue:{name}"]):
            found = await self._messages.find_one_and_update(
                same, {"$setOnInsert": new}, upsert=True, return_document=ReturnDocument.AFTER
            )
        assert found is not None  # an upsert finds what it made
        return {"messageId": found["_id"]}

    async def take(self, name: str, lease_seconds: float = 30) -> dict[str, Any] | None:
        """A message that is due: ``{messageId, message, attempt}``. It comes back when the lease is over."""
        at = milliseconds(now())
        async with self.transport(), gate(f"update message {name}", "write", [f"queue:{name}"]):
            found = await self._messages.find_one_and_update(
                {"queue": name, "due": {"$lte": at}},
                {"$set": {"due": at + round(lease_seconds * 1000)}, "$inc": {"attempt": 1}},
                sort=[("due", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            )
        if not found:
            return None
        return {"messageId": found["_id"], "message": loads(found["body"]), "attempt": found["attempt"]}

    async def done(self, name: str, message_id: str) -> None:
        async with self.transport(), gate(f"delete message {name}", "write", [f"queue:{name}"]):
            await self._messages.delete_one({"_id": message_id})

    async def again(self, name: str, message_id: str, delay_seconds: float) -> None:
        """Deliver a message taken once more, after a delay."""
        due = milliseconds(now()) + round(delay_seconds * 1000)
        async with self.transport(), gate(f"update message {name}", "write", [f"queue:{name}"]):
            await self._messages.update_one({"_id": message_id}, {"$set": {"due": due}})


def part_of(run: Document | None, event: Event) -> Document | None:
    """The entity of an event in the run's document."""
    family, key = family_of(event["eventType"]), event.get("correlationId")
    if run is None or family == "run":
        return run if run is None else run | {"attributes": transitions.attributes_of(run)}
    parts: list[Document] = run[f"{family}s"]
    return next((part for part in parts if part["id"] == key), None)
