"""Play one schedule again."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.drivers.driver import RacingActor
from conformance.search.schedule import decode
from conformance.search.strategies.base import Chooser, Strategy, simplest


class Replay(Strategy):
    """One token, ``times`` times. A token that asks for a actor that is not held has *diverged*."""

    def __init__(self, token: str, times: int = 1) -> None:
        self.actors = decode(token)
        self.times = times
        self.diverged = 0

    def choosers(self) -> Iterator[Chooser]:
        for _ in range(self.times):
            yield self._chooser()

    def _chooser(self) -> Chooser:
        left = iter(self.actors)
        astray = False

        def choose(held: list[RacingActor], last: str | None) -> RacingActor:
            nonlocal astray
            wanted = None if astray else next(left, None)
            for actor in held:
                if wanted is not None and actor.name == wanted:
                    return actor
            if wanted is not None:
                astray = True
                self.diverged += 1
            return simplest(held, last)

        return choose
