"""Worlds whose event ids are positions, and that give them out in a wrong way."""

from __future__ import annotations

from typing import Any

from conformance.core.gates import Gate
from conformance.memory.mutants.mutant import Mutant, storage
from conformance.memory.numbered import NumberedWorld
from conformance.oracle.log_slots import slot
from conformance.spec.table import Row
from conformance.spec.vocabulary import Event


class _Holes(NumberedWorld):
    """Counts by two."""

    def event_id(self, run_id: str) -> str:
        return slot(2 * len(self.events.get(run_id, ())) + 2)


class _Unpadded(NumberedWorld):
    """Writes positions without leading zeros, so that they do not sort as texts."""

    def event_id(self, run_id: str) -> str:
        return f"evnt_{len(self.events.get(run_id, ())) + 1}"


class _DrawsEarly(NumberedWorld):
    """Draws the position of an event in an operation before the commit."""

    def reset(self) -> None:
        super().reset()
        self.drawn: dict[int, str] = {}
        self.counters: dict[str, int] = {}
        self._committed = ""

    async def events_create(
        self, run_id: str | None, event: Event, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        if run_id is not None:
            await Gate(f"draw position in {run_id}", "write", (run_id,))
            self.drawn[id(event)] = self.draw(run_id)
        try:
            return await super().events_create(run_id, event, params)
        finally:
            self.drawn.pop(id(event), None)

    def draw(self, run_id: str) -> str:
        """The position of an event that is written later."""
        self.counters[run_id] = self.counters.get(run_id, 1) + 1
        return slot(self.counters[run_id])

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        self._committed = self.drawn.get(id(event), slot(1))
        stored = super().append(run_id, event, now, conflict=conflict)
        self.events[run_id].sort(key=lambda each: str(each["eventId"]))
        return stored

    def event_id(self, run_id: str) -> str:  # noqa: ARG002 - it was drawn
        return self._committed


class _MaxPlusOne(_DrawsEarly):
    """Takes the highest position that it sees and adds one; no unique key stops the second who does so."""

    def draw(self, run_id: str) -> str:
        return slot(len(self.events.get(run_id, ())) + 1)


class _ClaimIsSlot(NumberedWorld):
    """Takes a claim for a position: also one that a refused event has made and left."""

    def reset(self) -> None:
        super().reset()
        self.claims: dict[str, int] = {}

    def commit(self, run_id: str, event: Event, seen: Any) -> dict[str, Any]:
        self.claims[run_id] = self.claims.get(run_id, 0) + 1
        return super().commit(run_id, event, seen)

    def event_id(self, run_id: str) -> str:
        return slot(self.claims[run_id])


class _PagesByTime(NumberedWorld):
    """Lists by position, and goes on after the time of the last event: what began earlier is passed over."""

    def reset(self) -> None:
        super().reset()
        self.begun: dict[int, int] = {}

    async def events_create(
        self, run_id: str | None, event: Event, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        self.begun[id(event)] = self.tick()
        try:
            return await super().events_create(run_id, event, params)
        finally:
            del self.begun[id(event)]

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        stored["createdAt"] = self.begun[id(event)]
        return stored

    def page_of_log(self, run_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        after = int(asked.get("cursor") or 0)
        left = [event for event in self.events.get(run_id, ()) if int(event["createdAt"]) > after]
        shown = left[: asked.get("limit") or len(left)]
        cursor = str(shown[-1]["createdAt"]) if shown else asked.get("cursor")
        return {"data": shown, "cursor": cursor, "hasMore": len(left) > len(shown)}


class _ResumesTwice(NumberedWorld):
    """Declares that it knows a resumption again, and does not."""

    def look_up(self, run_id: str, event: Event) -> Row:
        return super().look_up(run_id, {key: item for key, item in event.items() if key != "resumeId"})


MUTANTS = (
    Mutant("slots-with-holes", "Numbers its events 2, 4, 6.", storage(6, "log.slots"), _Holes),
    Mutant(
        "slots-unpadded",
        "Numbers its events without leading zeros.",
        storage(6, "log.slots"),
        _Unpadded,
    ),
    Mutant(
        "slot-reserved",
        "Reserves the position of an event, and writes the event later: a read in between is no prefix.",
        storage(6, "log.slots") + storage(8, "log.prefix"),
        _DrawsEarly,
    ),
    Mutant(
        "slot-max-plus-one",
        "Adds one to the highest position that it sees, with no unique key: two events get one position.",
        storage(8, "log.slots"),
        _MaxPlusOne,
    ),
    Mutant(
        "claim-is-slot",
        "Takes a claim for a position, also one that a refused event has left behind.",
        storage(8, "log.slots"),
        _ClaimIsSlot,
    ),
    Mutant(
        "resumes-twice",
        "Declares that one resumption of a hook is one event, and does not see to it.",
        storage(8, "hook.resume-once"),
        _ResumesTwice,
    ),
    Mutant(
        "pages-by-time",
        "Goes on after the time of the last event: what began earlier and was taken later is passed over.",
        storage(8, "log.prefix"),
        _PagesByTime,
    ),
)
