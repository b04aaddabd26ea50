"""Every schedule with a few preemptions: control taken from an actor that could have gone on.

Bound 1 is small (about one schedule for each operation) and finds most defects. First come the schedules
in which another actor writes what was read, between that read and the next write of the actor that read it;
then those that turn most conflicts round. A schedule is left out only when it is certain to have the class of
one that was played: its operations are foreseen, and their partial order is the same.

What an actor does at once (two calls that it awaits together) has no order that the suite chooses. A schedule
that did not begin as the one that it branches from, or in which an actor did the same in another order, has
*strayed*, and is played again. When it does the same twice, that is what the World does. If it began
otherwise, the one that it branches from was the exception, such as the first of a new process: that is played
anew.
"""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterator
from functools import cached_property
from typing import NamedTuple

from conformance.core.gates import Key, Operation, overlap, table_of
from conformance.search.relations import Trace
from conformance.search.strategies.known import Known, Phase, follow
from conformance.search.strategy import Chooser

#: A read of one actor, and a write of another to what was read.
Window = tuple[Operation, Operation]


class _Base:
    """A schedule to branch from, what its branches would show, and the branch that led to it."""

    def __init__(self, trace: Trace, branch: _Branch, *, anew: bool) -> None:
        self.trace = trace
        self.branch = branch
        #: it was played in place of one that was an exception
        self.anew = anew
        #: no schedule has strayed from it in each try
        self.steady = True
        #: the schedules of branches, by who is released where
        self.near: dict[str, dict[int, Trace]] = {}

    @cached_property
    def windows(self) -> list[tuple[int, int, Operation, int, Operation]]:
        """Where an actor has read and not yet written, while another may write what was read."""
        return list(_windows(self.trace))

    def opens(self, at: int, name: str) -> list[Window]:
        """The windows in which the actor is that takes over."""
        last = self.trace.events[at - 1].operation.actor if at else ""
        return [
            (read, write)
            for first, end, read, place, write in self.windows
            if first < at <= end and place >= at and read.actor == last and write.actor == name
        ]

    def turns(self, at: int, name: str, known: Known) -> int:
        """How many conflicts that are owed it turns round."""
        events = self.trace.events
        return sum(
            conflict.first >= at
            and events[conflict.second].operation.actor == name
            and known.coverage.owes(self.trace, conflict)
            for conflict in self.trace.conflicts
        )


class _Branch(NamedTuple):
    """Leave a schedule at a place, and release that actor instead."""

    base: _Base | None
    at: int
    name: str
    cost: int

    @property
    def prefix(self) -> str:
        return self.base.trace.order[: self.at] + self.name if self.base is not None else ""


