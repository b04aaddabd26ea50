"""Schedules drawn by Hypothesis, so that a failing one shrinks toward few switches."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.drivers.driver import Lane
from conformance.search.strategies.base import Chooser, Strategy, simplest


class Drawn(Strategy):
    """One schedule whose choices come from ``draw(n)``, an integer from 0 to n - 1; 0 is the simplest."""

    def __init__(self, draw: Callable[[int], int]) -> None:
        self.draw = draw

    def choosers(self) -> Iterator[Chooser]:
        def choose(held: list[Lane], last: str | None) -> Lane:
            first = simplest(held, last)
            if len(held) == 1:
                return first
            others = [lane for lane in held if lane is not first]
            return [first, *others][self.draw(len(held))]

        yield choose
