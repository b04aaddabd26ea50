"""Log lines of the world: ``logging`` records and warnings become messages, in order with the gates.

What is printed goes to stdout and stderr, which the engine reads by itself.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from .calls import current_call
from .wire import Channel

#: Given ``(level, text)`` of a runtime's line: whether it reports what the suite's workflows throw.
ByDesign = Callable[[str, str], bool]

_RUNTIME = "vercel.workflow"


class _ToChannel(logging.Handler):
    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self._channel = channel
        #: set when the real runtime runs in this host
        self.by_design: ByDesign | None = None

    def emit(self, record: logging.LogRecord) -> None:
        message: dict[str, Any] = {"type": "log", "level": _level(record.levelno)}
        if self.by_design is not None and record.name == _RUNTIME:
            # Without the traceback, which is the same for every line of its kind.
            message |= {"origin": "runtime", "text": record.getMessage()}
            if self.by_design(message["level"], message["text"]):
                message["byDesign"] = True
        else:
            message["origin"] = "process" if record.name in ("asyncio", "py.warnings") else "world"
            message["text"] = f"{record.name}: {self.format(record)}"
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


def expect_runtime(by_design: ByDesign) -> None:
    """From here on the lines of ``vercel-workflow``'s runtime are known as its own."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _ToChannel):
            handler.by_design = by_design
