"""Small programs over a shared store, to try strategies on without a world."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from conformance.core.gates import Gate
from conformance.drivers.driver import LANES, Lane
from conformance.search.strategies import Chooser, Step, Strategy

#: ``leave``: read a key, and end the program when another lane has written it.
Kind = Literal["read", "write", "leave"]
Program = Sequence[tuple[Kind, str]]


class Play(NamedTuple):
    """One schedule: who was released, in order, and what came of it."""

    order: str
    outcome: tuple[object, ...]


async def _run(name: str, program: Program, store: dict[str, str], reads: list[str]) -> None:
    for number, (kind, key) in enumerate(program):
        await Gate(f"{kind} {key}", "write" if kind == "write" else "read", (key,))
        if kind == "write":
            store[key] = f"{name}{number}"
        else:
            reads.append(store.get(key, ""))
            if kind == "leave" and key in store and not store[key].startswith(name):
                return


def explore(strategy: Strategy, *programs: Program) -> list[Play]:
    """Every schedule that a strategy asks for."""
    found = []
    for choose in strategy.choosers():
        store: dict[str, str] = {}
        reads: list[list[str]] = [[] for _ in programs]
        lanes = [
            Lane(name, _run(name, program, store, seen))
            for name, program, seen in zip(LANES, programs, reads, strict=False)
        ]
        for lane in lanes:
            _advance(lane)
        steps: list[Step] = []
        last: str | None = None
        while held := [lane for lane in lanes if lane.state == "held"]:
            lane = choose(held, last)
            steps.append(Step(tuple((each.name, gate(each)) for each in held), lane.name))
            last = lane.name
            _advance(lane)
        strategy.played(steps)
        outcome = (tuple(sorted(store.items())), *(tuple(seen) for seen in reads))
        found.append(Play("".join(step.chosen for step in steps), outcome))
    return found


def gate(lane: Lane) -> Gate:
    """The gate at which a lane is held."""
    assert lane.gate is not None
    return lane.gate


def _advance(lane: Lane) -> None:
    coroutine: Coroutine[Any, Any, Any] = lane.coroutine
    try:
        lane.gate = coroutine.send(None)
    except StopIteration:
        lane.ended()


class Every(Strategy):
    """Every order there is, in no clever way."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def played(self, steps: list[Step]) -> None:
        self.steps = steps

    def choosers(self) -> Iterator[Chooser]:
        waiting: list[str] = [""]
        while waiting:
            prefix = waiting.pop()
            yield _along(prefix)
            order = "".join(step.chosen for step in self.steps)
            for at in range(len(prefix), len(order)):
                names = [name for name, _ in self.steps[at].held]
                waiting += [order[:at] + name for name in names if name != order[at]]


def _along(prefix: str) -> Chooser:
    left = iter(prefix)

    def choose(held: list[Lane], last: str | None) -> Lane:  # noqa: ARG001 - a chooser's shape
        wanted = next(left, held[0].name)
        return next(lane for lane in held if lane.name == wanted)

    return choose
