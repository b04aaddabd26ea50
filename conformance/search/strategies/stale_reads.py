"""Two preemptions, each right after a log was read, or right after something was created.

A replay then goes on from a log that has grown since, or creates what another has planned otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from conformance.drivers.driver import RacingActor
from conformance.search.strategy import Chooser, Strategy, simplest

#: How the World in memory labels the operations that read a log, and those that create something.
_READS: Final = ("list events",)
_CREATES: Final = ("commit step_created", "commit wait_created", "commit hook_created")


class StaleReads(Strategy):
    """One actor stops after its n-th read of a log, the other after its m-th; then each runs to its end. Then
    the same with creations in place of reads."""

    def __init__(self, most: int = 3) -> None:
        self.most = most

    def choosers(self) -> Iterator[Chooser]:
        numbers = sorted(product(range(1, self.most + 1), repeat=2), key=sum)
        for labels, (first, second), order in product((_READS, _CREATES), numbers, ("AB", "BA")):
            yield _Staged(((order[0], first), (order[1], second)), order, labels)

    @property
    def bound(self) -> str:
        return f"a preemption of each actor after one of its first {self.most} reads of a log, or creations"


class _Staged:
    """Releases an actor until it has made so many such operations, then the next; in the end each in turn."""

    def __init__(self, stages: tuple[tuple[str, int], ...], order: str, labels: tuple[str, ...]) -> None:
        self._stages = list(stages)
        self._order = order
        self._labels = labels
        self._begun = False

    def __call__(self, held: list[RacingActor], last: str | None) -> RacingActor:
        while self._stages:
            name, left = self._stages[0]
            actor = next((one for one in held if one.name == name), None)
            if actor is None or left == 0:
                self._stages.pop(0)
                continue
            if actor.gate is not None and actor.gate.label.startswith(self._labels):
                self._stages[0] = name, left - 1
            return actor
        if not self._begun:
            self._begun = True
            return min(held, key=lambda one: self._order.find(one.name))
        return simplest(held, last)
