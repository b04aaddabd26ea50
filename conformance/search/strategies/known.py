"""What the phases of one search know in common: every schedule that was played, and what all have shown."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from conformance.core.gates import Operation, operation_of
from conformance.drivers.driver import RacingActor
from conformance.search.coverage import Coverage
from conformance.search.relations import Event, Point, Trace
from conformance.search.strategy import TO_THE_END, Chooser, Step, Strategy, simplest

#: A schedule that strays (an actor did something else than it had done before) is played so often in all.
_TRIES: Final = 3
#: Who is held before which operation.
Held = tuple[tuple[str, Operation], ...]
ChooserT = TypeVar("ChooserT", bound=Chooser)


class Node:
    """A point in what was played: who was held there (nobody at the end, None: not known), and the release
    that led to it, which all schedules that go through it have in common."""

    __slots__ = ("after", "event", "held", "names")

    def __init__(self) -> None:
        self.held: Held | None = None
        self.names: tuple[str, ...] = ()
        self.after: dict[str, Node] = {}
        self.event: Event | None = None

    def hold(self, held: Held) -> None:
        self.held = held
        self.names = tuple([name for name, _ in held])

    def go(self, name: str, trace: Trace) -> Node:
        """Release an actor that is held here, in a schedule that comes through here."""
        assert self.held is not None
        node = self.after.get(name)
        if node is None:
            node = self.after[name] = Node()
        if node.event is None:
            node.event = trace.release(Point(self.held, name))
        else:
            trace.held.append(self.names)
            trace.append(node.event)
        return node


class Known:
    """The schedules of one case, as a tree, and their coverage."""

    def __init__(self) -> None:
        self.coverage = Coverage()
        self.root = Node()
        self.runs = 0
        #: operations in the longest schedule
        self.longest = 0
        self.last = Trace()
        #: the schedule with most conflicts, the first of these, as its actors in order of release
        self.richest = ""
        self._most = -1
        #: whether it was the first schedule of its class
        self.is_fresh = False
        self._operations: dict[Operation, Operation] = {}

    def add(self, steps: Sequence[Step]) -> None:
        """A schedule was played. One without a step, where others had some, did not come to its race.
        ``ValueError`` when its gates have no operations."""
        self.runs += 1
        trace = Trace()
        if not steps and self.runs > 1:
            self.last, self.is_fresh = trace, False
            return
        node, as_before = self.root, True
        for step in steps:
            held = tuple([(name, operation_of(gate)) for name, gate in step.held])
            if node.held is None:
                node.hold(self._shared(held))
            # Where a service chooses otherwise than it did before, the tree stays as it was.
            as_before = as_before and node.held == held
            if as_before:
                node = node.go(step.chosen, trace)
            else:
                trace.release(Point(held, step.chosen))
                node = node.after.setdefault(step.chosen, Node())
        node.hold(())
        self.longest = max(self.longest, len(steps))
        self.last = trace
        self.is_fresh = self.coverage.add(trace)
        if len(trace.conflicts) > self._most:
            self.richest, self._most = trace.order, len(trace.conflicts)

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
        trace = Trace()
        node: Node | None = self.root
        last: str | None = None
        while node is not None and node.held is not None:
            names = node.names
            if not node.held:
                return trace
            wanted = prefix[len(trace.events)] if len(trace.events) < len(prefix) else last
            last = wanted if wanted in names else last if last in names else names[0]
            node = node.go(last, trace) if last in node.after else None
        return None

    def trace(self, order: Sequence[str]) -> Trace | None:
        """The beginning of a schedule, by its actors in order of release, if it was played."""
        trace = Trace()
        node = self.root
        for name in order:
            if name not in node.after or name not in node.names:
                return None
            node = node.go(name, trace)
        return trace


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

    def until_it_fits(
        self, make: Callable[[], ChooserT], strays: Callable[[ChooserT, Trace], bool]
    ) -> Generator[Chooser, None, ChooserT]:
        """Play a schedule; again with a new chooser, when it strayed and did not do the same twice. The last
        chooser; what it played is :attr:`Known.last`."""
        before: Trace | None = None
        for _ in range(_TRIES):
            choose = make()
            yield choose
            trace = self.known.last
            if not strays(choose, trace) or (before is not None and before.operations == trace.operations):
                break
            before = trace
        return choose

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
