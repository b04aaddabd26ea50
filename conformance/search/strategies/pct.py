"""Random schedules of few preemptions: PCT (Burckhardt, Kothari, Musuvathi and Nagarakatte 2010).

Each actor has a random priority, and the first that can go on is released. At ``depth`` - 1 random places
whoever is first becomes last. A defect that takes ``depth`` ordered steps is found with a known probability.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from conformance.drivers.driver import RacingActor
from conformance.search.strategies.known import Known, Phase
from conformance.search.strategy import TO_THE_END, Chooser


class Pct(Phase):
    """Random schedules without end. The same ones in every run: what is found must not depend on a seed."""

    def __init__(self, known: Known | None = None, depth: int = 3) -> None:
        super().__init__(known)
        self.depth = depth
        self._random = Random(0)

    def choosers(self) -> Iterator[Chooser]:
        while True:
            yield self._chooser(max(1, len(self.known.last.events)))

    def _chooser(self, length: int) -> Chooser:
        changes = {self._random.randrange(length) for _ in range(self.depth - 1)}
        return _ByPriority(self._random, changes)


class _ByPriority:
    """Releases whoever has the highest priority; at ``changes`` whoever has it gets the lowest."""

    def __init__(self, random: Random, changes: set[int]) -> None:
        self._random = random
        self._changes = changes
        self._priorities: dict[str, float] = {}
        self._released = 0

    def __call__(self, held: list[RacingActor], last: str | None) -> RacingActor:  # noqa: ARG002 - a chooser's shape
        priorities = self._priorities
        for actor in held:
            if actor.name not in priorities:
                priorities[actor.name] = self._random.random()
        first = max(held, key=lambda actor: priorities[actor.name])
        if self._released in self._changes:
            priorities[first.name] = -1.0 - self._released
            first = max(held, key=lambda actor: priorities[actor.name])
        self._released += 1
        return first

    def ahead(self, name: str, held: Sequence[RacingActor]) -> int:  # noqa: ARG002 - as ahead_of asks
        coming = [place - self._released for place in self._changes if place >= self._released]
        return min(coming, default=TO_THE_END)
