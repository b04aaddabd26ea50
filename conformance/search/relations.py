"""How the operations of one schedule are related: who happened before whom, and what was in conflict.

*Dependent*: two operations of different actors that do not commute
(:func:`conformance.core.gates.independent`).
*Happens before*: the order within an actor and the executed order of dependent operations, closed; kept as
vector clocks. *Reversible conflict*: dependent, of different actors, and nothing between them in
happens-before: another schedule has them the other way round. Schedules of one *class* differ only by
swapping operations that commute (Mazurkiewicz 1977); the class of a prefix is a number, kept up step by step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from conformance.core.gates import Key, Operation, overlap, table_of

#: For each actor, how many of its operations happened before or are the one in question.
Clock = tuple[int, ...]
_MASK = (1 << 64) - 1


class Point(NamedTuple):
    """A step by operations: who was held before which, and who was released."""

    held: tuple[tuple[str, Operation], ...]
    chosen: str


class Event(NamedTuple):
    """An operation that was released: its actor's number, how many of it came before, and its clock."""

    operation: Operation
    actor: int
    nth: int
    clock: Clock


class Conflict(NamedTuple):
    """A reversible conflict, by the places of its operations in the schedule."""

    first: int
    second: int


class _Used:
    """Who used a key last: the writes and the reads since the last write, by place."""

    __slots__ = ("key", "reads", "write")

    def __init__(self, key: Key) -> None:
        self.key = key
        self.write: int | None = None
        self.reads: list[int] = []


class Trace:
    """The operations of a schedule, in order, and their relations. Grows by :meth:`add`."""

    def __init__(self, actors: Sequence[str]) -> None:
        self.actors = {name: number for number, name in enumerate(actors)}
        self.events: list[Event] = []
        #: who was held before each of them
        self.held: list[tuple[str, ...]] = []
        self.conflicts: list[Conflict] = []
        #: the class of every prefix: ``classes[n]`` is that of the first n operations
        self.classes: list[int] = [0]
        self._width = len(self.actors)
        self._last: list[int | None] = [None] * self._width
        #: by table, and there by key: rows may overlap with other rows
        self._used: dict[str, dict[Key, _Used]] = {}
        #: by actor: the last operation that writes or is unknown, the last that may touch anything, the last
        #: of these that writes or is unknown
        self._last_write: list[int | None] = [None] * self._width
        self._wild: list[int | None] = [None] * self._width
        self._wild_write: list[int | None] = [None] * self._width

    @classmethod
    def of(cls, points: Sequence[Point]) -> Trace:
        """The trace of a schedule."""
        trace = cls(sorted({name for point in points for name, _ in point.held}))
        released: dict[str, int] = {}
        for place, point in enumerate(points):
            actor = point.chosen
            operation = next(operation for name, operation in point.held if name == actor)
            before = released.get(actor)
            trace.add(operation, None if before is None else _let_go(points, actor, before, place))
            trace.held.append(tuple([name for name, _ in point.held]))
            released[actor] = place
        return trace

    @property
    def order(self) -> str:
        """The actors in order of release."""
        return "".join([event.operation.actor for event in self.events])

    @property
    def fingerprint(self) -> int:
        """The class of the whole schedule."""
        return self.classes[-1]

    def add(self, operation: Operation, enabled_by: int | None = None) -> None:
        """Release one operation. ``enabled_by``: the place of what let its actor go on, if it had to wait."""
        place = len(self.events)
        actor = self.actors[operation.actor]
        before = self._last[actor]
        given = [0] * self._width if before is None else list(self.events[before].clock)
        if enabled_by is not None:
            _join(given, self.events[enabled_by].clock)
        candidates = self._dependent(operation, actor)
        clock = given.copy()
        for candidate in candidates:
            _join(clock, self.events[candidate].clock)
        # The earlier one of a conflict is before nothing else that comes before this one.
        events = self.events
        for one in candidates:
            event = events[one]
            if given[event.actor] > event.nth:
                continue
            if any(events[other].clock[event.actor] > event.nth for other in candidates if other != one):
                continue
            self.conflicts.append(Conflict(one, place))
        nth = clock[actor]
        clock[actor] = nth + 1
        made = Event(operation, actor, nth, tuple(clock))
        events.append(made)
        self.classes.append((self.classes[-1] + hash((operation, made.clock))) & _MASK)
        self._remember(operation, actor, place)

    def happens_before(self, first: int, second: int) -> bool:
        """Whether one operation happens before another that was released later."""
        event = self.events[first]
        return self.events[second].clock[event.actor] > event.nth

    def _dependent(self, operation: Operation, actor: int) -> list[int]:
        """Places of operations of other actors that this one depends on: all the last ones, by key."""
        keys, access = operation.keys, operation.access
        found: set[int] = set()
        if access == "unknown" or (not keys and access == "write"):
            found.update([place for place in self._last if place is not None])
        elif not keys:
            found.update([place for place in self._last_write if place is not None])
        else:
            wild = self._wild_write if access == "read" else self._wild
            found.update([place for place in wild if place is not None])
            for key in keys:
                for used in self._overlapping(key):
                    if used.write is not None:
                        found.add(used.write)
                    if access != "read":
                        found.update(used.reads)
        events = self.events
        return [place for place in found if events[place].actor != actor]

    def _overlapping(self, key: Key) -> Iterator[_Used]:
        """What was used of what this key touches."""
        for used in self._used.get(table_of(key), {}).values():
            if used.key == key or overlap(used.key, key):
                yield used

    def _remember(self, operation: Operation, actor: int, place: int) -> None:
        keys, access = operation.keys, operation.access
        self._last[actor] = place
        if access != "read":
            self._last_write[actor] = place
        if not keys or access == "unknown":
            self._wild[actor] = place
            if access != "read":
                self._wild_write[actor] = place
        for key in keys:
            of_table = self._used.setdefault(table_of(key), {})
            used = of_table.get(key)
            if used is None:
                used = of_table[key] = _Used(key)
            if access == "read":
                used.reads.append(place)
            else:
                used.write = place
                used.reads = []


def _let_go(points: Sequence[Point], actor: str, released: int, place: int) -> int | None:
    """The place of what let a actor go on that had to wait after its release; None when it did not wait."""
    for at in range(released + 1, place + 1):
        if any(name == actor for name, _ in points[at].held):
            return at - 1 if at > released + 1 else None
    return None


def _join(clock: list[int], other: Clock) -> None:
    for actor, count in enumerate(other):
        clock[actor] = max(clock[actor], count)
