"""A run's log as a handler reads it: in pages, each event once, and on from where it stopped."""

from __future__ import annotations

from typing import Any

from conformance.core.actor import Actor
from conformance.core.paging import Pages
from conformance.spec.vocabulary import TERMINAL_EVENTS, Event, WorldError


class EventLog:
    """A snapshot of the log of one run. ``cursor`` is where reading on begins, if the world gives one."""

    __slots__ = ("cursor", "events", "run_id")

    def __init__(self, run_id: str, events: list[Event] | None = None, cursor: str | None = None) -> None:
        self.run_id = run_id
        self.events: list[Event] = events if events is not None else []
        self.cursor = cursor

    @classmethod
    async def load(cls, actor: Actor, run_id: str) -> EventLog:
        """The whole log, oldest first."""
        log = cls(run_id)
        log.events, log.cursor = await _read(actor, run_id, None)
        return log

    async def read_on(self, actor: Actor, needed: set[str]) -> None:
        """Read what came after the snapshot; everything again if it lacks the end of a ``needed`` wait.

        So the order this handler sees may differ from the listing: an event that sorts before the
        cursor and was written after the first read is missed until the next full read.
        """
        if self.cursor is not None:
            newer, _ = await _read(actor, self.run_id, self.cursor)
            if needed <= {
                event["correlationId"] for event in newer if event["eventType"] == "wait_completed"
            }:
                seen = {event["eventId"] for event in self.events}
                self.events += [event for event in newer if event["eventId"] not in seen]
                return
        self.events, self.cursor = await _read(actor, self.run_id, None)

    def terminal(self) -> Event | None:
        """The event that ended the run, if this snapshot has one."""
        for event in self.events:
            if event["eventType"] in TERMINAL_EVENTS:
                return event
        return None


async def _read(actor: Actor, run_id: str, cursor: str | None) -> tuple[list[Event], str | None]:
    """All pages from ``cursor`` on, and the last cursor that a page gave."""
    events: dict[str, Event] = {}
    pages = Pages(run_id, cursor)
    first = cursor
    while True:
        pagination: dict[str, Any] = {"sortOrder": "asc"}
        if cursor is not None:
            pagination["cursor"] = cursor
        try:
            page = await actor.call("events.list", {"runId": run_id, "pagination": pagination})
        except WorldError as error:
            if cursor is not None and error.status == 400 and first is not None:
                # A world that does not know its own cursor any more: once more from the beginning.
                actor.log("warn", "Event cursor was rejected; retrying with a full event reload.")
                return await _read(actor, run_id, None)
            raise
        for event in page["data"]:
            events.setdefault(event["eventId"], event)
        last = pages.following(page) is None
        given: str | None = page.get("cursor")
        cursor = given if given is not None else cursor
        if last:
            return list(events.values()), cursor
