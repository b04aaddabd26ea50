"""No race: one lane after another. The control of every case."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.engine.rig import Lane
from conformance.engine.strategies.base import Chooser, Strategy


class Sequential(Strategy):
    """Each lane runs to its end before the next begins; once in order, once in reverse."""

    def choosers(self) -> Iterator[Chooser]:
        yield in_turn(reverse=False)
        yield in_turn(reverse=True)

    @property
    def exhausted(self) -> bool:
        return True

    @property
    def bound(self) -> str:
        return "no race"


def in_turn(*, reverse: bool) -> Chooser:
    """A chooser that lets one lane finish before the next begins."""

    def choose(held: list[Lane], last: str | None) -> Lane:
        for lane in held:
            if lane.name == last:
                return lane
        return held[-1] if reverse else held[0]

    return choose
