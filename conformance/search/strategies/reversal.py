"""Every conflict both ways: a schedule for each that was seen in one order only, fewest preemptions first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from conformance.search.coverage import Owed
from conformance.search.relations import Trace
from conformance.search.strategies.known import Phase, follow
from conformance.search.strategy import Chooser


class Reversal(Phase):
    """Turns conflicts round until none is owed."""

    def choosers(self) -> Iterator[Chooser]:
        while owed := self.known.coverage.owed:
            chosen = min(owed, key=_cost)
            yield follow(turned(chosen.trace, *chosen.conflict))
            self.known.coverage.tried(chosen.pair)
        self.finished = True

    @property
    def bound(self) -> str:
        return "conflicts both ways" if self.finished else ""


def turned(trace: Trace, first: int, second: int) -> str:
    """The beginning of a schedule in which the second operation comes before the first: whatever happens
    after the first only because of it waits."""
    order = trace.order
    between = [place for place in range(first + 1, second) if not trace.happens_before(first, place)]
    return order[:first] + "".join(order[place] for place in (*between, second, first))


def _cost(owed: Owed) -> tuple[int, int]:
    """How often the schedule takes control from an actor that goes on later, and its length."""
    order = turned(owed.trace, *owed.conflict)
    left = {actor: owed.trace.order.count(actor) for actor in owed.trace.actors}
    preemptions = 0
    for one, other in pairwise(order):
        left[one] -= 1
        preemptions += one != other and left[one] > 0
    return preemptions, len(order)
