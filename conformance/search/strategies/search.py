"""The search of one case: what comes first finds most, and each part goes on from what is known.

1. Bound 1, where nothing races first; then every conflict that was seen in one order only, turned round. Now
   the case has the depth ``pass``.
2. All orders, if they are few: a small tree is always gone through to its end. Else bound 2, and what it
   showed in one order only. Now it is ``deep``.
3. Of what is left of the budget one half goes on with all orders, the other is generated: PCT.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from conformance.search.relations import Trace
from conformance.search.strategies.bounded import Bounded
from conformance.search.strategies.known import Known, Phase
from conformance.search.strategies.pct import Pct
from conformance.search.strategies.reversal import Reversal
from conformance.search.strategies.source_sets import SourceSets
from conformance.search.strategy import Chooser, Step, Strategy

#: ``pass``: nothing is owed and bound 1 is complete. ``deep``: bound 2 is, or every order was tried.
Depth = Literal["shallow", "pass", "deep"]
DEPTHS: Final[tuple[Depth, ...]] = ("shallow", "pass", "deep")

#: A tree with no more conflicts than this is small.
_SMALL: Final = 12
#: All orders are given up after so many schedules more, or so many times as many as there were before.
_FEW: Final = 50
_TIMES: Final = 4


class Search(Strategy):
    """Schedules of one case until ``reach`` is reached, at most ``most``; then more, up to ``least``.

    Fewer when every order was tried. With a larger ``most`` :meth:`choosers` goes on from what is known.
    """

    def __init__(self, least: int, most: int | None = None, reach: Depth = "shallow") -> None:
        self.least = least
        self.most = max(least, most if most is not None else least)
        self.reach = reach
        self.known = Known()
        self._one = Bounded(1, self.known)
        self._two = Bounded(2, self.known)
        self._all = SourceSets(self.known)
        self._pct = Pct(self.known)
        #: so many classes there are, if all orders were tried
        self._classes = -1

    def played(self, steps: list[Step]) -> None:
        self.known.add(steps)

    @property
    def fresh(self) -> Trace | None:
        return self.known.fresh

    def choosers(self) -> Iterator[Chooser]:
        self._begin_again()
        yield from self._play(self._one)
        yield from self._reverse()
        if self._everything:
            return
        runs = self.known.runs
        small = self.reach != "shallow" and self.known.coverage.reachable <= _SMALL
        least = runs + _FEW if small else 0
        yield from self._all_orders(least, runs + max(_FEW, _TIMES * runs))
        if not self._everything:
            yield from self._play(self._two)
            yield from self._reverse()
        if not self._everything:
            yield from self._all_orders(0, (self.known.runs + self.least) // 2)
        if not self._everything:
            yield from self._play(self._pct)

    def _begin_again(self) -> None:
        """What was cut short begins anew; what was played by then is known, and not played again."""
        if not self._one.finished:
            self._one = Bounded(1, self.known)
        if not self._two.finished:
            self._two = Bounded(2, self.known)
        if not self._all.finished:
            self._all = SourceSets(self.known)

    def _all_orders(self, least: int, most: int) -> Iterator[Chooser]:
        """All orders, from the beginning: along what was played nothing is played again."""
        yield from self._play(self._all, least, most)
        if self._all.finished:
            self._classes = self.known.coverage.orders
            yield from self._reverse()

    def _reverse(self) -> Iterator[Chooser]:
        yield from self._play(Reversal(self.known))

    def _play(self, phase: Phase, least: int = 0, most: int | None = None) -> Iterator[Chooser]:
        """The schedules of a phase, as long as the case has use for one, or there were fewer than ``least``;
        never more than ``most``."""
        if phase.finished:
            return
        for choose in phase.choosers():
            runs = self.known.runs
            enough = max(least, self.least) if self.reached else self.most
            if runs >= enough or (most is not None and runs >= most):
                return
            yield choose

    @property
    def reached(self) -> bool:
        """Whether it has come as deep as it should."""
        return DEPTHS.index(self.depth) >= DEPTHS.index(self.reach)

    @property
    def _everything(self) -> bool:
        """Whether every class was played. A class that came to light later says that it was not so."""
        whole = self._one.everything or self._two.everything
        return whole or self._classes == self.known.coverage.orders

    @property
    def depth(self) -> Depth:
        """How deep it has come."""
        if self._one.complete < 1 or self.known.coverage.owed:
            return "shallow"
        return "deep" if self._everything or self._two.complete == 2 else "pass"

    @property
    def runs(self) -> int:
        """How many schedules were played."""
        return self.known.runs

    @property
    def strayed(self) -> int:
        """How many schedules did not begin as the one that they branch from, each time."""
        return self._one.strayed + self._two.strayed

    @property
    def exhausted(self) -> bool:
        """Whether every order was tried."""
        return self._everything

    @property
    def bound(self) -> str:
        if self._everything:
            return "all orders"
        complete = max(self._one.complete, self._two.complete)
        if complete >= 0:
            return f"{complete} preemption{'' if complete == 1 else 's'}"
        return f"{self.runs} schedules"
