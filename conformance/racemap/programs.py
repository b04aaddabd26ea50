"""Programs: several actors with several operations each, as text, so that a case can carry one.

A program is the payload of a case: ``{"given": ["run_created", …], "actors": [["step_started", …], …]}``. An
operation is a word, such as ``hook_created``, ``step_retrying+later`` or ``runs.get``. With ``:other-run`` it
is about the entity of the other run, with ``:other`` about another entity of the first run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from conformance.api import Actor, Case, Program, Race, Scenario, Suite
from conformance.core.scenario import Level, Variant
from conformance.levels.stage import Stage
from conformance.racemap.derive import moved
from conformance.racemap.operations import RELATIONS, Op, Relation, operations
from conformance.racemap.variants import program_of, read_of
from conformance.search.fault_injector import quietly
from conformance.spec.machine import State
from conformance.spec.reach import Move
from conformance.spec.rows import LINES, Line

#: The number of generated programs in a record, beside the numbers of the scenarios.
NUMBER: Final = 901
#: More than any program has that is generated; a spec may come from anybody.
MOST_ACTORS: Final = 8
MOST_OPERATIONS: Final = 50


@dataclass(frozen=True, slots=True)
class Word:
    """One operation of a program, by name, and what it is about."""

    op: Op
    relation: Relation = "same"

    @property
    def move(self) -> Move | None:
        """Its event; None for a read, which is about the first run."""
        if self.op.reads:
            return None
        move = self.op.moved(self.relation)
        # An id is that of one entity, whatever its run.
        return move._replace(entity=2) if self.relation == "other-run" and self.op.kind != "run" else move

    def __str__(self) -> str:
        return self.op.name if self.relation == "same" else f"{self.op.name}:{self.relation}"

    @classmethod
    def parse(cls, text: object) -> Word:
        """The inverse of ``str``. Raises ``ValueError``."""
        name, _, relation = str(text).partition(":")
        op = _ops().get(name)
        if op is None or (relation or "same") not in RELATIONS or (relation and op.reads):
            raise ValueError(f"{str(text)[:60]!r} is no operation")
        return cls(op, relation or "same")  # type: ignore[arg-type] # checked in the line above


@cache
def _ops() -> Mapping[str, Op]:
    return {op.name: op for op in operations(LINES[-1])}


@dataclass(frozen=True, slots=True)
class Written:
    """A program: what the suite does alone, and what each actor does."""

    given: tuple[Word, ...]
    actors: tuple[tuple[Word, ...], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "given": [str(one) for one in self.given],
            "actors": [[*map(str, one)] for one in self.actors],
        }

    @classmethod
    def from_json(cls, data: object) -> Written:
        """The inverse of :meth:`to_json`. Raises ``ValueError`` for what is no program."""
        if data == "x":
            return SIMPLEST
        if not isinstance(data, dict) or not isinstance(data.get("actors"), list):
            raise ValueError("not a program: {given: [...], actors: [[...], ...]}")
        actors = tuple(_words(one) for one in data["actors"])
        if not 1 <= len(actors) <= MOST_ACTORS:
            raise ValueError(f"a program has 1 to {MOST_ACTORS} actors")
        return cls(_words(data.get("given", [])), actors)


def _words(data: object) -> tuple[Word, ...]:
    if not isinstance(data, list) or len(data) > MOST_OPERATIONS:
        raise ValueError(f"a list of at most {MOST_OPERATIONS} operations is due")
    return tuple(Word.parse(one) for one in data)


SIMPLEST: Final = Written(
    (Word.parse("run_created"),), ((Word.parse("run_started"),), (Word.parse("run_started"),))
)


def takes_effect(given: Sequence[Word]) -> Iterator[Word]:
    """Those words that have one right answer and change something: a prefix that a World must take."""
    state = State(max((word.op.since for word in given), default=LINES[0]))
    for word in given:
        if word.move is not None and (after := moved(state, word.move)) is not None:
            state = after
            yield word


async def build(suite: Suite, case: Case) -> Race:
    """The race of the program that a case carries."""
    written = Written.from_json(case.payload)
    words = [word for actor in written.actors for word in actor]
    moves = [word.move for word in words if word.move is not None]
    reads = [move for word in words for move in read_of(word.op)]
    stage = Stage(suite)
    prefix = [word.move for word in takes_effect(written.given) if word.move is not None]
    await stage.reach(prefix, [*moves, *reads])
    programs = [_actor(stage, actor) for actor in written.actors[: case.actors]]
    uses_token = any(word.op.kind == "hook" for word in words)
    return Race(programs, tokens=[stage.token(0)] if uses_token else [])


def _actor(stage: Stage, words: Sequence[Word]) -> Program:
    parts: list[Callable[[Actor], Awaitable[Any]]] = [program_of(stage, word.op, word.move) for word in words]

    async def program(actor: Actor) -> None:
        for part in parts:
            await quietly(part, actor)  # type: ignore[arg-type] # a part is a program

    return program


@dataclass(slots=True)
class Programs(Scenario):
    """Generated programs as a scenario with one variant, whose cases carry them."""

    def at(self, level: Level, line: Line = LINES[0]) -> list[Variant]:  # noqa: ARG002 - all lines have it
        return [GENERATED] if level == "storage" else []

    def instance(
        self,
        level: Level,  # noqa: ARG002 - a method of scenarios
        line: Line = LINES[0],  # noqa: ARG002 - likewise
    ) -> list[Variant]:
        """None: programs are raced between processes."""
        return []


GENERATED: Final = Variant(
    "generated", "storage", build, most=4, about="actors with several operations each", mixed=True
)
PROGRAMS: Final = Programs(NUMBER, "programs", "Generated programs of several operations", short="programs")
