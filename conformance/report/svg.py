"""The lanes as a drawing: where each thing goes, in SVG units (pixels). The template only prints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conformance.core.text import one_line
from conformance.record.lines import LaneItem
from conformance.report.lanes import Lanes

_GUTTER: Final = 34
_HEAD: Final = 40
_LINE: Final = 25
_SUBLINE: Final = 16
_WIDTH: Final = 748
_LANE_MIN: Final = 238
_LANE_MAX: Final = 420
#: The width of one character of the two sizes of the fixed font.
_CHAR: Final = 7.3
_SMALL_CHAR: Final = 6.4


@dataclass(frozen=True, slots=True)
class Head:
    name: str
    x: float
    tone: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A call that was open: a bar on its lane."""

    x: float
    y: float
    height: float
    tone: int


@dataclass(frozen=True, slots=True)
class Spot:
    """One trace entry: a sign on its lane and one or two lines of text beside it.

    ``full`` is all of the text, where some of it had to be cut.
    """

    x: float
    y: float
    number: int
    kind: str
    tone: int
    label: str
    sub: str
    full: str


@dataclass(frozen=True, slots=True)
class Drawing:
    width: float
    height: float
    #: how far the lanes are apart
    lane: float
    heads: list[Head]
    bars: list[Bar]
    spots: list[Spot]
    #: y and height of the race window, if it is in the picture
    window: tuple[float, float] | None
    title: str


def draw(lanes: Lanes, before: int = 0) -> Drawing:
    """Lay the lanes out, time going down; ``before`` trace entries were left out before the first."""
    count = max(1, len(lanes.names))
    lane = min(_LANE_MAX, max(_LANE_MIN, (_WIDTH - _GUTTER) / count))
    left = {name: _GUTTER + index * lane + 14 for index, name in enumerate(lanes.names)}
    tone = {name: index % 4 for index, name in enumerate(lanes.names)}
    tops: dict[int, float] = {}
    y: float = _HEAD + 22
    spots: list[Spot] = []
    for number, item in enumerate(lanes.items, 1 + before):
        sub = _sub(item)
        label, below = _fit(item.label, lane, _CHAR), _fit_end(sub, lane, _SMALL_CHAR) if sub else ""
        cut = label != item.label or below != sub
        spots.append(
            Spot(
                left[item.lane], y, number, item.kind, tone[item.lane], label, below,
                " ".join(part for part in (item.label, item.text, item.where) if part) if cut else "",
            )
        )  # fmt: skip
        tops[item.at] = y
        y += _LINE + (_SUBLINE if sub else 0)
    height = y + 4
    bars = []
    for span in lanes.spans:
        top, end = tops.get(span.start, _HEAD + 4.0), tops.get(span.end, height - 8)
        bars.append(Bar(left[span.lane] - 5, top, max(end - top, 2), tone[span.lane]))
    return Drawing(
        _GUTTER + lane * count,
        height,
        lane,
        [Head("suite" if name == "-" else name, left[name], tone[name]) for name in lanes.names],
        bars,
        spots,
        _window(lanes, tops, height),
        _title(lanes),
    )


def _window(lanes: Lanes, tops: dict[int, float], height: float) -> tuple[float, float] | None:
    inside = [item.at for item in lanes.items if lanes.in_window(item)]
    if not inside:
        return None
    after = [item.at for item in lanes.items if item.at > inside[-1]]
    top = tops[inside[0]] - 15
    end = tops[after[0]] - 15 if after else height - 2
    return top, end - top


def _sub(item: LaneItem) -> str:
    text = one_line(item.text, 200)
    arrow = "→ " if text and item.kind == "gate" else ""
    return "  ".join(part for part in (f"{arrow}{text}" if text else "", item.where or "") if part)


def _fit(text: str, lane: float, char: float) -> str:
    room = int((lane - 30) / char)
    text = one_line(text, 400)
    return text if len(text) <= room else text[: room - 1] + "…"


def _fit_end(text: str, lane: float, char: float) -> str:
    """Cut in the middle: the end of it is where in the package, and what people need."""
    room = int((lane - 30) / char)
    if len(text) <= room:
        return text
    tail = room * 2 // 3
    return text[: room - tail - 1] + "…" + text[-tail:]


def _title(lanes: Lanes) -> str:
    parties = " and ".join(name for name in lanes.names if name != "-")
    window = ""
    inside = [index for index, item in enumerate(lanes.items, 1) if lanes.in_window(item)]
    if inside:
        window = f", the race window from {inside[0]} to {inside[-1]}"
    return f"Lanes of {parties}: {len(lanes.items)} trace entries{window}"
