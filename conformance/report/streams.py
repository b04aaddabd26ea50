"""Failures of streams, for readers who do not know the race map: what races, and what the lanes mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from conformance.core.scenario import TOGETHER
from conformance.racemap.live_readers import live_variants
from conformance.record.lines import Evidence, LaneItem, Verdict

#: Operation of a lane -> what it is. The calls are those of the interface of Worlds of line 4.x.
_LANES: Final = {
    "stream.open": "`readFromStream` (5.x: `streams.get`) with that index, for a reader of that name",
    "stream.poll": "so much time passes for that reader that its timers go off",
    "stream.cancel": "that reader is cancelled",
    "stream.write": "`writeToStream` (5.x: `streams.write`) of that chunk",
    "stream.close": "`closeStream` (5.x: `streams.close`)",
    "stream.rest": "that reader is read until it ends, or until nothing has come for a second: all that it "
    "was given since it was opened",
    "stream.read": "a reader that comes when all is over, read in the same way",
}


#: Operations that are followed by the name of a reader.
_OF_A_READER: Final = ("stream.poll ", "stream.cancel ", "stream.rest ")


@cache
def _abouts() -> dict[str, str]:
    return {one.name: one.about for one in live_variants()}


def raced_in_words(verdict: Verdict) -> str:
    """What races where a live reader does; empty for all else."""
    about = _abouts().get(verdict.variant.removesuffix(TOGETHER), "")
    return f"{about}, all in one process" if about and verdict.variant.endswith(TOGETHER) else about


def legend(evidence: Evidence) -> Iterator[str]:
    """What the operations on streams in these lanes are, in Markdown; nothing if there are none."""
    names = dict.fromkeys(item.label.partition(" ")[0] for item in evidence.lanes)
    known = [name for name in names if name in _LANES]
    if not known:
        return
    opened = {_reader(item.label) for item in evidence.lanes if item.label.startswith("stream.open ")}
    there = [_reader(item.label) for item in evidence.lanes if item.label.startswith(_OF_A_READER)]
    before = [f"`{name}`" for name in dict.fromkeys(there) if name and name not in opened]
    yield (
        "Read it so. The column `-` is what is done after the race, in the process of A."
        + (f" Opened before the race, from index 0: {' and '.join(before)}." if before else "")
        + (" The chunk `given` was written before it." if any(map(_gives, evidence.lanes)) else "")
    )
    yield ""
    yield from (f"- `{name}`: {_LANES[name]}." for name in known)


def _reader(label: str) -> str:
    """The name of a reader: ``first`` of ``stream.open first, from 0``."""
    return re.split(r"[ ,]", label)[1]


def _gives(item: LaneItem) -> bool:
    """Whether a reader is given the chunk that may be there before the race."""
    return "given" in re.split(r"[ ,]+", item.text or "")
