"""What the schedules of one case have shown: conflicts, in one order or both, and classes of orders."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from conformance.core.gates import Operation
from conformance.search.relations import Conflict, Trace

#: Two operations that were seen in a reversible conflict, the one of the first actor first.
Pair = tuple[Operation, Operation]
_BOTH: Final = 3
#: A conflict that is new may have been seen the other way round in one of the last so many classes.
_REMEMBERED: Final = 300
#: So often a conflict that no schedule turns round is tried before it is called fixed.
_TRIES: Final = 2


class Owed(NamedTuple):
    """A conflict that was seen in one order only, and a schedule that shows it."""

    pair: Pair
    trace: Trace
    conflict: Conflict


class Coverage:
    """Grows by the traces of one case. *Reachable*: seen reversible in some schedule."""

    def __init__(self) -> None:
        self.classes: set[int] = set()
        #: reachable conflict -> 1: the first actor's operation came first, 2: it came second, 3: both
        self._seen: dict[Pair, int] = {}
        self._owed: dict[Pair, Owed] = {}
        self._tries: Counter[Pair] = Counter()
        self._fixed: set[Pair] = set()
        self._places: deque[dict[Operation, int]] = deque(maxlen=_REMEMBERED)

    def add(self, trace: Trace) -> bool:
        """Take in a schedule; false when one of its class was there before."""
        fingerprint = trace.fingerprint
        if fingerprint in self.classes:
            return False
        self.classes.add(fingerprint)
        places = {event.operation: place for place, event in enumerate(trace.events)}
        for pair in [pair for pair in self._owed if _order(pair, places) not in (0, self._seen[pair])]:
            self._settle(pair)
        for conflict in trace.conflicts:
            pair, order = _pair(trace, conflict)
            if pair not in self._seen:
                self._seen[pair] = order
                self._owed[pair] = Owed(pair, trace, conflict)
                if any(_order(pair, other) not in (0, order) for other in self._places):
                    self._settle(pair)
        self._places.append(places)
        return True

    def _settle(self, pair: Pair) -> None:
        self._seen[pair] = _BOTH
        self._owed.pop(pair, None)
        self._fixed.discard(pair)

    def tried(self, pair: Pair) -> None:
        """A schedule was made to turn this conflict round. If it stays, a lock of the service decides its
        order, or one of its operations happens once only."""
        if pair in self._owed:
            self._tries[pair] += 1
            if self._tries[pair] >= _TRIES:
                del self._owed[pair]
                self._fixed.add(pair)

    @property
    def owed(self) -> list[Owed]:
        """Conflicts seen in one order only, in the order in which they came up."""
        return list(self._owed.values())

    def owes(self, trace: Trace, conflict: Conflict) -> bool:
        """Whether this conflict of a schedule is owed."""
        return _pair(trace, conflict)[0] in self._owed

    @property
    def reachable(self) -> int:
        """Conflicts that a schedule can have in either order."""
        return len(self._seen) - len(self._fixed)

    @property
    def both_ways(self) -> int:
        return self.reachable - len(self._owed)

    @property
    def fixed(self) -> int:
        """Conflicts that the schedules made for them did not turn round."""
        return len(self._fixed)

    @property
    def orders(self) -> int:
        """Classes of schedules that were seen."""
        return len(self.classes)

    def owed_sites(self) -> Iterator[str]:
        """What is owed, by the sites of the code: ``HSET runs:run1 before HGETALL runs:run1``."""
        yield from dict.fromkeys(_said(owed) for owed in self._owed.values())


def _pair(trace: Trace, conflict: Conflict) -> tuple[Pair, int]:
    first, second = (trace.events[place].operation for place in conflict)
    return ((first, second), 1) if first.actor < second.actor else ((second, first), 2)


def _order(pair: Pair, places: dict[Operation, int]) -> int:
    """The order of two operations in a schedule, 0 when it does not have both."""
    one, other = places.get(pair[0]), places.get(pair[1])
    return 0 if one is None or other is None else 1 if one < other else 2


def _said(owed: Owed) -> str:
    first, second = (owed.trace.events[place].operation.site for place in owed.conflict)
    return f"{second} before {first}"
