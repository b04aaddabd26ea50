"""Two preemptions, each right after a log was read: a replay goes on from a log that has grown since."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from conformance.drivers.driver import RacingActor
from conformance.search.strategy import Chooser, Strategy, simplest

#: How the World in memory labels the operation that reads a log.
_READS: Final = "list events"


class StaleReads(Strategy):
    """One actor stops after its n-th read of a log, the other after its m-th; then each runs to its end."""

    def __init__(self, most: int = 3) -> None:
        self.most = most

    def choosers(self) -> Iterator[Chooser]:
        numbers = sorted(product(range(1, self.most + 1), repeat=2), key=sum)
        for (first, second), order in product(numbers, ("AB", "BA")):
            yield _Staged(((order[0], first), (order[1], second)), order)

    @property
    def bound(self) -> str:
        return f"a preemption of each actor after one of its first {self.most} reads of a log"


class _Staged:
    """Releases an actor until it has read so often, then the next; in the end each in turn."""

    def __init__(self, stages: tuple[tuple[str, int], ...], order: str) -> None:
        self._stages = list(stages)
        self._order = order
        self._begun = False

    def __call__(self, held: list[RacingActor], last: str | None) -> RacingActor:
        while self._stages:
            name, left = self._stages[0]
            actor = next((one for one in held if one.name == name), None)
            if actor is None or left == 0:
                self._stages.pop(0)
                continue
            if actor.gate is not None and actor.gate.label.startswith(_READS):
                self._stages[0] = name, left - 1
            return actor
        if not self._begun:
            self._begun = True
            return min(held, key=lambda one: self._order.find(one.name))
        return simplest(held, last)
