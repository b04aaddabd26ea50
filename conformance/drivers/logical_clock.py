"""The time that hosts are given: real time would make ids differ from run to run."""

from __future__ import annotations

from typing import Final

#: Each schedule has a block of logical time of its own.
_BLOCK: Final = 100_000
#: By how much a release moves it, in ms.
_PER_RELEASE: Final = 100
#: When logical time begins (2026-01-01T00:00:00Z), and how far apart two drivers on one store begin, in ms.
_EPOCH: Final = 1_767_225_600_000
_APART: Final = 5 * 365 * 24 * 3_600_000


class LogicalClock:
    """``now`` in ms since 1970. It only moves forward. ``nth``: the number of its driver on a store. While it
    is ``still`` it moves by what is passed on purpose only."""

    __slots__ = ("now", "still")

    def __init__(self, nth: int = 0) -> None:
        self.now = _EPOCH + nth * _APART
        self.still = False

    def begin_schedule(self, *, still: bool = False) -> None:
        """Enter the block of the next schedule, in which it may stand still."""
        self.now += _BLOCK
        self.still = still

    @property
    def per_release(self) -> int:
        """By how much a release moves it now, in ms."""
        return 0 if self.still else _PER_RELEASE

    def released(self) -> None:
        """A gate is released."""
        self.now += self.per_release

    def pass_time(self, milliseconds: float) -> None:
        """Move forward by this much."""
        self.now += int(milliseconds)

    def reach(self, moment: int) -> None:
        """Move forward to a moment, unless it is over."""
        self.now = max(self.now, moment)
