"""Worlds that give a live reader of a stream something else than later readers get."""

from __future__ import annotations

from typing import Any

from conformance.core.gates import Gate
from conformance.memory.mutants.mutant import Mutant, mapped
from conformance.memory.streams import Reader, StreamingWorld


class _LoadsThenListens(StreamingWorld):
    """Loads what there is, and listens a moment later: what comes in between is never given."""

    async def stream_open(self, name: str, run_id: str, start: int, reader: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        await Gate(f"read {name}", "read", (name,))
        there = tuple(self.chunks.get(name, []))
        ended = name in self.closed
        await Gate(f"reader of {name}", "write", (name,))
        skips = max(0, start - len(there))
        self.readers[name, reader] = Reader(skips, there[start:], ended or name in self.closed)
        return {}


class _ListensThenLoads(StreamingWorld):
    """Listens, loads a moment later, and does not look what it was told in between."""

    async def stream_open(self, name: str, run_id: str, start: int, reader: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        await Gate(f"reader of {name}", "write", (name,))
        self.readers[name, reader] = Reader()
        await Gate(f"read {name}", "read", (name,))
        self.load(name, reader, start)
        return {}


class _TellsLater(StreamingWorld):
    """Stores a chunk, and tells readers of it a moment later: two writers may tell in the other order."""

    async def stream_write(self, name: str, run_id: str, chunk: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        await Gate(f"write {name}", "write", (name,))
        if name in self.closed:
            return {}
        self.chunks.setdefault(name, []).append(chunk)
        await Gate(f"tell of {name}", "write", (name,))
        self.tell(name, chunk)
        return {}


class _CountsWhatIsThere(StreamingWorld):
    """Counts to the index of a reader over the chunks that are there, and not over those that come."""

    def load(self, name: str, reader: str, start: int) -> None:
        super().load(name, reader, start)
        self.readers[name, reader] = self.readers[name, reader]._replace(skips=0)


class _WaitsForNews(StreamingWorld):
    """Looks for the end first and then listens for it: an end that comes in between is missed."""

    async def stream_open(self, name: str, run_id: str, start: int, reader: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        await Gate(f"look for the end of {name}", "read", (name,))
        ended = name in self.closed
        await Gate(f"reader of {name}", "write", (name,))
        self.readers[name, reader] = Reader()
        self.load(name, reader, start)
        self.readers[name, reader] = self.readers[name, reader]._replace(ended=ended)
        return {}


class _ForgetsOthers(StreamingWorld):
    """Forgets all readers of a stream when one of them goes."""

    def reset(self) -> None:
        super().reset()
        #: readers that are told nothing more
        self.deaf: tuple[tuple[str, str], ...] = ()

    async def stream_cancel(self, name: str, reader: str) -> dict[str, Any]:
        await super().stream_cancel(name, reader)
        self.deaf = (*self.deaf, *self.listening(name))
        return {}

    def listening(self, name: str) -> list[tuple[str, str]]:
        return [who for who in super().listening(name) if who not in self.deaf]


class _PollsByCounter(StreamingWorld):
    """Numbers a chunk before it is committed; a reader asks for those above the last that it has."""

    def reset(self) -> None:
        super().reset()
        self.drawn = 0
        #: stream -> the number of each chunk; reader -> the last one that it has
        self.numbers: dict[str, list[int]] = {}
        self.last: dict[tuple[str, str], int] = {}

    async def stream_write(self, name: str, run_id: str, chunk: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        await Gate(f"draw a number for {name}", "write", (name,))
        self.drawn = number = self.drawn + 1
        await Gate(f"write {name}", "write", (name,))
        if name in self.closed:
            return {}
        numbers, chunks = self.numbers.setdefault(name, []), self.chunks.setdefault(name, [])
        place = sum(other < number for other in numbers)
        numbers.insert(place, number)
        chunks.insert(place, chunk)
        return {}

    async def stream_poll(self, name: str, reader: str) -> dict[str, Any]:
        await Gate(f"read {name}", "read", (name,))
        self._ask(name, reader)
        return {}

    async def stream_rest(self, name: str, reader: str, limit_ms: int) -> dict[str, Any]:
        self._ask(name, reader)
        return await super().stream_rest(name, reader, limit_ms)

    def load(self, name: str, reader: str, start: int) -> None:
        there = len(self.chunks.get(name, []))
        skips = start if start >= 0 else max(0, there + start)
        self.readers[name, reader] = Reader(skips, (), name in self.closed)
        self._ask(name, reader)

    def _ask(self, name: str, reader: str) -> None:
        """A reader is given what has come above the last number that it has."""
        who = name, reader
        for number, chunk in zip(self.numbers.get(name, []), self.chunks.get(name, []), strict=True):
            if number > self.last.get(who, 0):
                self.last[who] = number
                self.give(who, chunk)

    def tell(self, name: str, chunk: str) -> None:
        """Nobody is told: readers ask."""


_COMES = "stream.write~stream.open@running+stream-empty"

MUTANTS = (
    Mutant(
        "reader-loads-then-listens",
        "Loads what a stream holds, and listens for more a moment later.",
        mapped(_COMES, "stream.live-kept"),
        _LoadsThenListens,
    ),
    Mutant(
        "reader-listens-then-loads",
        "Listens for chunks, loads what there is a moment later, and gives both.",
        mapped(_COMES, "stream.live-once"),
        _ListensThenLoads,
    ),
    Mutant(
        "readers-told-later",
        "Stores a chunk, and tells live readers of it a moment later.",
        (
            *mapped("stream.write~stream.write:reading@running+stream-empty", "stream.live-order"),
            *mapped("stream.write~stream.close:reading@running+stream-empty", "stream.live-late"),
        ),
        _TellsLater,
    ),
    Mutant(
        "reader-counts-what-is-there",
        "Counts to the index of a live reader over the chunks that are there when it comes.",
        mapped("stream.write~stream.open:from-index@running+stream-empty", "stream.live-index"),
        _CountsWhatIsThere,
    ),
    Mutant(
        "reader-waits-for-news",
        "Looks whether a stream has ended before it listens for its end.",
        mapped("stream.close~stream.open@running+stream-empty", "stream.live-ends"),
        _WaitsForNews,
    ),
    Mutant(
        "reader-polls-by-counter",
        "Numbers a chunk before it is committed, and reads on above the last number that a reader has.",
        mapped("stream.write~stream.poll@running+stream-empty", "stream.live-kept"),
        _PollsByCounter,
    ),
    Mutant(
        "reader-takes-others-along",
        "Tells no reader of a stream anything more when one of them goes.",
        mapped("stream.write~stream.cancel:closing@running+stream-one-chunk", "stream.live-ends"),
        _ForgetsOthers,
    ),
)
