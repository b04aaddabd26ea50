"""The logical clock: each reading of the time by a call is the next millisecond after the last.

``datetime`` is changed in place, not replaced by a subclass, so that pydantic, bson and everything else
that compares the class itself goes on working. Monotonic clocks stay real: event loops and drivers live on
them.
"""

from __future__ import annotations

import ctypes
import gc
import time
from datetime import date, datetime, tzinfo
from typing import Any

from .calls import current_call

_gmtime, _localtime = time.gmtime, time.localtime
_strftime, _clock_gettime = time.strftime, time.clock_gettime


class Clock:
    """Milliseconds since 1970. Never goes back. The background and other threads see it stand still."""

    def __init__(self) -> None:
        self.now = 0
        #: reading the time does not move it
        self.still = False

    def move_to(self, milliseconds: float | None) -> None:
        """Move forward to a time; an earlier one, or None, changes nothing."""
        if milliseconds is not None and milliseconds > self.now:
            self.now = int(milliseconds)

    def read(self) -> int:
        """The next millisecond, or the current one in the background."""
        if not self.still and current_call() is not None:
            self.now += 1
        return self.now

    def install(self) -> None:
        """Make this the time that Python code sees."""
        read = self.read

        def clock_gettime(clock: int) -> float:
            return read() / 1000 if clock == time.CLOCK_REALTIME else _clock_gettime(clock)

        replaced: dict[str, Any] = {
            "time": lambda: read() / 1000,
            "time_ns": lambda: read() * 1_000_000,
            "gmtime": lambda seconds=None: _gmtime(read() / 1000 if seconds is None else seconds),
            "localtime": lambda seconds=None: _localtime(read() / 1000 if seconds is None else seconds),
            "strftime": lambda form, at=None: _strftime(form, at or _localtime(read() / 1000)),
            "clock_gettime": clock_gettime,
        }
        for name, function in replaced.items():
            setattr(time, name, function)

        def now(cls: type[datetime], tz: tzinfo | None = None) -> datetime:
            return cls.fromtimestamp(read() / 1000, tz)

        def utcnow(cls: type[datetime]) -> datetime:
            seconds, milliseconds = divmod(read(), 1000)
            return cls(*_gmtime(seconds)[:6], milliseconds * 1000)

        def today(cls: type[date]) -> date:
            return cls.fromtimestamp(read() / 1000)

        _set_in_place(datetime, "now", classmethod(now))
        _set_in_place(datetime, "utcnow", classmethod(utcnow))
        _set_in_place(date, "today", classmethod(today))


def _set_in_place(cls: type, name: str, value: Any) -> None:
    """Set an attribute of a class written in C: its dict is reachable, if not by ``setattr``."""
    attributes = gc.get_referents(cls.__dict__)[0]
    attributes[name] = value
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))
