"""The memory world of line 5.x: the id of an event is its position in its log, given at the commit."""

from __future__ import annotations

from typing import Any

from conformance.memory.world import MemoryWorld
from conformance.oracle.log_slots import SLOTS_SINCE, slot
from conformance.spec.machine import creates_step
from conformance.spec.table import Outcome, Row
from conformance.spec.vocabulary import RUN_TERMINAL, Event


class NumberedWorld(MemoryWorld):
    """As :class:`MemoryWorld`; position and event appear in one act, so every read is a prefix."""

    spec_version = SLOTS_SINCE
    capabilities = frozenset({"hookResumeDedup"})

    def reset(self) -> None:
        super().reset()
        #: events that a resumption of a hook made, by the run and the id of the resumption
        self.resumed: dict[tuple[str, str], Event] = {}

    async def events_create(
        self, run_id: str | None, event: Event, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """As of line 4.x. ``params`` may have a ``resumeId``, which is kept with the event."""
        resume_id = (params or {}).get("resumeId")
        return await super().events_create(
            run_id, event if resume_id is None else {**event, "resumeId": resume_id}
        )

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        """One resumption is one event: who brings it again gets that event, also when its hook is gone."""
        key = run_id, event.get("resumeId", "")
        known = self.resumed.get(key)
        if known is not None:
            return {"event": known}
        result = super().commit(run_id, event, seen)
        if key[1]:
            self.resumed[key] = result["event"]
        return result

    def event_id(self, run_id: str) -> str:
        return slot(len(self.events.get(run_id, ())) + 1)

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        """A step of a run that has ended is not started any more, not even one that ran."""
        run = self.state.runs.get(run_id)
        if event["eventType"] == "step_started" and run is not None and run.status in RUN_TERMINAL:
            self.refuse(next(one for one in row.outcomes if one.answer != "ok"), row, event)
        return super().carry_out(run_id, event, row)

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        """A start that brings the input of its step makes two events, the creation first."""
        if not creates_step(event):
            return super().write(run_id, event, outcome)
        data = dict(event["eventData"])
        created = {name: data.pop(name) for name in ("stepName", "input") if name in data}
        self.append(run_id, {**event, "eventType": "step_created", "eventData": created}, self.now)
        result = super().write(run_id, event, outcome)
        result["event"]["eventData"] = data
        return {**result, "stepCreated": True}
