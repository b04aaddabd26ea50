"""No race: one lane after another. The control of every case."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from conformance.drivers.driver import LANES, Lane
from conformance.search.strategies.base import Chooser, Strategy


class Sequential(Strategy):
    """Each lane runs to its end before the next begins, in every order that differs.

    ``roles`` (known once the first order was played) says which lanes run the same program: orders
    that only swap those are the same order.
    """

    def __init__(self) -> None:
        self.roles: tuple[int, ...] = ()

    def choosers(self) -> Iterator[Chooser]:
        yield in_turn(LANES)
        seen = {self.roles}
        for order in permutations(range(len(self.roles))):
            shape = tuple(self.roles[lane] for lane in order)
            if shape not in seen:
                seen.add(shape)
                yield in_turn("".join(LANES[lane] for lane in order))

    @property
    def exhausted(self) -> bool:
        return True

    @property
    def bound(self) -> str:
        return "no race"


def in_turn(order: str) -> Chooser:
    """A chooser that lets one lane finish before the next in ``order`` begins."""

    def choose(held: list[Lane], last: str | None) -> Lane:
        for lane in held:
            if lane.name == last:
                return lane
        return min(held, key=lambda lane: order.index(lane.name))

    return choose
