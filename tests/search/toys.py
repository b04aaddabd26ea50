"""Small programs over a shared store, to try strategies on without a world."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from conformance.core.gates import Gate
from conformance.drivers.driver import ACTORS, RacingActor
from conformance.search.strategies import Chooser, Step, Strategy

#: ``leave``: read a key, and end the program when another actor has written it.
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
        actors = [
            RacingActor(name, _run(name, program, store, seen))
            for name, program, seen in zip(ACTORS, programs, reads, strict=False)
        ]
        for actor in actors:
            _advance(actor)
        steps: list[Step] = []
        last: str | None = None
        while held := [actor for actor in actors if actor.state == "held"]:
            actor = choose(held, last)
            steps.append(Step(tuple((each.name, gate(each)) for each in held), actor.name))
            last = actor.name
            _advance(actor)
        strategy.played(steps)
        outcome = (tuple(sorted(store.items())), *(tuple(seen) for seen in reads))
        found.append(Play("".join(step.chosen for step in steps), outcome))
    return found


def gate(actor: RacingActor) -> Gate:
    """The gate at which an actor is held."""
    assert actor.gate is not None
    return actor.gate


def _advance(actor: RacingActor) -> None:
    coroutine: Coroutine[Any, Any, Any] = actor.coroutine
    try:
        actor.gate = coroutine.send(None)
    except StopIteration:
        actor.ended()


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

    def choose(held: list[RacingActor], last: str | None) -> RacingActor:  # noqa: ARG001 - a chooser's shape
        wanted = next(left, held[0].name)
        return next(actor for actor in held if actor.name == wanted)

    return choose
