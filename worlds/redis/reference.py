"""The reference world on Redis: one Lua script per transition, so that each is atomic.

Each event is one round trip: the script checks, moves the entity, releases what depends on it and appends to
the log, and nobody else's command runs in between. The log is a list, so its order *is* the order in
which events were taken, and an event's id is its position.

All keys of a deployment must live on one shard: a hook's token is shared by runs, so a script that claims
it touches keys of several of them. (On a cluster, claim the token first, in a script of its own, and give
it back when the second one refuses.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer

from conformance.spec.batch import answer_of, results, singles
from conformance.spec.vocabulary import WorldError, conflict, gone, not_found, too_early
from conformance.world import Access, Key, gate, rows

from .._reference.line import CREATED_AND_STARTED, OfLine, halves, line_of
from .._reference.mutants import Breakable
from .._reference.shapes import (
    NEXT,
    Entity,
    Event,
    changes,
    conflict_entry,
    creates_run,
    data_of,
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

_HERE = Path(__file__).parent
_BOOKKEEPING = frozenset({"due", "held"})
_REFUSALS = {"conflict": conflict, "gone": gone, "not_found": not_found}
_ID_OF = {"step": "stepId", "hook": "hookId", "wait": "waitId"}


class RedisWorld(Breakable, OfLine):
    """Storage and queue under ``prefix`` on the Redis at ``url``."""

    name = "redis:reference"
    disconnected = ConnectionError, NoConnection, NoAnswer

    def __init__(
        self,
        url: str = "redis://localhost:6379",
        prefix: str = "workflow",
        spec: str = "",
        mutant: str = "",  # noqa: ARG002 - chooses a subclass, see Breakable
    ) -> None:
        self.line = line_of(spec)
        self.redis: Redis = Redis.from_url(url, decode_responses=True)
        self._prefix = prefix

    def source(self, name: str) -> str:
        """The text of a script beside this file."""
        return (_HERE / name).read_text(encoding="utf-8")

    async def open(self) -> None:
        """Connect, and load the scripts."""
        await self.load()

    async def load(self) -> None:
        """Load the scripts: they are called by their digests from then on."""
        self._transition = self.redis.register_script(self.source("reference.lua"))
        self._queue = self.redis.register_script(self.source("queue.lua"))
        for script in (self._transition, self._queue):
            await self.redis.script_load(script.script)

    async def close(self) -> None:
        await self.redis.aclose()

    # -- events -------------------------------------------------------------------------------------

    async def events_create(
        self, run_id: str | None, event: Event, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Take one event. ``params`` may have a ``resumeId``. Raises :class:`WorldError`."""
        run_id = run_id or new_id("wrun")
        resume = self.line.resume_of(event, params)
        if not creates_run(event):
            return await self._take(run_id, event, resume)
        try:
            return await self._take(run_id, event, resume)
        except WorldError as error:
            if error.answer != "not_found":
                raise
        with suppress_conflict():  # somebody else made it meanwhile, which is as good
            await self._take(run_id, {**event, "eventType": "run_created"}, {})
        return await self._take(run_id, event, resume)

    async def _take(self, run_id: str, event: Event, resume: dict[str, Any]) -> dict[str, Any]:
        event, at = self.line.stamped(event), now()
        answer = await self.transition(self.request(run_id, event, resume, at))
        return self._result(run_id, event, resume, answer, at)

    async def events_create_batch(self, run_id: str, asked: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Take the events of a batch. Raises :class:`WorldError` for what none may hold.

        MULTI and EXEC let nobody in between the calls of the script, one for each event.
        """
        events, at = singles([one["event"] for one in asked]), now()
        asks = [self.request(run_id, event, {}, at) for event in events]
        pipeline = self.redis.pipeline(transaction=True)
        for ask in asks:
            pipeline.evalsha(self._transition.sha, 1, self._prefix, dumps(ask))
        keys = [key for ask in asks for key in touches(ask["type"], run_id)]
        label = f"MULTI; EVALSHA {', '.join(ask['type'] for ask in asks)} {run_id}; EXEC"
        async with self.transport(), gate(label, "write", keys):
            answers = await pipeline.execute()
        made = zip(events, answers, strict=True)
        return results(
            events, [answer_of(self._result, run_id, event, {}, answer, at) for event, answer in made]
        )

    def request(self, run_id: str, event: Event, resume: dict[str, Any], at: datetime) -> dict[str, Any]:
        """What the script gets about an event."""
        kind, data = self.line.kind_of(event), data_of(event)
        created, own = halves(event) if kind == CREATED_AND_STARTED else (None, event)
        fields = changes(created or event, at)
        due = fields.get("retryAfter")
        ask = {
            "type": kind,
            "to": NEXT[kind],
            "run": run_id,
            "id": event.get("correlationId"),
            "now": milliseconds(at),
            "created": created and dumps(log_entry(run_id, created, at)),
            "entry": dumps(log_entry(run_id, own | resume, at)),
            "conflict": dumps(conflict_entry(run_id, event, at)) if kind == "hook_created" else None,
            "token": data["token"] if kind == "hook_created" else None,
            "due": None if due is None else milliseconds(due),
            "started": dumps(at),
            "strict": self.line.strict or None,
            "once": self.line.once_of(event, resume),
            "changes": _changes(event) if kind == "attr_set" else None,
            "digest": resume.get("resumePayloadDigest", "") if resume else None,
            "set": [text for name, value in fields.items() for text in (name, dumps(value))],
        }
        return {name: value for name, value in ask.items() if value is not None}

    async def transition(self, ask: dict[str, Any]) -> list[Any]:
        """One round trip: guard and act."""
        async with (
            self.transport(),
            gate(
                f"EVALSHA {ask['type']} {ask['run']}",
                "write",
                touches(ask["type"], ask["run"], ask.get("token")),
            ),
        ):
            answer: list[Any] = await self._transition(keys=[self._prefix], args=[dumps(ask)])
        return answer

    def _result(
        self, run_id: str, event: Event, resume: dict[str, Any], answer: list[Any], at: datetime
    ) -> dict[str, Any]:
        word, position = answer[0], answer[1]
        if word == "too_early":
            raise too_early("retryAfter is in the future", float(position))
        if word in _REFUSALS:
            raise _REFUSALS[word](position)
        if word == "known":
            return {"event": self._event(run_id, position, answer[2])}
        if word == "hook_conflict":
            entry = conflict_entry(run_id, event, at)
            return {"event": entry | {"eventId": self.line.event_id(run_id, position)}}
        lazy = self.line.kind_of(event) == CREATED_AND_STARTED
        family = family_of(event["eventType"])
        fields = dict(zip(answer[2][::2], answer[2][1::2], strict=True))
        result = {family: self._entity(family, run_id, event.get("correlationId"), fields)}
        if word != "again":
            own = halves(event)[1] if lazy else event | resume
            entry = log_entry(run_id, own, at)
            result["event"] = entry | {"eventId": self.line.event_id(run_id, position)}
        return result | {"stepCreated": True} if lazy else result

    def _event(self, run_id: str, position: int, text: str | bytes) -> Event:
        return loads(text) | {"eventId": self.line.event_id(run_id, position)}  # type: ignore[no-any-return]

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        run_id, asked = params["runId"], params.get("pagination", {})
        limit = asked.get("limit") or 100
        backwards = asked.get("sortOrder") == "desc"
        after = position_of(asked.get("cursor"))
        key = self.key("log", run_id)
        # The event at position n is element n - 1 of the list.
        async with self.transport(), gate(f"LRANGE {key}", "read", [run_id]):
            if backwards:
                length = after - 1 if after > 0 else await self.redis.llen(key)
                first = max(0, length - limit - 1)
                found = await self.redis.lrange(key, first, length - 1) if length else []
            else:
                first = after
                found = await self.redis.lrange(key, first, first + limit)
        events = [self._event(run_id, first + at, text) for at, text in enumerate(found, 1)]
        return page(events[::-1] if backwards else events, limit, "eventId", asked.get("cursor"))

    # -- entities -----------------------------------------------------------------------------------

    async def runs_get(self, run_id: str) -> Entity:
        fields = await self._fields(self.key("run", run_id), [run_id])
        if not fields:
            raise WorldError("WorkflowRunNotFoundError", f"run {run_id} not found", status=404)
        return self._entity("run", run_id, None, fields)

    async def steps_get(self, run_id: str, step_id: str) -> Entity:
        fields = await self._fields(self.key("step", run_id, step_id), [run_id])
        if not fields:
            raise not_found(f"step {step_id} not found")
        return self._entity("step", run_id, step_id, fields)

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return await self._list("step", params)

    async def hooks_get(self, hook_id: str) -> Entity:
        return await self._hook(
            self.key("hookid", hook_id), f"hook {hook_id} not found", [rows("hooks", id=hook_id)]
        )

    async def hooks_get_by_token(self, token: str) -> Entity:
        return await self._hook(
            self.key("token", token), "no hook with that token", [rows("hooks", token=token)]
        )

    async def hooks_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return await self._list("hook", params)

    async def _hook(self, pointer: str, missing: str, keys: list[Key]) -> Entity:
        async with self.transport(), gate(f"GET {pointer}", "read", keys):
            key = cast(str | None, await self.redis.get(pointer))
        fields = await self._fields(key, keys) if key is not None else {}
        if key is None or fields.get("status") != "active":
            raise not_found(missing)
        run_id, hook_id = key.removeprefix(self.key("hook", "")).split(":", 1)
        return self._entity("hook", run_id, hook_id, fields)

    async def _fields(self, key: str, keys: list[Key]) -> dict[str, str]:
        async with self.transport(), gate(f"HGETALL {key}", "read", keys):
            found = await self.redis.hgetall(key)
        return cast(dict[str, str], found)

    async def _list(self, kind: str, params: dict[str, Any]) -> dict[str, Any]:
        """Entities in the order of their creation; a run has few, so they are read whole."""
        run_id = params["runId"]
        async with self.transport(), gate(f"LRANGE {kind}s {run_id}", "read", [run_id]):
            keys = cast(list[str], await self.redis.lrange(self.key(f"{kind}s", run_id), 0, -1))
        pipeline = self.redis.pipeline(transaction=False)
        for key in keys:
            pipeline.hgetall(key)
        async with self.transport(), gate(f"HGETALL {kind}s {run_id}", "read", [run_id]):
            found = await pipeline.execute()
        start = len(self.key(kind, run_id)) + 1
        entities = [
            self._entity(kind, run_id, key[start:], fields)
            for key, fields in zip(keys, found, strict=True)
            if fields["status"] != "disposed"
        ]
        return page_of(kind, entities, params.get("pagination", {}))

    def _entity(self, kind: str, run_id: str, entity_id: str | None, fields: dict[str, str]) -> Entity:
        entity: Entity = {"runId": run_id}
        if kind in _ID_OF:
            entity[_ID_OF[kind]] = entity_id
        for name, text in fields.items():
            if name.startswith("attribute "):
                entity.setdefault("attributes", {})[name.removeprefix("attribute ")] = loads(text)
            elif name in ("status", "attempt"):
                entity[name] = int(text) if name == "attempt" else text
            elif name not in _BOOKKEEPING:
                entity[name] = loads(text)
        return entity

    def key(self, *parts: str) -> str:
        return ":".join((self._prefix, *parts))

    # -- queue --------------------------------------------------------------------------------------

    async def queue(self, name: str, message: Any, options: dict[str, Any] | None = None) -> dict[str, Any]:
        """Queue a message. A second one with the key of a message not yet done is that message."""
        given = options or {}
        delay = round((given.get("delaySeconds") or 0) * 1000)
        body = [new_id("msg"), dumps(message), given.get("idempotencyKey") or "", delay]
        return {"messageId": await self._queued("put", name, "write", *body)}

    async def take(self, name: str, lease_seconds: float = 30) -> dict[str, Any] | None:
        """A message that is due: ``{messageId, message, attempt}``. It comes back when the lease is over."""
        found = await self._queued("take", name, "write", round(lease_seconds * 1000))
        return found and {"messageId": found[0], "message": loads(found[1]), "attempt": found[2]}

    async def done(self, name: str, message_id: str) -> None:
        await self._queued("done", name, "write", message_id)

    async def again(self, name: str, message_id: str, delay_seconds: float) -> None:
        """Deliver a message taken once more, after a delay."""
        await self._queued("again", name, "write", message_id, round(delay_seconds * 1000))

    async def _queued(self, what: str, name: str, access: Access, *rest: Any) -> Any:
        async with self.transport(), gate(f"EVALSHA {what} {name}", access, [f"queue:{name}"]):
            return await self._queue(keys=[self._prefix], args=[what, name, milliseconds(now()), *rest])


def _changes(event: Event) -> list[list[str]]:
    """The changes of attributes: a field of the run, and its value as text unless it is removed."""
    return [
        [f"attribute {change['key']}", *([] if change["value"] is None else [dumps(change["value"])])]
        for change in data_of(event)["changes"]
    ]
