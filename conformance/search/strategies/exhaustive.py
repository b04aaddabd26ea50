"""Every schedule within a bound, the simplest first.

Two searches, one after the other, both by running a prefix again and branching behind it:

1. *Few preemptions*: schedules with 0, 1, 2, … preemptions (control taken from an actor that could
   have gone on). Most defects need one or two, so a failing schedule found here is also small.
2. *All orders*: depth first with sleep sets, which skip an order when it differs from one already
   tried only by swapping operations that commute (:func:`conformance.core.gates.independent`).

The two do not mix soundly (a sleep set may skip the one order that stays within the bound), so the
first search prunes nothing and ``exhausted`` says which of the two was finished. When the bound left
nothing out, the first has tried all orders and there is no second; else the second walks along what the
first has played, and plays only what is new.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from conformance.core.gates import Gate, independent
from conformance.drivers.driver import RacingActor
from conformance.search.strategies.base import Chooser, Step, Strategy, simplest

#: Who is held at which gate.
Held = tuple[tuple[str, Gate], ...]


class _Branch(NamedTuple):
    """A prefix to run, and the actors that need not be released right behind it."""

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
        self._tree = _Node()
        #: an order was left out because it takes more preemptions
        self._left_out = False

    def played(self, steps: list[Step]) -> None:
        self._steps = steps
        self._tree.grow(steps)

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
        if not self._finished_all:
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
        # Taking control from an actor that could go on costs a preemption; at its end it is free.
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
            branch = stack.pop()
            walker = self._walk(branch)
            if walker is None:
                if self.runs >= self.limit:
                    return
                walker = _Walker(branch)
                self.runs += 1
                yield walker.release
                assert [step.chosen for step in self._steps] == walker.path
            stack += walker.siblings
        self._finished_all = True

    def _walk(self, branch: _Branch) -> _Walker | None:
        """Follow a branch along what has been played; None when it leads to where nobody has been."""
        walker = _Walker(branch)
        node: _Node | None = self._tree
        while node is not None and node.held is not None:
            if not node.held:
                return walker
            name = walker.choose(node.held)
            if walker.redundant:
                return walker
            node = node.after.get(name)
        return None


def _follow(prefix: tuple[str, ...]) -> Chooser:
    wanted = iter(prefix)

    def choose(held: list[RacingActor], last: str | None) -> RacingActor:
        name = next(wanted, None)
        for actor in held:
            if actor.name == name:
                return actor
        return simplest(held, last)

    return choose


class _Node:
    """A point in what has been played: who was held there (nobody at the end, None: not known)."""

    __slots__ = ("after", "held")

    def __init__(self) -> None:
        self.held: Held | None = None
        self.after: dict[str, _Node] = {}

    def grow(self, steps: list[Step]) -> None:
        """Add a schedule that was played from here."""
        node = self
        for step in steps:
            node.held = step.held
            after = node.after.get(step.chosen)
            if after is None:
                after = node.after[step.chosen] = _Node()
            node = after
        node.held = ()


class _Walker:
    """Follows a branch to its end, and collects the siblings of every node that it passes."""

    def __init__(self, branch: _Branch) -> None:
        self.prefix = branch.prefix
        self.asleep = branch.asleep
        self.siblings: list[_Branch] = []
        self.path: list[str] = []
        #: every actor is asleep: whatever follows was tried in another order
        self.redundant = False

    def release(self, held: list[RacingActor], last: str | None) -> RacingActor:  # noqa: ARG002 - a chooser's shape
        """The walker as a chooser."""
        name = self.choose(tuple([(actor.name, actor.gate) for actor in held if actor.gate is not None]))
        return next(actor for actor in held if actor.name == name)

    def choose(self, held: Held) -> str:
        """The actor that is released next."""
        at = len(self.path)
        last = self.path[-1] if self.path else None
        names = [name for name, _ in held]
        if at < len(self.prefix):
            chosen = self.prefix[at] if self.prefix[at] in names else names[0]
        else:
            awake = [(name, gate) for name, gate in held if name not in self.asleep]
            if awake and not self.redundant:
                chosen = self._branch(awake, last)
            else:
                self.redundant = True
                chosen = last if last in names else names[0]
        self.path.append(chosen)
        return chosen

    def _branch(self, awake: list[tuple[str, Gate]], last: str | None) -> str:
        """Go on with the simplest actor, and leave the others for later, those before them asleep."""
        awake.sort(key=lambda actor: actor[0] != last)
        asleep = dict(self.asleep)
        for (before, its_gate), (name, gate) in pairwise(awake):
            asleep[before] = its_gate
            self.siblings.append(_Branch((*self.path, name), _still_asleep(asleep, gate)))
        first, gate = awake[0]
        self.asleep = _still_asleep(self.asleep, gate)
        return first


def _still_asleep(asleep: dict[str, Gate], released: Gate) -> dict[str, Gate]:
    return {name: gate for name, gate in asleep.items() if independent(gate, released)}
