"""Random schedules of few preemptions: PCT (Burckhardt, Kothari, Musuvathi and Nagarakatte 2010).

Each actor has a random priority, and the first that can go on is released. At ``depth`` - 1 random places
whoever is first becomes last. A defect that takes ``depth`` ordered steps is found with a known probability.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from conformance.drivers.driver import RacingActor
from conformance.search.strategies.known import Known, Phase
from conformance.search.strategy import Chooser


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
        random = self._random
        changes = {random.randrange(length) for _ in range(self.depth - 1)}
        priorities: dict[str, float] = {}
        released = 0

        def choose(held: list[RacingActor], last: str | None) -> RacingActor:  # noqa: ARG001 - a chooser's shape
            nonlocal released
            for actor in held:
                if actor.name not in priorities:
                    priorities[actor.name] = random.random()
            first = max(held, key=lambda actor: priorities[actor.name])
            if released in changes:
                priorities[first.name] = -1.0 - released
                first = max(held, key=lambda actor: priorities[actor.name])
            released += 1
            return first

        return choose
