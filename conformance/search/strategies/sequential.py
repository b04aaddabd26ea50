"""No race: one actor after another. The control of every case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from conformance.drivers.driver import ACTORS, RacingActor
from conformance.search.strategy import TO_THE_END, Chooser, Strategy


class Sequential(Strategy):
    """Each actor runs to its end before the next begins, in every order that differs.

    ``roles`` (known once the first order was played) says which actors run the same program: orders
    that only swap those are the same order.
    """

    def __init__(self) -> None:
        self.roles: tuple[int, ...] = ()

    def choosers(self) -> Iterator[Chooser]:
        yield in_turn(ACTORS)
        seen = {self.roles}
        for order in permutations(range(len(self.roles))):
            shape = tuple(self.roles[actor] for actor in order)
            if shape not in seen:
                seen.add(shape)
                yield in_turn("".join(ACTORS[actor] for actor in order))

    @property
    def exhausted(self) -> bool:
        return True

    @property
    def bound(self) -> str:
        return "no race"


class _InTurn:
    """One actor after another, in ``order``."""

    def __init__(self, order: str) -> None:
        self._order = order

    def __call__(self, held: list[RacingActor], last: str | None) -> RacingActor:
        for actor in held:
            if actor.name == last:
                return actor
        return min(held, key=lambda actor: self._order.index(actor.name))

    def ahead(self, name: str, held: Sequence[RacingActor]) -> int:  # noqa: ARG002 - as ahead_of asks
        return TO_THE_END


def in_turn(order: str) -> Chooser:
    """A chooser that lets one actor finish before the next in ``order`` begins."""
    return _InTurn(order)
