"""The memory world with streams: chunks of text, one after another, until their stream is closed.

A live reader is told of each chunk as it is written, and of the end.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from conformance.core.gates import Gate
from conformance.memory.world import MemoryWorld


class Reader(NamedTuple):
    """A live reader. ``skips``: so many chunks that are still to come are not for it; ``given``: those that
    it was given; ``ended``: whether it was told of the end."""

    skips: int = 0
    given: tuple[str, ...] = ()
    ended: bool = False


class StreamingWorld(MemoryWorld):
    """A :class:`MemoryWorld` that is a Streamer, too. Each operation is one commit, or one read."""

    def reset(self) -> None:
        super().reset()
        #: the chunks of each stream, by its name
        self.chunks: dict[str, list[str]] = {}
        #: streams that are closed, with how many chunks they had when they first were
        self.closed: dict[str, int] = {}
        #: the live readers, by their stream and what they are called
        self.readers: dict[tuple[str, str], Reader] = {}

    async def stream_write(self, name: str, run_id: str, chunk: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """Add a chunk; what comes after the end is ignored."""
        await Gate(f"write {name}", "write", (name,))
        if name not in self.closed:
            self.chunks.setdefault(name, []).append(chunk)
            self.tell(name, chunk)
        return {}

    async def stream_close(self, name: str, run_id: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """End a stream; another end changes nothing."""
        await Gate(f"close {name}", "write", (name,))
        self.closed.setdefault(name, len(self.chunks.get(name, ())))
        self.tell_end(name)
        return {}

    async def stream_chunks(self, name: str, run_id: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """What there is now."""
        await Gate(f"snapshot of {name}", "read", (name,))
        return {"chunks": list(self.chunks.get(name, ())), "done": name in self.closed}

    async def stream_read(self, name: str, run_id: str, start: int, limit_ms: int) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """From an index on, which counts from the end when it is negative. Nobody is waited for."""
        await Gate(f"read {name}", "read", (name,))
        return {"chunks": self.chunks.get(name, [])[start:], "done": name in self.closed}

    # -- live readers ---------------------------------------------------------------------------

    async def stream_open(self, name: str, run_id: str, start: int, reader: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """A reader comes, and is given what there is from an index on. It may skip what is still to come."""
        await Gate(f"reader of {name}", "write", (name,))
        self.readers[name, reader] = Reader()
        self.load(name, reader, start)
        return {}

    async def stream_poll(self, name: str, reader: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """Time passes for a reader: here nothing hangs on it."""
        return {}

    async def stream_rest(self, name: str, reader: str, limit_ms: int) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """All that a reader was given."""
        gone = self.readers.pop((name, reader))
        return {"chunks": list(gone.given), "done": gone.ended}

    async def stream_cancel(self, name: str, reader: str) -> dict[str, Any]:
        """A reader goes."""
        await Gate(f"reader of {name} goes", "write", (name,))
        self.readers.pop((name, reader))
        return {}

    def load(self, name: str, reader: str, start: int) -> None:
        """Give a reader what there is from an index on, behind what it was given already."""
        there, old = self.chunks.get(name, []), self.readers[name, reader]
        self.readers[name, reader] = old._replace(
            skips=max(0, start - len(there)), given=(*old.given, *there[start:]), ended=name in self.closed
        )

    def tell(self, name: str, chunk: str) -> None:
        """Tell every reader of a stream of a chunk."""
        for who in self.listening(name):
            if not self.readers[who].ended:
                self.give(who, chunk)

    def give(self, who: tuple[str, str], chunk: str) -> None:
        """Give a reader a chunk, unless it is one that it skips."""
        old = self.readers[who]
        given = old.given if old.skips else (*old.given, chunk)
        self.readers[who] = old._replace(skips=max(0, old.skips - 1), given=given)

    def tell_end(self, name: str) -> None:
        """Tell every reader of a stream of its end."""
        for who in self.listening(name):
            self.readers[who] = self.readers[who]._replace(ended=True)

    def listening(self, name: str) -> list[tuple[str, str]]:
        """The readers of a stream that are told something."""
        return [who for who in self.readers if who[0] == name]
