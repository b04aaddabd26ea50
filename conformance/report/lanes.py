"""The lanes of a schedule, laid out: who did what in which order, and where the race was lost."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.report.lines import Evidence, LaneItem


@dataclass(frozen=True, slots=True)
class Lanes:
    """``names`` in the order in which the lanes first did something, the suite's own (``-``) last.

    ``items`` are in order of happening. ``window`` is the first and last ``at`` of the race, if any.
    """

    names: list[str]
    items: list[LaneItem]
    window: tuple[int, int] | None


def lay_out(evidence: Evidence) -> Lanes:
    """The lanes of an evidence, in order."""
    items = sorted(evidence.lanes, key=lambda item: item.at)
    names = sorted(dict.fromkeys(item.lane for item in items), key=lambda name: (name == "-", name))
    return Lanes(names, items, evidence.window or _overlap(items))


def _overlap(items: list[LaneItem]) -> tuple[int, int] | None:
    """The stretch in which calls of different lanes were open at once, or None if they never were.

    A call is open from its ``call`` to the ``answer`` of the same lane and label (or to the end).
    """
    spans: list[tuple[int, int, str]] = []
    for index, item in enumerate(items):
        if item.kind != "call":
            continue
        ends = (
            other.at
            for other in items[index + 1 :]
            if other.kind == "answer" and other.lane == item.lane and other.label == item.label
        )
        spans.append((item.at, next(ends, items[-1].at), item.lane))
    overlaps = [
        (max(first[0], second[0]), min(first[1], second[1]))
        for index, first in enumerate(spans)
        for second in spans[index + 1 :]
        if first[2] != second[2] and max(first[0], second[0]) < min(first[1], second[1])
    ]
    if not overlaps:
        return None
    return min(start for start, _ in overlaps), max(end for _, end in overlaps)
