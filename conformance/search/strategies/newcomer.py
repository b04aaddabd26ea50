"""Who joins a schedule runs at once: another actor that gets a message while the first still works on it."""

from __future__ import annotations

from conformance.drivers.driver import RacingActor
from conformance.search.strategy import Chooser


class NewcomerFirst:
    """As ``choose``; but an actor whose name is not ``known`` runs to its end as soon as it is there."""

    def __init__(self, choose: Chooser, known: frozenset[str]) -> None:
        self._choose = choose
        self._known = known

    @property
    def exact(self) -> bool:
        """As of the chooser that it goes on with."""
        return getattr(self._choose, "exact", False)

    def __call__(self, held: list[RacingActor], last: str | None) -> RacingActor:
        for actor in held:
            if actor.name not in self._known:
                return actor
        return self._choose(held, last)
