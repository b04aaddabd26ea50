"""The lanes of a schedule, laid out: who did what in which order, and where the race was lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from conformance.core.text import bound, one_line
from conformance.record.lines import Evidence, LaneItem

#: Operations that only read.
_READ: Final = re.compile(r"\.(?:list|get\w*)$")
#: One sign a kind of trace entry, in text.
SIGNS: Final = {"call": "→", "gate": "•", "answer": "←", "queue": "⇢", "body": "▶", "log": "✎", "fault": "⚡"}


@dataclass(frozen=True, slots=True)
class Span:
    """A call that was open from ``start`` to ``end`` (places in the order of trace entries)."""

    lane: str
    start: int
    end: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A source line of the package, ``file:line``, and how it was reached, as in :class:`LaneItem`."""

    line: str
    compiled: str = ""
    frames: tuple[str, ...] = ()

    @property
    def published(self) -> str:
        """The line in the file that the package ships."""
        return self.compiled or self.line

    @property
    def beside(self) -> str:
        """What else is known of it: the compiled line, the helper that did it, the lines that called."""
        at = self.frames.index(self.line) if self.line in self.frames else 0
        helper, callers = self.frames[:at][:1], self.frames[at + 1 :][:2]
        parts = (
            self.compiled,
            f"through {helper[0]}" if helper else "",
            f"called at {', '.join(callers)}" if callers else "",
        )
        return "; ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Lanes:
    """``names`` of the lanes, the suite's own (``-``) last; ``items`` in order of trace entry.

    ``window`` is the first and last ``at`` of the race, if any.
    """

    names: list[str]
    items: list[LaneItem]
    spans: list[Span]
    window: tuple[int, int] | None

    def in_window(self, item: LaneItem) -> bool:
        return self.window is not None and self.window[0] <= item.at <= self.window[1]

    @property
    def sources(self) -> list[Source]:
        """The source lines of the package: those of the race window first, each once."""
        placed = sorted(
            (item for item in self.items if item.where), key=lambda item: not self.in_window(item)
        )
        found: dict[str, Source] = {}
        for item in placed:
            found.setdefault(item.where or "", Source(item.where or "", item.compiled, tuple(item.frames)))
        return list(found.values())

    @property
    def places(self) -> list[str]:
        """``file:line`` inside the package: those of the race window first, each once."""
        return [source.line for source in self.sources]


def lay_out(evidence: Evidence, reason: str = "") -> Lanes:
    """The lanes of an evidence, in order. The ``reason`` tells which of several races is meant."""
    items = sorted(evidence.lanes, key=lambda item: item.at)
    names = sorted(dict.fromkeys(item.lane for item in items), key=lambda name: (name == "-", name))
    spans = _spans(items)
    return Lanes(names, _joined(items), spans, evidence.window or _window(items, spans, reason))


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


def about_calls(lanes: Lanes, calls: Sequence[int], around: int) -> list[Lanes]:
    """The stretches about these calls, which are named by their ``at``: so many items before and after each.
    Stretches that touch are one."""
    places = [index for index, item in enumerate(lanes.items) if item.at in calls]
    kept = sorted({at for place in places for at in range(place - around, place + around + 1)})
    stretches: list[list[LaneItem]] = []
    for at in (at for at in kept if 0 <= at < len(lanes.items)):
        if at - 1 not in kept or not stretches:
            stretches.append([])
        stretches[-1].append(lanes.items[at])
    return [Lanes(lanes.names, items, lanes.spans, lanes.window) for items in stretches]


def as_text(lanes: Lanes, width: int = 44) -> str:
    """The lanes in columns of plain text; ``|`` at the left marks the race window."""
    rows = ["  " + "  ".join(name.ljust(width) for name in lanes.names).rstrip()]
    for item in lanes.items:
        text = f"{SIGNS[item.kind]} {one_line(item.label, 200)}" + (
            f" {one_line(item.text, 200)}" if item.text else ""
        )
        column = lanes.names.index(item.lane)
        where = f"  {item.where}" if item.where else ""
        # Nothing else is in its row, so what is longer than a column goes on.
        cell = bound(text, 2 * width).ljust(width) if where else text
        rows.append(
            (("| " if lanes.in_window(item) else "  ") + " " * (column * (width + 2)) + cell + where).rstrip()
        )
    return "\n".join(rows)


def _joined(items: list[LaneItem]) -> list[LaneItem]:
    """A call that was answered before anything else happened is one trace entry, not two."""
    joined: list[LaneItem] = []
    for item in items:
        before = joined[-1] if joined else None
        at_once = (
            item.kind == "answer"
            and before is not None
            and (before.kind, before.lane, before.label) == ("call", item.lane, item.label)
        )
        if at_once and before is not None:
            text = f"{before.text} → {item.text or 'answered'}".strip()
            joined[-1] = msgspec.structs.replace(before, text=text)
        else:
            joined.append(item)
    return joined


def _spans(items: list[LaneItem]) -> list[Span]:
    """Calls, from ``call`` to the ``answer`` of the same lane and label. One whose caller died has none: it
    ends with what was last seen of its lane."""
    spans: list[Span] = []
    for index, item in enumerate(items):
        if item.kind == "call":
            mine = [other for other in items[index:] if other.lane == item.lane]
            ends = (other.at for other in mine if (other.kind, other.label) == ("answer", item.label))
            spans.append(Span(item.lane, item.at, next(ends, mine[-1].at), item.label))
    return spans


def _window(items: list[LaneItem], spans: list[Span], reason: str) -> tuple[int, int] | None:
    """Where the race was lost: from the first look of a call to the last thing it did after another
    lane's call, which overlaps it, had been answered. What it knew was stale by then.

    Reads race with nobody. Of the others: those the reason speaks of, calls to one end (the same label)
    first, or else all that overlap.
    """
    spans = [span for span in spans if not _READ.search(span.label.partition(" ")[0])]
    pairs = [
        sorted((one, other), key=lambda span: span.end)
        for index, one in enumerate(spans)
        for other in spans[index + 1 :]
        if one.lane != other.lane and max(one.start, other.start) < min(one.end, other.end)
    ]
    same = [pair for pair in pairs if pair[0].label == pair[1].label]
    chosen = _spoken_of(same, reason) or _spoken_of(pairs, reason) or same or pairs
    found = [_stale(items, winner, loser) for winner, loser in chosen]
    return (min(start for start, _ in found), max(end for _, end in found)) if found else None


def _spoken_of(pairs: list[list[Span]], reason: str) -> list[list[Span]]:
    words = set(re.findall(r"\w+", reason))
    return [pair for pair in pairs if any(span.label.partition(" ")[0] in words for span in pair)]


def _stale(items: list[LaneItem], winner: Span, loser: Span) -> tuple[int, int]:
    gates = [
        item.at for item in items
        if item.kind == "gate" and item.lane == loser.lane and loser.start <= item.at <= loser.end
    ]  # fmt: skip
    start = gates[0] if gates and gates[0] < winner.end else max(winner.start, loser.start)
    return start, gates[-1] if gates and gates[-1] > winner.end else loser.end
