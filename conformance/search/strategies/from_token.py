"""Play one schedule again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from conformance.drivers.driver import RacingActor
from conformance.search import schedule
from conformance.search.strategies.known import run_of
from conformance.search.strategy import Chooser, Strategy, simplest


class Replay(Strategy):
    """One token, ``times`` times. A token that asks for an actor that is not held has *diverged*."""

    def __init__(self, token: str, times: int = 1) -> None:
        self.letters = schedule.decode(token)
        #: what is not named happens as soon as it can
        self.at_once = [kind for kind in schedule.AT_ONCE if set(kind).isdisjoint(self.letters)]
        self.times = times
        self.diverged = 0

    def choosers(self) -> Iterator[Chooser]:
        for _ in range(self.times):
            yield self._chooser()

    def _chooser(self) -> Chooser:
        return _Follows(self)


class _Follows:
    """Releases what the letters name, then the simplest."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._left = deque(replay.letters)

    @property
    def exact(self) -> bool:
        """What comes next is known: nobody is kept from it for having repeated itself."""
        return bool(self._left)

    def ahead(self, name: str, held: Sequence[RacingActor]) -> int:
        for kind in self._replay.at_once:
            if any(schedule.letter(actor.name, actor.gate) in kind for actor in held if actor.name != name):
                return 0
        return run_of(name, self._left)

    def __call__(self, held: list[RacingActor], last: str | None) -> RacingActor:
        for kind in self._replay.at_once:
            for actor in held:
                if schedule.letter(actor.name, actor.gate) in kind:
                    return actor
        if self._left:
            wanted = self._left.popleft()
            for actor in held:
                if schedule.letter(actor.name, actor.gate) == wanted:
                    return actor
            self._left.clear()
            self._replay.diverged += 1
        return simplest(held, last)
