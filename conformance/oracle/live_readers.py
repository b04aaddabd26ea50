"""What a live reader of a stream was given: one that was there while others wrote.

It must be given the chunks of the whole stream from its index on, each once and in the order of the stream,
and be told of the end. What the whole stream is says a reader that comes when nobody writes any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from conformance.core.history import Call
from conformance.oracle.streams_seen import SeenStream, say

OPEN: Final = "stream.open"
REST: Final = "stream.rest"


class Whole(NamedTuple):
    """A stream when nobody writes any more."""

    chunks: Sequence[str]
    #: chunk -> its write, of those that succeeded
    writes: dict[str, Call]
    #: when it was closed for the first time: when that began
    closing: int
    #: chunks that may have come after the end
    late: Collection[str]


def unlike(calls: Sequence[Call], whole: Whole) -> Iterator[SeenStream]:
    """In what the live readers of one stream were not given the whole of it."""
    opened = {call.args[3]: call for call in calls if call.op == OPEN and call.done}
    for call in calls:
        reader = opened.get(call.args[1]) if call.op == REST else None
        if reader is not None and call.answered:
            yield from _of_reader(reader, call, whole)


def _of_reader(opened: Call, rest: Call, whole: Whole) -> Iterator[SeenStream]:
    start = opened.args[2]
    if rest.error is not None:
        yield SeenStream(
            "stream.live-ends" if start >= 0 else "stream.from-end",
            f"{_who(start)} gets an error in place of the end: {rest.error}",
        )
        return
    got = rest.value["chunks"]
    if not rest.value["done"]:
        text = f"{_who(start)} is not told that the stream ends; it gets {say(got)}"
        yield SeenStream("stream.live-ends", text)
    if start < 0:
        yield from _from_end(opened, got, whole)
        return
    before, due = whole.chunks[:start], whole.chunks[start:]
    for chunk, count in Counter(got).items():
        if count > 1:
            yield SeenStream("stream.live-once", f"{_who(start)} gets chunk {chunk} {count} times")
        if chunk in before:
            where = f"index {before.index(chunk)} of {say(whole.chunks)}"
            text = f"{_who(start)} gets chunk {chunk}, which has {where}"
            yield SeenStream("stream.live-index", text)
        elif chunk not in due:
            others = f"later readers get {say(whole.chunks)}"
            text = f"{_who(start)} gets chunk {chunk}, which is not in the stream: {others}"
            yield SeenStream("stream.closed" if chunk in whole.late else "stream.live-kept", text)
    yield from _missing(opened, got, due, whole)
    common = [chunk for chunk in dict.fromkeys(got) if chunk in due]
    if common != [chunk for chunk in due if chunk in common]:
        yield SeenStream("stream.live-order", f"{_who(start)} gets {say(got)}; later readers get {say(due)}")


def _missing(opened: Call, got: Sequence[str], due: Sequence[str], whole: Whole) -> Iterator[SeenStream]:
    """Chunks that later readers get from the same index on."""
    for chunk in due:
        if chunk in got:
            continue
        write = whole.writes.get(chunk)
        when = "before it was there"
        if write is not None and write.ended > opened.began:
            when = "while it was there" if write.began > opened.ended else "while it came"
        text = f"{_who(opened.args[2])} never gets chunk {chunk}, which was written {when}"
        if write is not None and write.ended >= whole.closing:
            late = f"{text} and while the stream was closed; later readers get {say(due)}"
            yield SeenStream("stream.live-late", late)
        else:
            yield SeenStream("stream.live-kept", f"{text}; it gets {say(got)}, and later readers {say(due)}")


def _from_end(opened: Call, got: Sequence[str], whole: Whole) -> Iterator[SeenStream]:
    """Whether a reader began so many chunks before the end that the stream had as it came."""
    writes = [whole.writes[chunk] for chunk in whole.chunks if chunk in whole.writes]
    begun = [write for write in writes if write.began < opened.ended]
    there = [write for write in begun if write.ended < opened.began]
    counts = range(len(there), len(begun) + 1)
    if all(got != whole.chunks[max(0, count + opened.args[2]) :] for count in counts):
        text = (
            f"{_who(opened.args[2])} gets {say(got)} of {say(whole.chunks)}; "
            f"as it came there were {' or '.join(map(str, counts))} chunks"
        )
        yield SeenStream("stream.from-end", text)


def _who(start: int) -> str:
    return "a live reader" if start == 0 else f"a live reader from {start} on"
