"""How the operations of one schedule are related: who happened before whom, and what was in conflict.

*Dependent*: two operations of different actors that do not commute
(:func:`conformance.core.gates.independent`).
*Happens before*: the order within an actor and the executed order of dependent operations, closed; kept as
bits, one for each place. *Reversible conflict*: dependent, of different actors, and nothing between them in
happens-before: another schedule has them the other way round. Schedules of one *class* differ only by
swapping operations that commute (Mazurkiewicz 1977); the class of a schedule is a number, kept up step by
step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from conformance.core.gates import Operation, independent

_MASK: Final = (1 << 64) - 1

#: Whether two operations commute. Schedules ask about the same pairs again and again.
commute: Final = lru_cache(maxsize=1 << 16)(independent)


class Point(NamedTuple):
    """A step by operations: who was held before which, and who was released."""

    held: tuple[tuple[str, Operation], ...]
    chosen: str


class Conflict(NamedTuple):
    """A reversible conflict, by the places of its operations in the schedule."""

    first: int
    second: int


class Event(NamedTuple):
    """An operation that was released: the places of what happens before it, as bits; its conflicts with what
    came earlier; and a number that is the same wherever it stands behind the same operations."""

    operation: Operation
    before: int
    conflicts: tuple[Conflict, ...]
    key: int


class Trace:
    """The operations of a schedule, in order, and their relations. Grows by :meth:`add`."""

    __slots__ = ("_last", "conflicts", "events", "fingerprint", "held")

    def __init__(self) -> None:
        self.events: list[Event] = []
        #: who was held before each of them
        self.held: list[tuple[str, ...]] = []
        self.conflicts: list[Conflict] = []
        #: the class of the schedule
        self.fingerprint = 0
        #: where each actor was released last
        self._last: dict[str, int] = {}

    @classmethod
    def of(cls, points: Sequence[Point]) -> Trace:
        """The trace of a schedule."""
        trace = cls()
        for point in points:
            trace.release(point)
        return trace

    @property
    def order(self) -> str:
        """The actors in order of release."""
        return "".join([event.operation.actor for event in self.events])

    @property
    def operations(self) -> list[Operation]:
        """What was released, in order."""
        return [event.operation for event in self.events]

    def by_actor(self) -> dict[str, list[Operation]]:
        """What each actor was released for, in order."""
        found: dict[str, list[Operation]] = {}
        for operation in self.operations:
            found.setdefault(operation.actor, []).append(operation)
        return found

    def reorders(self, other: Trace) -> bool:
        """Whether an actor did the same as in another schedule, in another order: calls that it makes at once
        have none that a scheduler chooses."""
        mine, theirs = self.by_actor(), other.by_actor()
        return any(
            mine[actor] != theirs[actor] and Counter(mine[actor]) == Counter(theirs[actor])
            for actor in mine.keys() & theirs.keys()
        )

    @property
    def actors(self) -> list[str]:
        """Who was released, by name."""
        return sorted(self._last)

    def release(self, point: Point) -> Event:
        """Release the operation that was chosen; its actor may have had to wait until others let it go on."""
        actor = point.chosen
        self.held.append(tuple([name for name, _ in point.held]))
        operation = next(operation for name, operation in point.held if name == actor)
        return self.add(operation, self._let_go(actor))

    def add(self, operation: Operation, enabled_by: int | None = None) -> Event:
        """Release one operation. ``enabled_by``: the place of what let its actor go on, if it had to wait."""
        events = self.events
        place = len(events)
        last = self._last.get(operation.actor)
        before = 0
        key = 0
        if last is not None:
            before = events[last].before | 1 << last
            key = events[last].key
        if enabled_by is not None:
            before |= events[enabled_by].before | 1 << enabled_by
        # Latest first: whatever is not before this one by then has nothing between, so it can be reversed.
        conflicts: list[Conflict] = []
        left = ((1 << place) - 1) & ~before
        while left:
            at = left.bit_length() - 1
            event = events[at]
            if commute(event.operation, operation):
                left ^= 1 << at
                continue
            conflicts.append(Conflict(at, place))
            before |= event.before | 1 << at
            left &= ~before
            key += event.key
        conflicts.reverse()
        if enabled_by is not None and not any(events[at].before >> enabled_by & 1 for at, _ in conflicts):
            key += events[enabled_by].key
        made = Event(operation, before, tuple(conflicts), hash((operation, key)) & _MASK)
        self.append(made)
        return made

    def append(self, event: Event) -> None:
        """Release an operation whose relations to the others are known."""
        self._last[event.operation.actor] = len(self.events)
        self.events.append(event)
        self.conflicts += event.conflicts
        self.fingerprint = (self.fingerprint + event.key) & _MASK

    def happens_before(self, first: int, second: int) -> bool:
        """Whether one operation happens before another that was released later."""
        return bool(self.events[second].before >> first & 1)

    def _let_go(self, actor: str) -> int | None:
        """The place of what let an actor go on that had to wait; None for one that did not wait."""
        released = self._last.get(actor)
        if released is None or actor in self.held[released + 1]:
            return None
        return next(at for at in range(released + 2, len(self.held)) if actor in self.held[at]) - 1
