"""Log lines of the world: ``logging`` records and warnings become messages, in order with the gates.

What is printed goes to stdout and stderr, which the engine reads by itself.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from .calls import current_call
from .wire import Channel


class _ToChannel(logging.Handler):
    def __init__(self, channel: Channel) -> None:
        super().__init__(logging.INFO)
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        message: dict[str, Any] = {
            "type": "log",
            "level": _level(record.levelno),
            "origin": "process" if record.name in ("asyncio", "py.warnings") else "world",
            "text": f"{record.name}: {self.format(record)}",
        }
        call = current_call()
        if call is not None:
            message["actor"] = call.actor
        self._channel.send(message)


def _level(number: int) -> str:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warn"
    return "info" if number >= logging.INFO else "debug"


def install(channel: Channel) -> None:
    """Send what is logged at info or above."""
    root = logging.getLogger()
    root.addHandler(_ToChannel(channel))
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)
