"""How long nothing may be heard of an actor before it counts as blocked, where nobody can be asked."""

from __future__ import annotations

from collections import deque
from typing import Final

#: Until enough answers were heard, and at most, in seconds.
LONGEST: Final = 0.25
#: A machine that is busy for a moment is not a lock.
SHORTEST: Final = 0.03
#: So many times the longest answer.
_TIMES: Final = 10
_ENOUGH: Final = 50
_REMEMBERED: Final = 500


class Silence:
    """A multiple of the longest answer heard of late, never more than :data:`LONGEST`."""

    def __init__(self) -> None:
        self._heard: deque[float] = deque(maxlen=_REMEMBERED)
        self._limit = LONGEST

    @property
    def limit(self) -> float:
        """Seconds."""
        return self._limit

    def heard(self, seconds: float) -> None:
        """An answer came after so long."""
        self._heard.append(seconds)
        if len(self._heard) >= _ENOUGH:
            self._limit = min(LONGEST, max(SHORTEST, _TIMES * max(self._heard)))
