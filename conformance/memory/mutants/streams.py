"""Worlds that go wrong with streams: the race map plays them, where chunks, ends and snapshots race."""

from __future__ import annotations

from typing import Any

from conformance.core.gates import Gate
from conformance.memory.mutants.mutant import Mutant, mapped
from conformance.memory.streams import StreamingWorld


class _ReadsWhatItWrites(StreamingWorld):
    """Reads the whole stream, and writes it back with one chunk more: what was added in between is lost."""

    async def stream_write(self, name: str, run_id: str, chunk: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        await Gate(f"read {name}", "read", (name,))
        before = list(self.chunks.get(name, ()))
        await Gate(f"write {name}", "write", (name,))
        self.chunks[name] = [*before, chunk]
        return {}


class _WritesAgain(StreamingWorld):
    """Adds a chunk again when it was not the last one a moment later, as if it had been lost."""

    async def stream_write(self, name: str, run_id: str, chunk: str) -> dict[str, Any]:
        await super().stream_write(name, run_id, chunk)
        await Gate(f"look at {name}", "read", (name,))
        if self.chunks.get(name, [chunk])[-1] != chunk:
            await super().stream_write(name, run_id, chunk)
        return {}


class _NewestFirst(StreamingWorld):
    """Puts a chunk before one that the same writer added while another writer wrote."""

    async def stream_write(self, name: str, run_id: str, chunk: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        await Gate(f"write {name}", "write", (name,))
        there = self.chunks.setdefault(name, [])
        own = [at for at, one in enumerate(there) if one[:1] == chunk[:1]]
        if name not in self.closed:
            there.insert(own[-1] if own and own[-1] < len(there) - 1 else len(there), chunk)
        return {}


class _ReopensOnWrite(StreamingWorld):
    """Takes a closed stream for an open one when a chunk comes after its end: its readers wait for ever."""

    async def stream_write(self, name: str, run_id: str, chunk: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        await Gate(f"write {name}", "write", (name,))
        if name in self.closed:
            self.closed[name] = -1
        else:
            self.chunks.setdefault(name, []).append(chunk)
        return {}

    async def stream_read(self, name: str, run_id: str, start: int, limit_ms: int) -> dict[str, Any]:
        page = await super().stream_read(name, run_id, start, limit_ms)
        return {**page, "done": page["done"] and self.closed[name] >= 0}


class _EndsByFirstReader(StreamingWorld):
    """Drops a chunk from a stream that two closed, once it was read."""

    def reset(self) -> None:
        super().reset()
        self.closers: dict[str, int] = {}

    async def stream_close(self, name: str, run_id: str) -> dict[str, Any]:
        self.closers[name] = self.closers.get(name, 0) + 1
        return await super().stream_close(name, run_id)

    async def stream_read(self, name: str, run_id: str, start: int, limit_ms: int) -> dict[str, Any]:
        page = await super().stream_read(name, run_id, start, limit_ms)
        if start == 0 and self.closers.get(name, 0) > 1:
            del self.chunks.get(name, [])[:1]
        return page


class _IndexFromOne(StreamingWorld):
    """Counts the chunks from one."""

    async def stream_read(self, name: str, run_id: str, start: int, limit_ms: int) -> dict[str, Any]:
        return await super().stream_read(name, run_id, max(start - 1, 0) if start > 0 else start, limit_ms)


class _SnapshotOfTheEnd(StreamingWorld):
    """Gives the newest chunk alone for a snapshot."""

    async def stream_chunks(self, name: str, run_id: str) -> dict[str, Any]:
        page = await super().stream_chunks(name, run_id)
        return {**page, "chunks": page["chunks"][-1:]}


_WRITERS = "stream.write~stream.write@running+stream-empty"
_SEVERAL = "stream.write~stream.write:several@running+stream-empty"
_CLOSERS = "stream.close~stream.close@running+stream-one-chunk"

MUTANTS = (
    Mutant(
        "chunks-overwritten",
        "Reads a stream and writes it back with one chunk more, whatever has been added in between.",
        mapped(_WRITERS, "stream.kept"),
        _ReadsWhatItWrites,
    ),
    Mutant(
        "chunk-sent-again",
        "Adds a chunk again when another one has come behind it.",
        mapped(_WRITERS, "stream.once"),
        _WritesAgain,
    ),
    Mutant(
        "chunks-reordered",
        "Puts a chunk before an older one of its writer when another writer wrote in between.",
        mapped(_SEVERAL, "stream.order"),
        _NewestFirst,
    ),
    Mutant(
        "stream-reopened",
        "Takes a stream for open again when a chunk comes after its end.",
        mapped("stream.write~stream.close@running+stream-one-chunk", "stream.ends"),
        _ReopensOnWrite,
    ),
    Mutant(
        "stream-consumed",
        "Drops the first chunk of a stream that two have closed, once somebody has read it.",
        mapped(_CLOSERS, "stream.same"),
        _EndsByFirstReader,
    ),
    Mutant(
        "stream-index-from-one",
        "Counts chunks from one.",
        mapped(_WRITERS, "stream.index"),
        _IndexFromOne,
    ),
    Mutant(
        "snapshot-of-the-end",
        "Gives the newest chunk alone for a snapshot of a stream.",
        mapped("stream.write~stream.chunks@running+stream-one-chunk", "stream.prefix"),
        _SnapshotOfTheEnd,
    ),
)
