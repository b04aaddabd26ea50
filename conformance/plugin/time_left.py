"""How long a run may search, and a test: shared out among the variants that are still to be judged."""

from __future__ import annotations

import math
import time
from typing import Final

from conformance.core.deadline import Deadline

#: How much of the time that a test has left is for faults: what they show has to be played again by then.
_FOR_FAULTS: Final = 0.8


class TimeLeft:
    """``seconds`` for all variants of this process together; None: as long as it takes.

    The clock runs from the first variant on. A variant that is done early leaves its rest to the others.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._variants = 1.0
        self._end: float | None = None

    def plan(self, variants: float) -> None:
        """So many variants are to be judged in this process."""
        self._variants = variants

    def share(self) -> float | None:
        """How many seconds the next variant may be searched; it is taken from what is left."""
        if self._seconds is None:
            return None
        now = time.monotonic()
        if self._end is None:
            self._end = now + self._seconds
        share = max(0.0, self._end - now) / max(1.0, self._variants)
        self._variants -= 1
        return share


def share_of_test(deadline: Deadline, variants: int) -> float | None:
    """For how many seconds faults of the next of so many ``variants`` may be tried, so that each has its
    share of what the time limit of the test leaves. None: as long as it takes."""
    left = deadline.left
    return None if left == math.inf else left * _FOR_FAULTS / max(1, variants)


def shorter(one: float | None, other: float | None) -> float | None:
    """The shorter of two times; None is as long as it takes."""
    return min((each for each in (one, other) if each is not None), default=None)
