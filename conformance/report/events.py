"""The event log as people read it: the same line again and again is one line with a count."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.report.lines import EventLine


@dataclass(slots=True)
class Told:
    """An event, and how often it is listed in a row."""

    event: EventLine
    count: int = 1


def folded(events: list[EventLine]) -> list[Told]:
    """Events in order, with runs of the same one (whatever its id and time) folded."""
    told: list[Told] = []
    for event in events:
        if told and _what(told[-1].event) == _what(event):
            told[-1].count += 1
        else:
            told.append(Told(event))
    return told


def _what(event: EventLine) -> tuple[object, ...]:
    return event.type, event.correlation_id, event.offending, repr(event.data)
