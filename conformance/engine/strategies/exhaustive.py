"""Every schedule within a bound, the simplest first.

Two searches, one after the other, both by running a prefix again and branching behind it:

1. *Few preemptions*: schedules with 0, 1, 2, … preemptions (control taken from a lane that could
   have gone on). Most defects need one or two, so a failing schedule found here is also small.
2. *All orders*: depth first with sleep sets, which skip an order when it differs from one already
   tried only by swapping operations that commute (:func:`conformance.gates.independent`).

The two do not mix soundly (a sleep set may skip the one order that stays within the bound), so the
first search prunes nothing and ``exhausted`` says which of the two was finished. When the bound left
nothing out, the first has tried all orders and there is no second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from conformance.engine.rig import Lane
from conformance.engine.strategies.base import Chooser, Step, Strategy, simplest
from conformance.gates import Gate, independent


class _Branch(NamedTuple):
    """A prefix to run, and the lanes that need not be released right behind it."""

    prefix: tuple[str, ...]
    asleep: dict[str, Gate]


class Exhaustive(Strategy):
    """All schedules of one case, up to ``limit`` of them."""

    def __init__(self, limit: int, preemptions: int = 2) -> None:
        self.limit = limit
        self.preemptions = preemptions
        self.runs = 0
        self._finished_bound = -1
        self._finished_all = False
        self._steps: list[Step] = []
        #: an order was left out because it takes more preemptions
        self._left_out = False

    def played(self, steps: list[Step]) -> None:
        self._steps = steps

    @property
    def exhausted(self) -> bool:
        return self._finished_all or self._finished_bound >= self.preemptions

    @property
    def bound(self) -> str:
        if self._finished_all:
            return "all orders"
        if self._finished_bound >= 0:
            return f"{self._finished_bound} preemption{'' if self._finished_bound == 1 else 's'}"
        return f"{self.runs} schedules"

    def choosers(self) -> Iterator[Chooser]:
        yield from self._few_preemptions()
        if not self._finished_all and self.runs < self.limit:
            yield from self._all_orders()

    # -- few preemptions ------------------------------------------------------------------------

    def _few_preemptions(self) -> Iterator[Chooser]:
        levels: list[deque[tuple[str, ...]]] = [deque() for _ in range(self.preemptions + 1)]
        levels[0].append(())
        for level, waiting in enumerate(levels):
            while waiting:
                if self.runs >= self.limit:
                    return
                prefix = waiting.popleft()
                self.runs += 1
                yield _follow(prefix)
                for at in range(len(prefix), len(self._steps)):
                    self._branch(at, level, levels)
            self._finished_bound = level
        self._finished_all = not self._left_out

    def _branch(self, at: int, level: int, levels: list[deque[tuple[str, ...]]]) -> None:
        step = self._steps[at]
        if len(step.held) < 2:
            return
        last = self._steps[at - 1].chosen if at else None
        # Taking control from a lane that could go on costs a preemption; at its end it is free.
        cost = 1 if any(name == last for name, _ in step.held) else 0
        if level + cost > self.preemptions:
            self._left_out = True
            return
        before = tuple(earlier.chosen for earlier in self._steps[:at])
        for name, _ in step.held:
            if name != step.chosen:
                levels[level + cost].append((*before, name))

    # -- all orders -----------------------------------------------------------------------------

    def _all_orders(self) -> Iterator[Chooser]:
        stack = [_Branch((), {})]
        while stack:
            if self.runs >= self.limit:
                return
            branch = stack.pop()
            walker = _Walker(branch, stack)
            self.runs += 1
            yield walker
            walker.check(self._steps)
        self._finished_all = True


def _follow(prefix: tuple[str, ...]) -> Chooser:
    wanted = iter(prefix)

    def choose(held: list[Lane], last: str | None) -> Lane:
        name = next(wanted, None)
        for lane in held:
            if lane.name == name:
                return lane
        return simplest(held, last)

    return choose


class _Walker:
    """Follows a branch to its end and leaves on the stack the siblings of every node it passes."""

    def __init__(self, branch: _Branch, stack: list[_Branch]) -> None:
        self.prefix = branch.prefix
        self.asleep = branch.asleep
        self.stack = stack
        self.path: list[str] = []
        #: every lane is asleep: whatever follows was tried in another order
        self.redundant = False

    def __call__(self, held: list[Lane], last: str | None) -> Lane:
        at = len(self.path)
        if at < len(self.prefix):
            lane = next((lane for lane in held if lane.name == self.prefix[at]), held[0])
            self.path.append(lane.name)
            return lane
        awake = [lane for lane in held if lane.name not in self.asleep]
        if not awake or self.redundant:
            self.redundant = True
            lane = simplest(held, last)
            self.path.append(lane.name)
            return lane
        first = simplest(awake, last)
        gates = {lane.name: lane.gate for lane in held if lane.gate is not None}
        tried = [first]
        for lane in awake:
            if lane is not first:
                asleep = {**self.asleep, **{done.name: gates[done.name] for done in tried}}
                self.stack.append(_Branch((*self.path, lane.name), _still_asleep(asleep, gates[lane.name])))
                tried.append(lane)
        self.asleep = _still_asleep(self.asleep, gates[first.name])
        self.path.append(first.name)
        return first

    def check(self, steps: list[Step]) -> None:
        """The schedule that was played must be the one chosen here."""
        assert [step.chosen for step in steps] == self.path


def _still_asleep(asleep: dict[str, Gate], released: Gate) -> dict[str, Gate]:
    return {name: gate for name, gate in asleep.items() if independent(gate, released)}
