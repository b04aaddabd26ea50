"""The log lines of one host, kept within bounds until the engine takes them."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, Final, cast

from conformance.core.history import Level

#: Lines kept between two looks at them; more are only counted.
MAX_LOGS: Final = 5000
#: Characters of one line that are kept.
_LONGEST: Final = 65536
#: Last warnings and errors kept, to say why a host failed.
_TAIL: Final = 20


@dataclass(frozen=True, slots=True)
class HostLog:
    """A line the world, its runtime or its process wrote."""

    level: Level
    origin: str
    text: str
    actor: str | None = None
    #: it reports what user code threw where it should
    by_design: bool = False


class LogBook:
    """Filled by the engine's thread and by the one that reads stdout and stderr."""

    def __init__(self) -> None:
        self._lines: list[HostLog] = []
        self._lock = threading.Lock()
        #: lines that came when :data:`MAX_LOGS` were waiting already
        self.dropped = 0
        self.tail: deque[str] = deque(maxlen=_TAIL)

    def add(self, line: HostLog) -> None:
        with self._lock:
            if len(self._lines) < MAX_LOGS:
                self._lines.append(line)
            else:
                self.dropped += 1

    def message(self, message: dict[str, Any]) -> None:
        """Take a ``log`` message."""
        text = str(message["text"])[:_LONGEST]
        level = cast(Level, message.get("level", "info"))
        if level in ("warn", "error"):
            self.tail.extend(text.splitlines()[:_TAIL])
        origin = str(message.get("origin", "process"))
        self.add(HostLog(level, origin, text, message.get("actor"), message.get("byDesign") is True))

    def printed(self, stream: str, text: str) -> None:
        """Take a line of ``stdout`` or ``stderr``."""
        self.add(HostLog("info" if stream == "stdout" else "warn", "process", text))

    def take(self) -> list[HostLog]:
        """The lines since the last call, in order."""
        if not self._lines:
            return []  # most of the time
        with self._lock:
            taken, self._lines = self._lines, []
        return taken
