"""The memory world with streams: chunks of text, one after another, until their stream is closed."""

from __future__ import annotations

from typing import Any

from conformance.core.gates import Gate
from conformance.memory.world import MemoryWorld


class StreamingWorld(MemoryWorld):
    """A :class:`MemoryWorld` that is a Streamer, too. Each operation is one commit, or one read."""

    def reset(self) -> None:
        super().reset()
        #: the chunks of each stream, by its name
        self.chunks: dict[str, list[str]] = {}
        #: streams that are closed, with how many chunks they had when they first were
        self.closed: dict[str, int] = {}

    async def stream_write(self, name: str, run_id: str, chunk: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """Add a chunk; what comes after the end is ignored."""
        await Gate(f"write {name}", "write", (name,))
        if name not in self.closed:
            self.chunks.setdefault(name, []).append(chunk)
        return {}

    async def stream_close(self, name: str, run_id: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """End a stream; another end changes nothing."""
        await Gate(f"close {name}", "write", (name,))
        self.closed.setdefault(name, len(self.chunks.get(name, ())))
        return {}

    async def stream_chunks(self, name: str, run_id: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """What there is now."""
        await Gate(f"snapshot of {name}", "read", (name,))
        return {"chunks": list(self.chunks.get(name, ())), "done": name in self.closed}

    async def stream_read(self, name: str, run_id: str, start: int, limit_ms: int) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """From an index on, which counts from the end when it is negative. Nobody is waited for."""
        await Gate(f"read {name}", "read", (name,))
        return {"chunks": self.chunks.get(name, [])[start:], "done": name in self.closed}
