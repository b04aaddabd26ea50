"""The time limit of a test, as one object that everything under it checks."""

from __future__ import annotations

import math
import time

from conformance.core.errors import ConformanceError


class OutOfTime(ConformanceError):
    """The time limit was reached. It ends the judge; the driver it used is not used again."""


class Deadline:
    """A moment at which work ends, ``seconds`` from now. The default is never.

    Every wait is bounded by :meth:`within`; :meth:`check` is called after it, and before each unit of work.
    """

    __slots__ = ("_at", "_seconds")

    def __init__(self, seconds: float = math.inf) -> None:
        self._seconds = seconds
        self._at = time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """Whether the moment is over."""
        return time.monotonic() >= self._at

    @property
    def left(self) -> float:
        """How many seconds are left; 0 when it is over, infinite when it never is."""
        return self.within(math.inf)

    def within(self, seconds: float) -> float:
        """``seconds``, or fewer when less is left; never below 0."""
        return max(0.0, min(seconds, self._at - time.monotonic()))

    def check(self) -> None:
        """Raise :class:`OutOfTime` when the moment is over."""
        if time.monotonic() >= self._at:
            raise OutOfTime(f"it took longer than {self._seconds:g} s (--world-time-limit)")
