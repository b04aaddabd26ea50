"""What readers of a stream were given, against what was written to it: chunks, their order, and the end.

A stream that was closed is read to its end after the race, from its beginning and from an index. A chunk is a
text of its own, so that what became of it can be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from conformance.core.history import Call
from conformance.oracle.live_readers import Whole, unlike
from conformance.oracle.streams_seen import SeenStream, say
from conformance.spec.vocabulary import NOT_IMPLEMENTED

WRITE: Final = "stream.write"
CLOSE: Final = "stream.close"
READ: Final = "stream.read"
CHUNKS: Final = "stream.chunks"


def misstreams(calls: Iterable[Call]) -> tuple[SeenStream, ...]:
    """What is wrong with the streams of a history."""
    streams: dict[str, list[Call]] = {}
    for call in calls:
        if call.op.startswith("stream.") and call.answered:
            streams.setdefault(call.args[0], []).append(call)
    return tuple(sorted({wrong for mine in streams.values() for wrong in _of(mine)}))


def _of(calls: Sequence[Call]) -> Iterator[SeenStream]:
    yield from _failed(calls)
    done = [call for call in calls if call.done]
    writes = [call for call in done if call.op == WRITE]
    closes = [call for call in done if call.op == CLOSE]
    reads = [call for call in done if call.op == READ]
    whole = next((call.value["chunks"] for call in reads if call.args[2] == 0), None)
    if whole is None or not closes:
        return
    yield from _kept(writes, closes, whole)
    yield from _ordered(writes, whole)
    closing = min(call.began for call in closes)
    late = {call.args[2] for call in writes if call.ended >= closing}
    for call in reads:
        yield from _read(call, whole, late)
    yield from unlike(calls, Whole(whole, {call.args[2]: call for call in writes}, closing, late))
    for call in done:
        got = call.value["chunks"] if call.op == CHUNKS else []
        if call.phase == "race" and got != whole[: len(got)]:
            text = f"a reader was shown {say(got)} meanwhile; the stream holds {say(whole)}"
            yield SeenStream("stream.prefix", text)


def _failed(calls: Sequence[Call]) -> Iterator[SeenStream]:
    """Readers of a closed stream that get an error."""
    for call in calls:
        if call.op == READ and call.error is not None and call.error.code != NOT_IMPLEMENTED:
            text = f"a reader from {call.args[2]} of a closed stream gets an error: {call.error}"
            yield SeenStream("stream.ends" if call.args[2] >= 0 else "stream.from-end", text)


def _read(call: Call, whole: Sequence[str], late: set[str]) -> Iterator[SeenStream]:
    """What one reader of a closed stream was given. ``late``: chunks that may have come after its end."""
    start, got = call.args[2], call.value["chunks"]
    beyond = set(got) - set(whole)
    if not call.value["done"]:
        text = f"a reader from {start} of a closed stream is not told that it ends"
        yield SeenStream("stream.ends", text)
    elif beyond and beyond <= late:
        text = f"{say(sorted(beyond))} is behind the end of the stream, and is read from {start} on"
        yield SeenStream("stream.closed", text)
    elif start == 0 and got != whole:
        text = f"{say(whole)} was read from a closed stream, and then {say(got)}"
        yield SeenStream("stream.same", text)
    elif got != whole[start:]:
        text = f"{say(got)} was read from {start} on; the stream holds {say(whole)}"
        yield SeenStream("stream.index" if start > 0 else "stream.from-end", text)


def _kept(writes: Sequence[Call], closes: Sequence[Call], whole: Sequence[str]) -> Iterator[SeenStream]:
    counts = Counter(whole)
    first_close = min(call.began for call in closes)
    closed = min(call.ended for call in closes)
    for call in writes:
        chunk = call.args[2]
        count = counts.pop(chunk, 0)
        if count > 1:
            yield SeenStream("stream.once", f"chunk {chunk} was written once and is read {count} times")
        elif not count and call.ended < first_close:
            yield SeenStream(
                "stream.kept", f"chunk {chunk} was written before the stream was closed, and is lost"
            )
        elif count and call.began > closed:
            yield SeenStream(
                "stream.closed", f"chunk {chunk} was written after the end of the stream, and is read"
            )
    for chunk in counts:
        yield SeenStream("stream.kept", f"{chunk[:40]!r} is read, which nobody wrote")


def _ordered(writes: Sequence[Call], whole: Sequence[str]) -> Iterator[SeenStream]:
    places = {chunk: place for place, chunk in enumerate(whole)}
    read = [call for call in writes if call.args[2] in places]
    for one, other in combinations(sorted(read, key=lambda call: call.began), 2):
        if one.ended < other.began and places[one.args[2]] > places[other.args[2]]:
            own = one.actor == other.actor
            text = f"chunk {one.args[2]} was written before {other.args[2]} and is read after it"
            yield SeenStream("stream.order" if own else "stream.real-time", text)
