"""Worlds that hold something for ten minutes only, and are wrong when more time than that passes."""

from __future__ import annotations

from typing import Any, Final

from conformance.core.gates import Gate
from conformance.memory.mutants.mutant import Mutant, storage
from conformance.memory.mutants.ways import FIRST, STEP_ENDS, Broken, refused
from conformance.spec.table import Row, index
from conformance.spec.vocabulary import Event

_TEN_MINUTES: Final = 600_000


class _MarkExpires(Broken):
    """Knows by a mark alone that an event came before."""

    def reset(self) -> None:
        super().reset()
        self.marks: dict[str, int] = {}

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        is_marked = self.marks.get(event.get("correlationId", ""), self.now) >= self.now
        if not self.concerns(event) or not refused(row) or is_marked:
            return row
        return index(4)[event["eventType"], *FIRST[event["eventType"]], ""]

    def write(self, run_id: str, event: Event, outcome: Any) -> dict[str, Any]:
        if self.concerns(event):
            self.marks[event["correlationId"]] = self.now + _TEN_MINUTES
        return super().write(run_id, event, outcome)


class _LeaseExpires(Broken):
    """Takes a lease on what it changes, and writes without asking whether it still has it."""

    def reset(self) -> None:
        super().reset()
        self.leases: dict[str, int] = {}

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None or not self.concerns(event):
            return await super().events_create(run_id, event)
        thing, keys = event["correlationId"], self.touches(run_id, event)
        await Gate(f"take the lease of {thing}", "write", keys)
        if self.leases.get(thing, 0) >= self.now:
            await Gate(f"read {thing}", "read", keys)
            return self.carry_out(run_id, event, self.after_holder(run_id, event))
        self.leases[thing] = self.now + _TEN_MINUTES
        seen = self.look_up(run_id, event)
        await Gate(f"commit {event['eventType']}", "write", keys)
        self.leases.pop(thing, None)
        return self.carry_out(run_id, event, seen)

    def after_holder(self, run_id: str, event: Event) -> Row:
        """What is right when the holder of the lease has finished."""
        row = self.look_up(run_id, event)
        return row if refused(row) else index(4)[event["eventType"], "running", "completed", ""]


MUTANTS = (
    Mutant(
        "step-end-mark-expires",
        "Knows for ten minutes that a step is finished, and finishes it again after that.",
        storage(6, "step.terminal-once"),
        _MarkExpires.of(*STEP_ENDS),
    ),
    Mutant(
        "step-end-lease-expires",
        "Finishes a step under a lease of ten minutes, without asking whether it still has it.",
        storage(6, "step.terminal-once"),
        _LeaseExpires.of(*STEP_ENDS, "step_retrying"),
    ),
)
