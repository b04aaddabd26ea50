"""Worlds that take everything as they should, and list it in a wrong way."""

from __future__ import annotations

from typing import Any

from conformance.memory.mutants.mutant import Mutant, handlers, storage
from conformance.memory.mutants.ways import Broken
from conformance.spec.table import Row
from conformance.spec.vocabulary import Event


class _ListsByRead(Broken):
    """Mints the id of an event when it reads, and lists events by id."""

    def reset(self) -> None:
        super().reset()
        self.reads = 0
        self.minted: dict[int, int] = {}

    def look_up(self, run_id: str, event: Event) -> Row:
        if id(event) not in self.minted:
            self.reads += 1
            self.minted[id(event)] = self.reads
        return super().look_up(run_id, event)

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        try:
            return super().commit(run_id, event, seen)
        finally:
            del self.minted[id(event)]

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        stored["minted"] = self.minted[id(event)]
        self.events[run_id].sort(key=lambda each: int(each["minted"]))
        return stored


class _ListsBackwards(Broken):
    """Gives the newest event first, whatever order is asked for."""

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        page = await super().events_list(params)
        return {**page, "data": page["data"][::-1]}


class _ReadsLate(Broken):
    """Reads the log from a replica that lacks the newest event of a run."""

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        page = await super().events_list(params)
        return {**page, "data": page["data"][:-1]}


MUTANTS = (
    Mutant(
        "lists-by-read",
        "Lists events in the order in which their writers began, not in which they were taken.",
        storage(4, "log.order")
        + storage(6, "log.replays")
        + storage(7, "log.replays")
        + storage(8, "log.prefix", "log.prefix-whole")
        + handlers(6, "log.replays"),
        _ListsByRead,
    ),
    Mutant(
        "lists-backwards",
        "Lists the newest event first, whatever order is asked for.",
        storage(2, "log.order") + handlers(6, "log.replays"),
        _ListsBackwards,
    ),
    Mutant(
        "reads-late",
        "Lists the log without its newest event.",
        handlers(6, "log.agrees-with-answers", "run.no-hang"),
        _ReadsLate,
    ),
)
