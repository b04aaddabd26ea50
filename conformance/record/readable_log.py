"""The event log as people read it: the same line again and again is one line with a count."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.core.text import one_line
from conformance.record.lines import EventLine


@dataclass(slots=True)
class ReadLine:
    """An event, and how often it is listed in a row."""

    event: EventLine
    count: int = 1


def folded(events: list[EventLine]) -> list[ReadLine]:
    """Events in order, with runs of the same one (whatever its id and time) folded."""
    shown: list[ReadLine] = []
    for event in events:
        if shown and _what(shown[-1].event) == _what(event):
            shown[-1].count += 1
        else:
            shown.append(ReadLine(event))
    return shown


def as_line(line_read: ReadLine) -> str:
    """``X run1 step_completed step1 x2``: offending, twice in a row; the run only where there are several."""
    event = line_read.event
    name, about = one_line(event.type, 80), one_line(event.correlation_id or "", 80)
    run = f"{one_line(event.run, 80)} " if event.run else ""
    line = f"{'X' if event.offending else ' '} {run}{name} {about}".rstrip()
    return f"{line} x{line_read.count}" if line_read.count > 1 else line


def _what(event: EventLine) -> tuple[object, ...]:
    return event.run, event.type, event.correlation_id, event.offending, repr(event.data)
