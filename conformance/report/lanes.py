"""The lanes of a schedule, laid out: who did what in which order, and where the race was lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conformance.report.lines import Evidence, LaneItem
from conformance.report.text import bound, one_line

#: One sign a kind of happening, in text.
SIGNS: Final = {"call": "→", "gate": "•", "answer": "←", "queue": "⇢", "body": "▶", "log": "✎"}


@dataclass(frozen=True, slots=True)
class Span:
    """A call that was open from ``start`` to ``end`` (places in the order of happenings)."""

    lane: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lanes:
    """``names`` of the lanes, the suite's own (``-``) last; ``items`` in order of happening.

    ``window`` is the first and last ``at`` of the race, if any.
    """

    names: list[str]
    items: list[LaneItem]
    spans: list[Span]
    window: tuple[int, int] | None

    def in_window(self, item: LaneItem) -> bool:
        return self.window is not None and self.window[0] <= item.at <= self.window[1]

    @property
    def places(self) -> list[str]:
        """``file:line`` inside the package: those of the race window first, each once."""
        inside = [item.where for item in self.items if item.where and self.in_window(item)]
        return list(dict.fromkeys([*inside, *(item.where for item in self.items if item.where)]))


def lay_out(evidence: Evidence) -> Lanes:
    """The lanes of an evidence, in order."""
    items = sorted(evidence.lanes, key=lambda item: item.at)
    names = sorted(dict.fromkeys(item.lane for item in items), key=lambda name: (name == "-", name))
    spans = _spans(items)
    return Lanes(names, items, spans, evidence.window or _overlap(spans))


def around_window(lanes: Lanes, limit: int) -> tuple[Lanes, int, int]:
    """At most ``limit`` items, those about the race window; and how many were left out before and after."""
    if len(lanes.items) <= limit:
        return lanes, 0, 0
    inside = [index for index, item in enumerate(lanes.items) if lanes.in_window(item)]
    middle = (inside[0] + inside[-1]) // 2 if inside else 0
    first = max(0, min(middle - limit // 2, len(lanes.items) - limit))
    kept = lanes.items[first : first + limit]
    spans = [span for span in lanes.spans if span.end >= kept[0].at and span.start <= kept[-1].at]
    return Lanes(lanes.names, kept, spans, lanes.window), first, len(lanes.items) - first - limit


def as_text(lanes: Lanes, width: int = 44) -> str:
    """The lanes in columns of plain text; ``|`` at the left marks the race window."""
    rows = ["  " + "  ".join(name.ljust(width) for name in lanes.names).rstrip()]
    for item in lanes.items:
        text = f"{SIGNS[item.kind]} {one_line(item.label, 200)}" + (
            f" {one_line(item.text, 200)}" if item.text else ""
        )
        column = lanes.names.index(item.lane)
        where = f"  {item.where}" if item.where else ""
        last = column == len(lanes.names) - 1
        cell = text if last and not where else bound(text, width).ljust(width)
        rows.append(
            (("| " if lanes.in_window(item) else "  ") + " " * (column * (width + 2)) + cell + where).rstrip()
        )
    return "\n".join(rows)


def _spans(items: list[LaneItem]) -> list[Span]:
    """Calls, from ``call`` to the ``answer`` of the same lane and label (or to the end)."""
    spans: list[Span] = []
    for index, item in enumerate(items):
        if item.kind == "call":
            ends = (
                other.at
                for other in items[index + 1 :]
                if other.kind == "answer" and other.lane == item.lane and other.label == item.label
            )
            spans.append(Span(item.lane, item.at, next(ends, items[-1].at)))
    return spans


def _overlap(spans: list[Span]) -> tuple[int, int] | None:
    """The stretch in which calls of different lanes were open at once, or None if they never were."""
    overlaps = [
        (max(one.start, other.start), min(one.end, other.end))
        for index, one in enumerate(spans)
        for other in spans[index + 1 :]
        if one.lane != other.lane and max(one.start, other.start) < min(one.end, other.end)
    ]
    if not overlaps:
        return None
    return min(start for start, _ in overlaps), max(end for _, end in overlaps)
