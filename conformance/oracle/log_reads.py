"""What readers saw of a log while others wrote: every read has to be a prefix of the log as it ends.

A read is one page, or several that a reader joined by cursors. An event that appears before what a reader
has passed is never seen by one that reads on, and two readers then replay two histories.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from conformance.core.history import Call, History
from conformance.oracle.names import Name, event_in_words
from conformance.spec.vocabulary import Event

#: What is wrong with a read that passes over an event which was there when it began.
PASSED: Final = "event passed over"


class SeenRead(NamedTuple):
    """A read that was no prefix of the final log. ``joined``: by cursors; ``text``: what it lacks; ``gone``:
    it has an event that is not in the log in the end; ``passed``: what it lacks was there when it began."""

    reader: str
    run: str
    joined: bool
    text: str
    gone: bool = False
    passed: bool = False

    @property
    def wrong(self) -> str:
        """What is wrong with it, for a finding."""
        return "event gone" if self.gone else PASSED if self.passed else "read order"


@dataclass(slots=True)
class Read:
    """What one reader has of the log of one run, in the order in which it was given."""

    reader: str
    run_id: str
    events: list[Event]
    pages: int = 1
    #: there was more behind it, which the reader has not asked for yet
    partial: bool = False
    began: int = 0


def reads(calls: Iterable[Call]) -> list[Read]:
    """Every read of a log from its beginning, oldest first; pages that a cursor joins are one read."""
    found: list[Read] = []
    ends: dict[tuple[str, str, str], Read] = {}
    for call in calls:
        if not call.done or call.phase == "read":
            continue
        page, run_id, cursor = _page(call)
        if page is None:
            continue
        if cursor is None:
            more = bool(page.get("hasMore"))
            read = Read(call.actor, run_id, list(page["data"]), partial=more, began=call.began)
        else:
            before = ends.get((call.actor, run_id, cursor))
            if before is None:
                continue  # it goes on from a place that no read of the whole log has come to
            if before.partial and before in found:
                found.remove(before)
            read = Read(call.actor, run_id, _joined(before.events, page["data"]), before.pages + 1)
            read.partial, read.began = bool(page.get("hasMore")), before.began
        found.append(read)
        end = page.get("cursor") or cursor
        if end is not None:
            ends[call.actor, run_id, end] = read
    return found


def _page(call: Call) -> tuple[Mapping[str, Any] | None, str, str | None]:
    """The page of a log that an answer brought, its run, and the cursor that was asked for."""
    if call.op == "events.list":
        asked = call.args[0].get("pagination") or {}
        if asked.get("sortOrder", "asc") != "asc":
            return None, "", None
        return call.value, call.args[0]["runId"], asked.get("cursor")
    if call.op == "events.create" and call.event["eventType"] == "run_started" and call.value.get("events"):
        return {**call.value, "data": call.value["events"]}, call.value["run"]["runId"], None
    return None, "", None


def _joined(events: list[Event], more: list[Event]) -> list[Event]:
    """As the runtime joins them: each event once."""
    known = {event["eventId"] for event in events}
    return [*events, *[event for event in more if event["eventId"] not in known]]


def misreads(history: History, name: Name) -> tuple[SeenRead, ...]:
    """The reads that were no prefix of the final log of their run, each different one once."""
    finals = {snapshot.run_id: snapshot.events for snapshot in history.snapshots}
    return tuple(sorted(set(_misreads(history, finals, name))))


def _misreads(history: History, finals: Mapping[str, list[Event]], name: Name) -> Iterator[SeenRead]:
    known: dict[str, list[str]] = {}
    for read in reads(history.calls):
        final = finals.get(read.run_id)
        if final is None:
            continue
        ids = known.get(read.run_id)
        if ids is None:
            ids = known[read.run_id] = [event["eventId"] for event in final]
        if [event["eventId"] for event in read.events] != ids[: len(read.events)]:
            gone = next((event for event in read.events if event["eventId"] not in ids), None)
            missed = None if gone is not None else _missed(read.events, final)
            text = _difference(read.events, final, gone, missed, name)
            passed = missed is not None and _was_there(missed, read, history)
            yield SeenRead(read.reader, name(read.run_id), read.pages > 1, text, gone is not None, passed)


def _missed(read: list[Event], final: list[Event]) -> Event | None:
    """The first event that a read lacks before the last one that it has."""
    held = {event["eventId"] for event in read}
    last = max(place for place, event in enumerate(final) if event["eventId"] in held)
    return next((event for event in final[:last] if event["eventId"] not in held), None)


def _was_there(event: Event, read: Read, history: History) -> bool:
    """Whether whoever created an event had been answered when a read began."""
    return any(
        call.op == "events.create"
        and call.answered
        and call.ended < read.began
        and isinstance(call.value, dict)
        and (call.value.get("event") or {}).get("eventId") == event["eventId"]
        for call in history.calls
    )


def _difference(
    read: list[Event], final: list[Event], gone: Event | None, missed: Event | None, name: Name
) -> str:
    """What a read lacks or has too much, in words. ``gone``: what it has and the final log has not;
    ``missed``: what it lacks."""
    if gone is not None:
        return f"saw {event_in_words(gone, name)}, which is not in the log in the end"
    places = {event["eventId"]: place for place, event in enumerate(final)}
    held = [places[event["eventId"]] for event in read]
    last = max(held)
    if missed is not None:
        had, lacked = event_in_words(final[last], name), event_in_words(missed, name)
        return f"saw {had} and not {lacked}, which is before it"
    return "saw the events in another order than the one that they have in the end"
