"""Worlds that tell events apart by their times alone: two events of one millisecond are one to them."""

from __future__ import annotations

from typing import Any

from conformance.memory.mutants.mutant import Mutant, handlers, storage
from conformance.memory.mutants.ways import Broken


class _ReadsOnByTime(Broken):
    """Its cursor is a time, and what comes next is what is later."""

    def page_of_log(self, run_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        events, cursor = self.events.get(run_id, []), asked.get("cursor")
        if asked.get("sortOrder") != "desc" and cursor is not None:
            last = next((event["createdAt"] for event in events if event["eventId"] == cursor), None)
            events = [event for event in events if last is None or event["createdAt"] > last]
            return self.page(events, "eventId", {"pagination": {**asked, "cursor": None}})
        return super().page_of_log(run_id, asked)


class _OrdersByTime(Broken):
    """Sorts a log by time; of two events of one millisecond the last comes first."""

    def page_of_log(self, run_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        events = sorted(reversed(self.events.get(run_id, [])), key=lambda event: event["createdAt"])
        return self.page(events, "eventId", {"pagination": asked})


MUTANTS = (
    Mutant(
        "read-on-by-time",
        "Reads a log on from the time of the last event, so it leaves out others of the same millisecond.",
        storage(0, "list.log") + handlers(6, "list.log"),
        _ReadsOnByTime,
    ),
    Mutant(
        "log-by-time",
        "Orders a log by time alone: events of one millisecond come in any order.",
        storage(6, "log.replays") + handlers(6, "log.replays", "run.no-divergence"),
        _OrdersByTime,
    ),
)
