"""The mutants on MongoDB: filters that find the document whatever is in it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final

from conformance.world import gate

from .._reference.mutants import BrokenAnswers, Mutant
from .._reference.operators import EVENTS, BrokenReads, generic, made
from .._reference.refusal import refusal
from .._reference.shapes import ENDS_RUN, Event, entity_of, log_entry, milliseconds, now
from .._reference.text import dumps
from . import transitions
from .reference import MongoWorld, part_of

Path = tuple[str | int, ...]
#: An event of any type, as far as its guard and its update look at it.
_DATA: Final = {"token": "t", "stepName": "s", "workflowName": "w", "deploymentId": "d", "retryAfter": 1}


def made_ones() -> Iterator[Mutant]:
    """All mutants by machine of the reference on MongoDB."""
    # A run is inserted: no filter looks at a state.
    yield from (one for one in generic() if one.name != "guard-dropped:run_created")
    yield made("key-dropped", "claims", "no index keeps two runs from holding one token", "hook_created")
    for kind in EVENTS[1:]:
        event = {"eventType": kind, "correlationId": "e", "eventData": _DATA}
        at = datetime.fromtimestamp(0, UTC)
        for path in _leaves(transitions.guard("r", event, at)):
            operator = "key-narrowed" if path[-1] in ("_id", "id") else "guard-part"
            yield made(operator, f"{kind}.{_named(path)}", f"the filter of {kind} lacks {_named(path)}")
        for path in _leaves(transitions.update("r", event, at), 2):
            yield made("write-dropped", f"{kind}.{_named(path)}", f"{kind} does not write {_named(path)}")


def _leaves(document: Any, most: int = 9, path: Path = ()) -> Iterator[Path]:
    """The paths of all values in a document, down to ``most`` keys; ``$in`` and the like are values."""
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in inner:
        deeper = isinstance(value, dict | list) and len(path) + 1 < most
        plain = isinstance(value, dict) and bool(set(value) & {"$in", "$ne", "$not", "$exists"})
        if deeper and not plain and key != "$in":
            yield from _leaves(value, most, (*path, key))
        else:
            yield (*path, key)


def _named(path: Path) -> str:
    return "/".join(map(str, path))


def _without(document: transitions.Document, path: str) -> transitions.Document:
    """A document without the value at a path, and without what is empty then."""
    found = deepcopy(document)
    *way, last = path.split("/")
    inner: Any = found
    for key in way:
        inner = inner[int(key)] if isinstance(inner, list) else inner[key]
    del inner[last]
    return {key: value for key, value in found.items() if value not in ({}, [])}


class Broken(BrokenReads, BrokenAnswers, MongoWorld):
    """The reference with one thing taken out."""

    @property
    def unique_tokens(self) -> bool:
        return self.broken.name not in (
            "token-not-atomic",
            "key-dropped:claims",
            "guard-dropped:hook_created",
        )

    def made_for(self) -> object:
        # A filter that lacks its key finds what others have left.
        return self.broken if self.broken.operator == "key-narrowed" else self.unique_tokens

    def guard(self, run_id: str, event: Event, at: datetime) -> transitions.Document:
        if event["eventType"] in self.broken.kinds:
            return {"_id": run_id}
        found = super().guard(run_id, event, at)
        kind, _, path = self.broken.place.partition(".")
        if kind == event["eventType"] and self.broken.operator in ("guard-part", "key-narrowed"):
            return _without(found, path)
        return found

    def update(self, run_id: str, event: Event, at: datetime) -> transitions.Document:
        changed = self._changed(run_id, event, at)
        kind, _, path = self.broken.place.partition(".")
        if kind != event["eventType"]:
            return changed
        match self.broken.operator:
            case "write-dropped":
                changed = _without(changed, path)
            case "logged-later" | "logged-first":
                changed = _without(changed, "$push/log")
            case "released-later":
                changed = _without(_without(changed, "$pull/claims"), "$set/hooks.$[].status")
        return changed or {"$set": {"touched": 1}}

    def _changed(self, run_id: str, event: Event, at: datetime) -> transitions.Document:
        seen = event.get("attempt")
        plain = {name: value for name, value in event.items() if name != "attempt"}
        changed = super().update(run_id, plain, at)
        if self.broken.name == "hooks-kept" and event["eventType"] in ENDS_RUN:
            del changed["$pull"], changed["$set"]["hooks.$[].status"]
        if self.broken.name == "start-not-atomic" and event["eventType"] == "run_started":
            changed["$set"] |= changed.pop("$min")
        if seen is not None:
            del changed["$inc"]
            changed["$set"]["steps.$[one].attempt"] = seen
        return changed

    async def transition(self, run_id: str, event: Event) -> dict[str, Any]:
        kind = event["eventType"]
        apart = self.broken.place == kind and self.broken.operator.startswith("logged-")
        if apart and self.broken.operator == "logged-first":
            refused = await self._look_first(run_id, event)
            if refused is not None:
                return refused
            await self._change(run_id, event, {"$push": {"log": self._entry(run_id, event)}})
        taken = await self._guarded(run_id, event)
        if taken.get("event", {}).get("eventType") != kind or self.broken.place != kind:
            return taken
        if self.broken.operator == "logged-later":
            length = await self._change(run_id, event, {"$push": {"log": self._entry(run_id, event)}})
            taken["event"]["eventId"] = self.line.event_id(run_id, length)
        if self.broken.operator == "released-later":
            released = {
                "$set": {"hooks.$[].status": "disposed"},
                "$pull": {"claims": {"hook": {"$exists": True}}},
            }
            await self._change(run_id, event, released)
        if self.broken.operator == "expired":
            family, key = kind.partition("_")[0], event["correlationId"]
            what = {"claims": {"hook": key}} if family == "hook" else {f"{family}s": {"id": key}}
            await self._change(run_id, event, {"$pull": what})
        return taken

    @staticmethod
    def _entry(run_id: str, event: Event) -> str:
        return dumps(log_entry(run_id, event, now()))

    async def _change(self, run_id: str, event: Event, update: transitions.Document) -> int:
        """Change the run's document whatever is in it; the length of its log after that."""
        async with gate(f"update run {run_id} {event['eventType']}", "write", [run_id]):
            await self.runs.update_one({"_id": run_id}, update)
        seen = await self.runs.find_one({"_id": run_id}, {"length": {"$size": "$log"}})
        return 0 if seen is None else int(seen["length"])

    async def _guarded(self, run_id: str, event: Event) -> dict[str, Any]:
        kind = event["eventType"]
        if kind == "step_started" and self.broken.name == "attempt-lost":
            step = part_of(await self.read(run_id), event) or {}
            event = event | {"attempt": step.get("attempt", 0) + 1}
        if self.broken.looks and kind in self.broken.kinds:
            refused = await self._look_first(run_id, event)
            if refused is not None:
                return refused
        return await super().transition(run_id, event)

    async def _look_first(self, run_id: str, event: Event) -> dict[str, Any] | None:
        """The guard, asked in a round trip of its own; None when the event may be taken as things were."""
        at = now()
        seen = await self._seen(run_id)
        run, entity = seen or {}, part_of(seen, event) or {}
        wait_ms = (entity.get("due") or 0) - milliseconds(at)
        why = refusal(event["eventType"], run.get("status"), entity.get("status"), wait_ms=wait_ms)
        if why == "again":
            return {"run": entity_of("run", run_id, None, run)}
        if why is not None:
            raise why
        return await self.refuse_token(run_id, event, at) if event["eventType"] == "hook_created" else None

    async def _seen(self, run_id: str) -> transitions.Document | None:
        """The run; with a cache, as it was when this process first looked."""
        kept: dict[str, transitions.Document | None] = self.__dict__.setdefault("_looked", {})
        if self.broken.operator != "guard-cached" or kept.get(run_id) is None:
            kept[run_id] = await self.read(run_id)
        return kept[run_id]