class Bounded(Phase):
    """All schedules of at most so many preemptions, up to swapping operations that commute."""

    def __init__(self, preemptions: int, known: Known | None = None) -> None:
        super().__init__(known)
        self.preemptions = preemptions
        #: the largest number of preemptions of which all schedules were tried, -1: none
        self.complete = -1
        #: nothing has more preemptions than that
        self.everything = False
        #: schedules that strayed in each try
        self.strayed = 0
        self._left_out = False
        self._windows: set[Window] = set()
        self._levels: list[list[tuple[int, int, int, _Branch]]] = [[] for _ in range(preemptions + 1)]
        self._pushed = 0

    def choosers(self) -> Iterator[Chooser]:
        self._push(_Branch(None, 0, "", 0))
        for level in range(self.preemptions + 1):
            while (branch := self._pop(level)) is not None:
                if branch.base is not None and not (branch.base.steady or branch.base.anew):
                    continue
                trace = self._foreseen(branch) or self.known.along(branch.prefix)
                if trace is None:
                    trace = yield from self._play(branch)
                self._explore(branch, trace)
            self.complete = level
        self.finished = True
        self.everything = not self._left_out

    def _play(self, branch: _Branch) -> Generator[Chooser, None, Trace]:
        """Play the schedule of a branch; again, when it strayed and did not do the same twice. Its trace."""
        base = branch.base
        if base is None or not base.steady:
            yield follow(branch.prefix)
            return self.known.last
        yield from self.until_it_fits(
            lambda: follow(branch.prefix),
            lambda _, trace: not _begins_as(trace, base.trace, branch.at) or trace.reorders(base.trace),
        )
        trace = self.known.last
        if not _begins_as(trace, base.trace, branch.at):
            base.steady = False
            self.strayed += 1
            if not base.anew:
                yield follow(base.branch.prefix)
                self._explore(base.branch, self.known.last, anew=True)
        return trace

    @property
    def bound(self) -> str:
        return "" if self.complete < 0 else f"{self.complete} preemption{'' if self.complete == 1 else 's'}"

    # -- the order of branches ------------------------------------------------------------------

    def _push(self, branch: _Branch) -> None:
        self._pushed += 1
        heapq.heappush(self._levels[branch.cost], (*self._score(branch), self._pushed, branch))

    def _pop(self, level: int) -> _Branch | None:
        """The branch that shows most now. What branches show only gets less, so few are looked at again."""
        waiting = self._levels[level]
        while waiting:
            windows, turns, number, branch = heapq.heappop(waiting)
            now = self._score(branch)
            if now == (windows, turns) or not waiting or (*now, number) <= waiting[0][:3]:
                return branch
            heapq.heappush(waiting, (*now, number, branch))
        return None

    def _score(self, branch: _Branch) -> tuple[int, int]:
        base = branch.base
        if base is None:
            return 0, 0
        fresh = sum(window not in self._windows for window in base.opens(branch.at, branch.name))
        return -fresh, -base.turns(branch.at, branch.name, self.known)

    # -- what follows from a branch -------------------------------------------------------------

    def _explore(self, branch: _Branch, trace: Trace, *, anew: bool = False) -> None:
        if branch.base is not None:
            self._windows.update(branch.base.opens(branch.at, branch.name))
            branch.base.near.setdefault(branch.name, {})[branch.at] = trace
        base = _Base(trace, branch, anew=anew)
        order = trace.order
        first = branch.at + 1 if branch.base is not None else 0
        for at in range(first, len(order)):
            held = trace.held[at]
            # Taking control from an actor that could go on costs a preemption; at its end it is free.
            cost = branch.cost + (at > 0 and order[at - 1] in held)
            for name in held:
                if name == order[at]:
                    continue
                if cost > self.preemptions:
                    self._left_out = True
                else:
                    self._push(_Branch(base, at, name, cost))

    def _foreseen(self, branch: _Branch) -> Trace | None:
        """The schedule of a branch, when it is certain to be of a class that was played."""
        base = branch.base
        if base is None:
            return None
        near = base.near.get(branch.name, {})
        below = max((at for at in near if at < branch.at), default=None)
        above = min((at for at in near if at > branch.at), default=None)
        guesses = [near[at] for at in (below, above) if at is not None] or [base.trace]
        for guess in guesses:
            trace = _resumed(base.trace, branch.at, branch.name, guess)
            if trace is not None and trace.fingerprint in self.known.coverage.classes:
                return trace
        return None


def _windows(trace: Trace) -> Iterator[tuple[int, int, Operation, int, Operation]]:
    """``(read, next write, its operation, place and operation of a write of another to what was read)``."""
    writes: dict[str, list[tuple[Key, int]]] = {}
    for place, event in enumerate(trace.events):
        if event.operation.access != "read":
            for key in event.operation.keys:
                writes.setdefault(table_of(key), []).append((key, place))
    ends: dict[str, int] = {}
    for place in range(len(trace.events) - 1, -1, -1):
        operation = trace.events[place].operation
        actor = operation.actor
        if operation.access != "read":
            ends[actor] = place
        elif actor in ends:
            for key in operation.keys:
                for written, write in writes.get(table_of(key), ()):
                    if trace.events[write].operation.actor != actor and overlap(key, written):
                        yield place, ends[actor], operation, write, trace.events[write].operation


def _begins_as(trace: Trace, base: Trace, count: int) -> bool:
    """Whether two schedules have the same first operations. Of one that did not come to its race nothing is
    asked."""
    return not trace.events or trace.operations[:count] == base.operations[:count]


def _resumed(base: Trace, at: int, name: str, guess: Trace) -> Trace | None:
    """What comes of a branch if every actor does what it did in ``guess``."""
    theirs = guess.by_actor()
    left = {actor: theirs[actor][::-1] for actor in guess.actors}
    made = Trace()

    def hold() -> None:
        made.held.append(tuple([other for other, operations in left.items() if operations]))

    for event in base.events[:at]:
        mine = left.get(event.operation.actor)
        if not mine or mine[-1] != event.operation:
            return None
        hold()
        mine.pop()
        made.append(event)
    if not left.get(name):
        return None
    last = name
    while True:
        if not left[last]:
            last = next((actor for actor in left if left[actor]), "")
            if not last:
                return made
        hold()
        made.add(left[last].pop())
