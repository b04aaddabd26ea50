"""The memory world of line 5.x: the id of an event is its position in its log, given at the commit."""

from __future__ import annotations

from typing import Any

from conformance.memory.world import MemoryWorld
from conformance.oracle.log_slots import slot
from conformance.spec.lines import SLOTS_SINCE
from conformance.spec.table import Row
from conformance.spec.vocabulary import Event


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

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        """One resumption is one event: who brings it again gets that event, also when its hook is gone."""
        key = run_id, event.get("resumeId", "")
        if row.when == "resumed":
            return {"event": self.resumed[key]}
        result = super().carry_out(run_id, event, row)
        if key[1]:
            self.resumed[key] = result["event"]
        return result

    def event_id(self, run_id: str) -> str:
        return slot(len(self.events.get(run_id, ())) + 1)
