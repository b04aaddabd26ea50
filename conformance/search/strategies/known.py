"""What the phases of one search know in common: every schedule that was played, and what all have shown."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence

from conformance.core.gates import Operation, operation_of
from conformance.drivers.driver import RacingActor
from conformance.search.coverage import Coverage
from conformance.search.relations import Point, Trace
from conformance.search.strategy import TO_THE_END, Chooser, Step, Strategy, simplest

#: Who is held before which operation.
Held = tuple[tuple[str, Operation], ...]


class Node:
    """A point in what was played: who was held there (nobody at the end, None: not known)."""

    __slots__ = ("after", "held")

    def __init__(self) -> None:
        self.held: Held | None = None
        self.after: dict[str, Node] = {}


class Known:
    """The schedules of one case, as a tree, and their coverage."""

    def __init__(self) -> None:
        self.coverage = Coverage()
        self.root = Node()
        self.runs = 0
        #: operations in the longest schedule
        self.longest = 0
        self.last = Trace("")
        #: whether it was the first schedule of its class
        self.is_fresh = False
        self._operations: dict[Operation, Operation] = {}

    def add(self, steps: Sequence[Step]) -> None:
        """A schedule was played. One without a step, where others had some, did not come to its race."""
        self.runs += 1
        points = points_of(steps)
        if not points and self.runs > 1:
            self.last, self.is_fresh = Trace(""), False
            return
        node = self.root
        for point in points:
            if node.held is None:
                node.held = self._shared(point.held)
            node = node.after.setdefault(point.chosen, Node())
        node.held = ()
        self.longest = max(self.longest, len(points))
        self.last = Trace.of(points)
        self.is_fresh = self.coverage.add(self.last)

    @property
    def fresh(self) -> Trace | None:
        """The trace of the last schedule, when it was the first of its class."""
        return self.last if self.is_fresh else None

    def _shared(self, held: Held) -> Held:
        """The same with one object for each operation."""
        operations = self._operations
        return tuple([(name, operations.setdefault(one, one)) for name, one in held])

    def along(self, prefix: Sequence[str]) -> Trace | None:
        """The schedule that begins so and goes on the simplest way, if it was played."""
        points: list[Point] = []
        node: Node | None = self.root
        last: str | None = None
        while node is not None and node.held is not None:
            if not node.held:
                return Trace.of(points)
            names = [name for name, _ in node.held]
            wanted = prefix[len(points)] if len(points) < len(prefix) else last
            last = wanted if wanted in names else last if last in names else names[0]
            points.append(Point(node.held, last))
            node = node.after.get(last)
        return None


def points_of(steps: Iterable[Step]) -> list[Point]:
    """The steps of a schedule that was played. ``ValueError`` when its gates have no operations."""
    return [
        Point(tuple([(name, operation_of(gate)) for name, gate in step.held]), step.chosen) for step in steps
    ]


class Phase(Strategy):
    """A part of a search. Phases over one :class:`Known` go on from what the others have played."""

    def __init__(self, known: Known | None = None) -> None:
        self.known = known if known is not None else Known()
        #: whether it has tried all that it wanted to
        self.finished = False

    @abstractmethod
    def choosers(self) -> Iterator[Chooser]:
        """Choosers, until this phase has finished."""

    def played(self, steps: list[Step]) -> None:
        self.known.add(steps)

    @property
    def fresh(self) -> Trace | None:
        return self.known.fresh

    @property
    def exhausted(self) -> bool:
        return self.finished


class _Follows:
    """Begins as ``prefix`` says, and goes on the simplest way."""

    def __init__(self, prefix: Sequence[str]) -> None:
        self._prefix = prefix
        self._next = 0

    def __call__(self, held: list[RacingActor], last: str | None) -> RacingActor:
        name = self._prefix[self._next] if self._next < len(self._prefix) else None
        self._next += 1
        for actor in held:
            if actor.name == name:
                return actor
        return simplest(held, last)

    def ahead(self, name: str, held: Sequence[RacingActor]) -> int:  # noqa: ARG002 - as ahead_of asks
        return run_of(name, self._prefix[self._next :])


def run_of(name: str, coming: Iterable[str]) -> int:
    """How often an actor comes before another does; whoever comes last goes on to its end."""
    return next((place for place, each in enumerate(coming) if each != name), TO_THE_END)


def follow(prefix: Sequence[str]) -> Chooser:
    """A chooser that begins so and goes on the simplest way."""
    return _Follows(prefix)
