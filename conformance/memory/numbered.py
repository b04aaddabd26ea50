"""The memory world of spec version 6: the id of an event is its position in its log, given at the commit."""

from __future__ import annotations

from conformance.memory.world import MemoryWorld
from conformance.oracle.log_slots import SLOTS_SINCE, slot


class NumberedWorld(MemoryWorld):
    """As :class:`MemoryWorld`; position and event appear in one act, so every read is a prefix."""

    spec_version = SLOTS_SINCE

    def event_id(self, run_id: str) -> str:
        return slot(len(self.events.get(run_id, ())) + 1)
