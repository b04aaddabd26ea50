"""The events that come with the answer of a write (line 5.x): complete, or said to be incomplete.

A writer says how many events it held (``eventCount``), or after which cursor (``sinceCursor``). The answer
may bring what the writer had not seen, up to its own event. ``hasMore`` says that this is not all.

A start of a run, in 4.x too, and a payload of a hook may bring the whole log (a preload). It has at least
the event of the call, and whatever had been answered before the call began.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from conformance.core.history import Call, History
from conformance.oracle.names import Name

#: Events whose answer may bring the whole log.
_PRELOAD: Final = frozenset({"run_started", "hook_received"})


class SeenReport(NamedTuple):
    """A report that is wrong: whose answer brought it, of which event, and what is wrong with it."""

    actor: str
    kind: str
    entity: str
    text: str


def misreports(history: History, name: Name) -> tuple[SeenReport, ...]:
    """The reports that lack an event without saying so, or bring others, each different one once."""
    creates = (call for call in history.calls if call.op == "events.create" and call.done)
    if not any(call.value.get("events") is not None for call in creates):
        return ()
    return tuple(sorted(set(_misreports(history, name))))


def _misreports(history: History, name: Name) -> Iterator[SeenReport]:
    places = {
        snapshot.run_id: {event["eventId"]: place for place, event in enumerate(snapshot.events)}
        for snapshot in history.snapshots
    }
    #: how many events of a run had been answered by when: (end of a call, run, places)
    known: list[tuple[int, str, int]] = []
    #: where a cursor goes on, by run and cursor
    cursors: dict[tuple[str, str], int] = {}
    for call in history.calls:
        if not call.done:
            continue
        if call.op == "events.list":
            _note_cursor(call, places, cursors)
        elif call.op == "events.create" and call.run_id in places:
            own = _own(call, places[call.run_id])
            known.append((call.ended, call.run_id, own + 1))
            text = ""
            if call.value.get("events") is not None:
                sure = (upto for ended, run, upto in known if run == call.run_id and ended < call.began)
                text = _wrong(call, places[call.run_id], cursors, max(sure, default=own + 1))
            if text:
                event = call.event
                entity = name(event.get("correlationId"))
                yield SeenReport(call.actor, event["eventType"], entity, text)


def _note_cursor(call: Call, places: dict[str, dict[str, int]], cursors: dict[tuple[str, str], int]) -> None:
    run_id, page = call.args[0]["runId"], call.value
    if run_id in places and page["data"] and page.get("cursor") is not None:
        last = places[run_id].get(page["data"][-1]["eventId"])
        if last is not None:
            cursors[run_id, page["cursor"]] = last + 1


def _own(call: Call, places: dict[str, int]) -> int:
    """Where the log has the event of a call; -1: it made none."""
    return places.get((call.value.get("event") or {}).get("eventId", ""), -1)


def _wrong(call: Call, places: dict[str, int], cursors: dict[tuple[str, str], int], known: int) -> str:
    """What is wrong with the events that came with an answer, in words; empty when nothing is. ``known``: how
    many events the log had for sure."""
    params: dict[str, Any] = (call.args[2] if len(call.args) > 2 else None) or {}
    events = call.value["events"]
    own = _own(call, places)
    held = [places[event["eventId"]] for event in events if event["eventId"] in places]
    more = bool(call.value.get("hasMore"))
    run_id = call.run_id or ""
    if params.get("sinceCursor") is not None:
        first, end = cursors.get((run_id, params["sinceCursor"])), own + 1
    elif params.get("eventCount") is not None:
        first, end = params["eventCount"], own
    elif call.event["eventType"] in _PRELOAD:
        lacks = held == list(range(len(events))) and len(held) < max(known, own + 1)
        return "lacks an event, and does not say that there is more" if lacks and not more else ""
    else:
        return ""
    if first is None or own == -1:
        return ""
    if len(held) < len(events):
        return "brings an event that is not in the log in the end"
    return _gap(held, first, end, more=more)


def _gap(held: list[int], first: int, end: int, *, more: bool) -> str:
    """What the places of the reported events leave out between where they have to begin and end."""
    if held and held[0] > first:
        return "does not begin where the writer's log ended"
    if held and held != list(range(held[0], held[0] + len(held))):
        return "brings events that do not follow each other in the log"
    reached = held[-1] + 1 if held else first
    if reached < end and not more:
        return "lacks an event before its own, and does not say that there is more"
    return ""
