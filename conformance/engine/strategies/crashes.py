"""Handlers that die: at every gate of a given order, one a schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.engine.rig import Lane
from conformance.engine.strategies.base import Chooser, Strategy
from conformance.engine.strategies.replay import Replay


class Crashes(Strategy):
    """``lanes`` in order of release; in each schedule another of these releases is the last of its handler.

    At most ``limit`` schedules, spread evenly over the order.
    """

    def __init__(self, lanes: Sequence[str], limit: int) -> None:
        self.lanes = lanes
        places = range(len(lanes))
        self.places = places if len(lanes) <= limit else places[:: -(-len(lanes) // limit)]

    def choosers(self) -> Iterator[Chooser]:
        for place in self.places:
            # What comes after the death is as it may be: the lanes left go on in turn.
            order = [*self.lanes[:place], self.lanes[place].lower()]
            yield from Replay("".join(order)).choosers()

    @property
    def exhausted(self) -> bool:
        return len(self.places) == len(self.lanes)

    @property
    def bound(self) -> str:
        return "one handler dies"


def dying(choose: Chooser, place: int) -> Chooser:
    """As ``choose``; the release number ``place`` (from 0) is the last of its handler."""
    released = -1

    def chosen(held: list[Lane], last: str | None) -> Lane:
        nonlocal released
        released += 1
        lane = choose(held, last)
        lane.dies = released == place
        return lane

    return chosen
