"""How long a run may search: shared out among the variants that are still to be judged."""

from __future__ import annotations

import time


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
