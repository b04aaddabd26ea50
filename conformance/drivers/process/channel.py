"""The two pipes to a host: lines of JSON to it, and lines of JSON from it."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.drivers.process.wire import MAX_LINE, loads, loads_all

_CHUNK: Final = 262144

#: Gets every line that a host writes.
OnLine = Callable[[bytes], None]


class Channel:
    """Reads from ``read_fd`` and writes to ``write_fd``; both are its own. Closed by :meth:`close`."""

    def __init__(self, read_fd: int, write_fd: int, on_line: OnLine | None = None) -> None:
        self._in, self._out = write_fd, read_fd
        self._on_line = on_line
        self._buffer = bytearray()
        self._scanned = 0
        self._poll = select.poll()
        self._poll.register(read_fd, select.POLLIN)
        os.set_blocking(write_fd, False)

    @property
    def closed(self) -> bool:
        return self._in < 0

    def fileno(self) -> int:
        """Readable when the host has something to say."""
        return self._out

    def wait(self, seconds: float) -> bool:
        """Whether there is something to read, after at most ``seconds``."""
        return bool(self._poll.poll(max(0.0, seconds * 1000)))

    def write(self, lines: bytes, timeout: float, meanwhile: Callable[[], object]) -> None:
        """Write all of ``lines``. The host may be stuck writing to us: ``meanwhile`` is called when there is
        something to read. Raises :class:`BrokenPipeError`, and :class:`TimeoutError` after ``timeout``
        seconds in which the pipe was full."""
        data = memoryview(lines)
        until = 0.0
        while data:
            try:
                data = data[os.write(self._in, data) :]
            except BlockingIOError:
                now = time.monotonic()
                until = until or now + timeout
                if now >= until:
                    raise TimeoutError from None
                readable, _, _ = select.select([self._out], [self._in], [], until - now)
                if readable:
                    meanwhile()

    def read(self) -> Iterator[dict[str, Any]]:
        """The messages that are whole after one read, which waits when nothing is there.

        Raises :class:`EOFError` at the end of the pipe, :class:`ValueError` for what is no message or is too
        long; messages before it were given.
        """
        data = os.read(self._out, _CHUNK)
        if not data:
            raise EOFError
        if not self._buffer and data.endswith(b"\n"):
            messages = None if self._on_line is not None else loads_all(data)
            if messages is not None:
                yield from messages
                return
            for line in data[:-1].split(b"\n"):
                yield self._message(line)
            return
        self._buffer += data
        while (end := self._buffer.find(b"\n", self._scanned)) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._scanned = 0
            yield self._message(line)
        self._scanned = len(self._buffer)
        if self._scanned > MAX_LINE:
            raise ValueError("sent a message longer than 64 MiB")

    def _message(self, line: bytes) -> dict[str, Any]:
        if self._on_line is not None:
            self._on_line(line)
        return loads(line)

    def hang_up(self) -> None:
        """The pipe to the host ends; its descriptor stays ours until :meth:`close`."""
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self._in)
        os.close(null)

    def close(self) -> None:
        """Give back both pipes. May be called twice."""
        if not self.closed:
            self._poll.unregister(self._out)
            os.close(self._in)
            os.close(self._out)
            self._in = self._out = -1
