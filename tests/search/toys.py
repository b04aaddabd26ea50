"""Small programs over a shared store, to try strategies on without a world."""

from __future__ import annotations

from collections.abc import Coroutine, Generator, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from conformance.core.gates import Gate
from conformance.drivers.driver import ACTORS, RacingActor
from conformance.drivers.identity import Names
from conformance.search.strategies import Chooser, Step, Strategy

#: ``leave``: read a key, and end the program when another actor has written it. ``any``: write a key, and say
#: only that it may touch anything. ``lock``: wait until nobody has the key.
Kind = Literal["read", "write", "leave", "any", "lock", "unlock"]
Program = Sequence[tuple[Kind, str]]


class Play(NamedTuple):
    """One schedule: who was released, in order, and what came of it."""

    order: str
    outcome: tuple[object, ...]


class _Store:
    """What the programs share: values, and who has a lock and who wants it, the first to come first."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.owners: dict[str, str] = {}
        self.queue: list[tuple[str, str]] = []

    def unlock(self, key: str) -> None:
        del self.owners[key]
        first = next((one for one in self.queue if one[1] == key), None)
        if first is not None:
            self.queue.remove(first)
            self.owners[key] = first[0]


class _Wait:
    """The service does not answer until the actor has the lock."""

    def __await__(self) -> Generator[_Wait, None, None]:
        yield self


async def _run(name: str, program: Program, store: _Store, reads: list[str]) -> None:
    for number, (kind, key) in enumerate(program):
        reading = kind in ("read", "leave")
        await Gate(f"{kind} {key}", "read" if reading else "write", () if kind == "any" else (key,))
        match kind:
            case "write" | "any":
                store.values[key] = f"{name}{number}"
            case "lock":
                if key in store.owners:
                    store.queue.append((name, key))
                    while store.owners[key] != name:
                        await _Wait()
                store.owners[key] = name
            case "unlock":
                store.unlock(key)
            case _:
                reads.append(store.values.get(key, ""))
                if kind == "leave" and not store.values.get(key, name).startswith(name):
                    return


def explore(strategy: Strategy, *programs: Program) -> list[Play]:
    """Every schedule that a strategy asks for."""
    found = []
    for chosen in strategy.choosers():
        choose = Names().naming(chosen)
        store = _Store()
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
            for waiting in actors:
                if waiting.state == "blocked":
                    _advance(waiting)
        strategy.played(steps)
        outcome = (tuple(sorted(store.values.items())), *(tuple(seen) for seen in reads))
        found.append(Play("".join(step.chosen for step in steps), outcome))
    return found


def gate(actor: RacingActor) -> Gate:
    """The gate at which an actor is held."""
    assert actor.gate is not None
    return actor.gate


def _advance(actor: RacingActor) -> None:
    coroutine: Coroutine[Any, Any, Any] = actor.coroutine
    try:
        reached = coroutine.send(None)
    except StopIteration:
        actor.ended()
        return
    actor.gate = None if isinstance(reached, _Wait) else reached
    actor.state = "blocked" if actor.gate is None else "held"


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
