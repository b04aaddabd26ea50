"""The mutants on MongoDB: filters that find the document whatever is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .._reference.mutants import BrokenAnswers
from .._reference.refusal import refusal
from .._reference.shapes import ENDS_RUN, Event, entity_of, milliseconds, now
from . import transitions
from .reference import MongoWorld, part_of


class Broken(BrokenAnswers, MongoWorld):
    """The reference with one guard taken out."""

    @property
    def unique_tokens(self) -> bool:
        return self.broken.name != "token-not-atomic"

    def guard(self, run_id: str, event: Event, at: datetime) -> transitions.Document:
        blind = event["eventType"] in self.broken.kinds
        return {"_id": run_id} if blind else super().guard(run_id, event, at)

    def update(self, run_id: str, event: Event, at: datetime) -> transitions.Document:
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
        seen = await self.read(run_id)
        run, entity = seen or {}, part_of(seen, event) or {}
        wait_ms = (entity.get("due") or 0) - milliseconds(at)
        why = refusal(event["eventType"], run.get("status"), entity.get("status"), wait_ms=wait_ms)
        if why == "again":
            return {"run": entity_of("run", run_id, None, run)}
        if why is not None:
            raise why
        return await self.refuse_token(run_id, event, at) if event["eventType"] == "hook_created" else None
