"""Each place of each pair as a variant of one scenario, *the race map*: two actors, one operation each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from conformance.api import Actor, Case, Program, Race, Scenario, Suite
from conformance.core.scenario import Level, Variant
from conformance.levels.stage import Stage
from conformance.racemap.batches import batch_variants
from conformance.racemap.derive import Pair, Place, pairs, takes
from conformance.racemap.flows import flow_variants
from conformance.racemap.operations import Op
from conformance.racemap.streams import stream_variants
from conformance.search.fault_injector import quietly
from conformance.spec.reach import Move
from conformance.spec.rows import LINES, Line

#: The number of the map in a record, beside the numbers of the scenarios.
NUMBER: Final = 900
#: What stands behind the name of a variant in which each actor does both operations, one the other way round.
TWICE: Final = "+both"
#: What stands behind the name of a pair in which the reader of the log creates a step before it reads.
BESIDE: Final = ":beside"
#: That creation: an event that comes after one which may take its place in the log late.
BEFORE_READ: Final = Move("step_created", entity=1)

Build = Callable[[Suite, Case], Awaitable[Race]]


@dataclass(slots=True)
class RaceMap(Scenario):
    """The map as a scenario. Its variants are derived when they are asked for."""

    def at(self, level: Level, line: Line = LINES[0]) -> list[Variant]:
        """Pairs of operations; at the levels with handlers, flows."""
        if level == "storage":
            return [variant for variant in _every() if variant.since <= line]
        return [replace(variant, level=level) for _, variant in flow_variants()]


RACE_MAP: Final = RaceMap(NUMBER, "map", "Every pair of operations, from every state", short="race map")


@cache
def _every() -> tuple[Variant, ...]:
    """All that can be replayed: every state of every pair, with both operations in each actor too."""
    single = [made for pair in pairs(LINES[-1], whole=True) for made in variants_of(pair)]
    return (*single, *map(both, single), *stream_variants(), *batch_variants())


def mapped(line: Line = LINES[0]) -> Iterator[Variant]:
    """All places that budget ``default`` has on Worlds of a line: pairs, streams, batches; then flows."""
    for pair in pairs(line):
        yield from variants_of(pair)
    yield from stream_variants()
    yield from (variant for variant in batch_variants() if variant.since <= line)
    yield from (variant for _, variant in flow_variants())


def variants_of(pair: Pair) -> Iterator[Variant]:
    """A variant for each place of a pair; where the log is read on, one more with a write before the read."""
    for place in pair.places:
        state = place.name.replace("+", ", ").replace("-", " ")
        about = f"{pair.one.name} against {pair.other.name}; {state}"
        name = f"{pair.name}@{place.name}"
        yield Variant(name, "storage", _build(pair, place), about=about, since=pair.since)
        if pair.other.name == "events.pages" and takes(place.prefix, BEFORE_READ, pair.since):
            name = f"{pair.name}{BESIDE}@{place.name}"
            about = f"{pair.one.name} against the creation of another step and {pair.other.name}; {state}"
            build = _build(pair, place, beside=True)
            yield Variant(name, "storage", build, about=about, since=pair.since, mixed=True)


def both(variant: Variant) -> Variant:
    """A pair of pairs: each actor does both operations, one of them in the other order."""
    build = variant.build

    async def built(suite: Any, case: Case) -> Race:
        race = await build(suite, case)
        one, other = race.programs[:2]

        turns = (_after(one, other), _after(other, one))
        return replace(race, programs=[turns[number % 2] for number in case.numbers])

    return replace(variant, name=f"{variant.name}{TWICE}", build=built, mixed=True)


def _build(pair: Pair, place: Place, *, beside: bool = False) -> Build:
    one = pair.one.move
    other = None if pair.other.reads else pair.other.moved(pair.relation)
    if one is not None and pair.other.reads:
        one = pair.one.moved(pair.relation)
    events = [move for move in (one, other) if move is not None]

    async def build(suite: Suite, case: Case) -> Race:
        stage = Stage(suite)
        await stage.reach(place.prefix, [*events, *read_of(pair.other), *([BEFORE_READ] if beside else [])])
        first = program_of(stage, pair.one, one, case.payload)
        alike = pair.one == pair.other and one == other
        second = first if alike else program_of(stage, pair.other, other, case.payload)
        if beside:
            second = _after(program_of(stage, Op("step_created", "step", BEFORE_READ), BEFORE_READ), second)
        programs = [(first, second)[number % 2] for number in case.numbers]
        tokens = [stage.token(0)] if "hook" in (pair.one.kind, pair.other.kind) else []
        return Race(programs, tokens=tokens)

    return build


def _after(first: Program, second: Program) -> Program:
    """One program after another, whatever becomes of the first."""

    async def program(actor: Actor) -> None:
        await quietly(first, actor)
        await second(actor)

    return program


def read_of(op: Op) -> list[Move]:
    """A move about what a read is about, so that it has an id."""
    return [Move(f"{op.kind}_created")] if op.reads else []


def program_of(stage: Stage, op: Op, move: Move | None, payload: Any = "x") -> Program:
    """One operation as what an actor does. ``move`` is its event; None for a read."""
    if move is not None:

        async def write(actor: Actor) -> None:
            # Whoever creates one thing asks for the same thing: an id stands for a position in one sequence.
            same = move.event.endswith("_created") or move.when in ("creates", "resumes")
            await stage.perform(actor, move, "x" if same else {"by": actor.name, "value": payload})

        return write

    async def read(actor: Actor) -> None:
        await _READS[op.name](stage, actor)

    return read


_READS: Final[dict[str, Callable[[Stage, Actor], Awaitable[Any]]]] = {
    "runs.get": lambda stage, actor: actor.run(stage.run(0)),
    "events.list": lambda stage, actor: actor.events(stage.run(0)),
    "events.pages": lambda stage, actor: actor.read_on(stage.run(0), 1),
    "steps.get": lambda stage, actor: actor.step(stage.run(0), stage.entity(Move("step_created"))),
    "steps.list": lambda stage, actor: actor.steps(stage.run(0)),
    "hooks.get": lambda stage, actor: actor.call("hooks.get", stage.entity(Move("hook_created"))),
    "hooks.getByToken": lambda stage, actor: actor.hook_by_token(stage.token(0)),
    "hooks.list": lambda stage, actor: actor.hooks(stage.run(0)),
}
