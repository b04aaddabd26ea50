"""What a host process prints on stdout and stderr, read by a thread of its own and kept within bounds."""

from __future__ import annotations

import os
import selectors
import threading
from collections import deque
from collections.abc import Callable
from typing import IO, Final

#: Bytes of each stream that are kept as lines; what comes after is only counted.
KEPT: Final = 1024 * 1024
#: The last lines of stderr, kept whatever came before, to say why a host died.
TAIL: Final = 20
_LONGEST_LINE: Final = 4096


class Output:
    """Drains the two streams until both end. ``line`` is called in the reading thread."""

    def __init__(self, stdout: IO[bytes], stderr: IO[bytes], line: Callable[[str, str], None]) -> None:
        self._streams = {"stdout": stdout, "stderr": stderr}
        self._line = line
        self._rest = {"stdout": b"", "stderr": b""}
        #: bytes read from each stream
        self.bytes = {"stdout": 0, "stderr": 0}
        self.tail: deque[str] = deque(maxlen=TAIL)
        self._thread = threading.Thread(target=self._drain, name="host output", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Bytes that were read and not kept."""
        return sum(max(0, count - KEPT) for count in self.bytes.values())

    def join(self, timeout: float) -> None:
        """Wait for the end of both streams, for so many seconds at most."""
        self._thread.join(timeout)

    def _drain(self) -> None:
        with selectors.DefaultSelector() as selector:
            for name, stream in self._streams.items():
                selector.register(stream, selectors.EVENT_READ, name)
            while selector.get_map():
                for key, _ in selector.select():
                    data = os.read(key.fd, 65536)
                    self._feed(key.data, data)
                    if not data:
                        selector.unregister(key.fileobj)
        for stream in self._streams.values():
            stream.close()

    def _feed(self, name: str, data: bytes) -> None:
        before = self.bytes[name]
        self.bytes[name] = before + len(data)
        parts = (self._rest[name] + data).split(b"\n")
        rest = parts.pop() if data else b""
        if len(rest) > _LONGEST_LINE:
            parts.append(rest)
            rest = b""
        self._rest[name] = rest
        for part in parts:
            text = part[:_LONGEST_LINE].decode("utf-8", "replace").rstrip()
            if not text:
                continue
            if name == "stderr":
                self.tail.append(text)
            if before < KEPT:
                self._line(name, text)
