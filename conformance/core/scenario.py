"""What a scenario is. See the files in ``scenarios/`` for how one is written.

A scenario is *given* (a prefix of events, made by the suite alone), *race* (one program per actor)
and *then* (what is done afterwards, alone). A variant is one function: it is given a suite (what its
level offers) and a :class:`Case`, makes the prefix, and returns the :class:`Race`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Literal

from conformance.core.actor import Actor
from conformance.core.faults import Fault, parse_faults, written
from conformance.core.flows import flow as check_flow
from conformance.spec.rows import LINES, Line

Level = Literal["storage", "handlers", "runtime"]

#: How the reason of a case begins whose prefix the World does not take: there is nothing to race.
PREFIX_REFUSED: Final = "the prefix was refused"
#: What stands behind the name of a variant in which all actors call one instance of the World.
TOGETHER: Final = "+instance"
#: One actor's part in a race.
Program = Callable[[Actor], Coroutine[Any, Any, Any]]


#: Programs ask for their payload in every schedule, and nobody changes it.
_loaded = lru_cache(maxsize=64)(json.loads)


@dataclass(frozen=True, slots=True)
class Case:
    """One generated instance of a variant.

    ``actors`` race; ``siblings`` other pending steps stand in the same run; ``payload_json`` is the
    JSON value that results, outputs and inputs carry, as text, so that a case can be a dict key;
    ``faults`` go wrong while it is played; ``program`` is what one actor does, where a variant is sequential
    (:mod:`conformance.spec.programs`).
    """

    actors: int = 2
    siblings: int = 0
    payload_json: str = '"x"'
    faults: tuple[Fault, ...] = ()
    #: the name of a flow, or its JSON, where a variant runs one (:mod:`conformance.core.flows`)
    flow: str = ""
    program: str = ""

    @property
    def payload(self) -> Any:
        """The value that this case's results, outputs and inputs carry."""
        return _loaded(self.payload_json)

    def to_json(self) -> dict[str, Any]:
        shape = {"actors": self.actors, "siblings": self.siblings, "payload": self.payload}
        if self.flow:
            shape["flow"] = self.flow
        if self.program:
            shape["program"] = self.program
        return {**shape, "faults": written(self.faults)} if self.faults else shape

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Case:
        """The inverse of :meth:`to_json`. ``TypeError`` or ``ValueError`` when it is not a case."""
        program = str(data.get("program", ""))
        actors, siblings = int(data.get("actors", 1 if program else 2)), int(data.get("siblings", 0))
        faults = parse_faults(str(data.get("faults", "")))
        flow = data.get("flow", "")
        if flow:
            check_flow(flow)
        return cls(actors, siblings, json.dumps(data.get("payload", "x")), faults, flow, program)

    @property
    def faultless(self) -> Case:
        """The same case with nothing going wrong."""
        return replace(self, faults=()) if self.faults else self

    @property
    def numbers(self) -> range:
        """The numbers of the racing actors, from 0."""
        return range(self.actors)


@dataclass(slots=True)
class Race:
    """What races, and what is done when the race is over.

    ``programs``: one per actor. ``then``: run alone afterwards; its calls are judged like any other.
    ``tokens``: hook tokens whose owner is looked up at the end. ``settled``: the outputs of the runs do not
    depend on the order in which things happen, so they are those of the control. ``exact``: nothing races, so
    every answer and every read is compared with the one state that the calls before it give.
    """

    programs: Sequence[Program]
    then: Program | None = None
    tokens: Sequence[str] = ()
    settled: bool = False
    exact: bool = False


Build = Callable[[Any, Case], Awaitable[Race]]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to set up a scenario's race. ``most`` is the largest number of actors it makes sense for,
    ``since`` the first line of the spec that has what it asks for."""

    name: str
    level: Level
    build: Build
    most: int = 4
    about: str = ""
    #: something goes wrong while it is played: see :mod:`conformance.core.faults`
    faulty: bool = False
    #: all actors call one instance of the World, in one process
    instance: bool = False
    #: run only where it is asked for: ``world-conformance runtime``, and replays of what that has found
    asked: bool = False
    #: actors do several things each, so a run may end as it does in no order of whole actors
    mixed: bool = False
    since: Line = LINES[0]
    #: one actor plays generated programs: nothing races
    sequential: bool = False
    #: judged with budget ``thorough`` only
    thorough: bool = False
    #: part of what it races lives in the memory of the World, such as a reader of a stream: the map judges it
    #: with all actors in one instance of the World, too, with every budget
    in_memory: bool = False

    @property
    def together(self) -> Variant:
        """The same with all actors in one instance of the World, as in a worker that handles several messages
        at once, under a name such as ``complete-complete+instance``."""
        return replace(self, name=f"{self.name}{TOGETHER}", instance=True)


@dataclass(slots=True)
class Scenario:
    """One race. ``id`` is short and stable: it is the test's name. ``short`` (or ``id``) heads its column."""

    number: int
    id: str
    title: str
    variants: list[Variant] = field(default_factory=list)
    short: str = ""
    #: variants at level ``storage`` in which a caller dies (:mod:`conformance.levels.next_writer`)
    crashes: list[Variant] = field(default_factory=list)

    @property
    def sequential_only(self) -> bool:
        """Whether nothing races in it."""
        return bool(self.variants) and all(variant.sequential for variant in self.variants)

    def storage(
        self, name: str, *, most: int = 4, mixed: bool = False, since: Line = LINES[0]
    ) -> Callable[[Build], Build]:
        """Declare a variant in which actors call the world directly. ``mixed``: see :class:`Variant`.
        ``since``: it asks for what only Worlds of this line of the spec and of later ones have."""
        return self._declare(name, "storage", most, mixed=mixed, since=since)

    def handlers(self, name: str, *, most: int = 4) -> Callable[[Build], Build]:
        """Declare a variant in which actors deliver queue messages to the model of the handlers."""
        return self._declare(name, "handlers", most)

    def runtime(self, name: str, *, most: int = 4, asked: bool = False) -> Callable[[Build], Build]:
        """Declare a variant of the real runtime alone: it shows what the model is not exact in.
        ``asked``: it is run only where it is asked for."""
        return self._declare(name, "runtime", most, asked=asked)

    def sequential(self, name: str) -> Callable[[Build], Build]:
        """Declare a variant in which one actor plays the program of the case on the world."""
        return self._declare(name, "storage", 1, sequential=True)

    def _declare(
        self,
        name: str,
        level: Level,
        most: int,
        *,
        asked: bool = False,
        mixed: bool = False,
        since: Line = LINES[0],
        sequential: bool = False,
    ) -> Callable[[Build], Build]:
        def declare(build: Build) -> Build:
            about = " ".join((build.__doc__ or "").split())
            variant = Variant(name, level, build, most, about, asked=asked, mixed=mixed, since=since)
            self.variants.append(replace(variant, sequential=sequential))
            return build

        return declare

    def at(self, level: Level, line: Line = LINES[0]) -> list[Variant]:
        """The variants of one level, for Worlds of a line of the spec. Level ``runtime`` has those of
        ``handlers``, with the real handlers."""
        wanted: tuple[Level, ...] = ("handlers", "runtime") if level == "runtime" else (level,)
        return [
            replace(variant, level=level)
            for variant in self.variants
            if variant.level in wanted and not variant.asked and variant.since <= line
        ]

    def asked(self, level: Level) -> list[Variant]:
        """The variants of one level that are run only where they are asked for."""
        return [variant for variant in self.variants if variant.asked and variant.level == level]

    @property
    def modelled(self) -> list[Variant]:
        """All variants that need no real runtime, for Worlds of every line of the spec."""
        return [each for each in self.variants if each.level != "runtime" and each.since == LINES[0]]

    def every(self, level: Level) -> list[Variant]:
        """The variants of one level, for all Worlds: between processes, in one instance, and with faults."""
        line = LINES[-1]
        return [*self.at(level, line), *self.instance(level, line), *self.faulty(level, line)]

    def instance(self, level: Level, line: Line = LINES[0]) -> list[Variant]:
        """The same variants with all actors in one instance of the World, at every level."""
        return [each.together for each in self.at(level, line) if not each.sequential]

    def faulty(self, level: Level, line: Line = LINES[0]) -> list[Variant]:
        """The same variants with faults, under names such as ``step-message-twice+faults``.

        At level ``storage`` there are no handlers, and nobody who would carry on. A caller dies there, then
        another writer comes, then the same call, in variants such as ``step_completed-then-hook_received``.
        """
        if level == "storage":
            return [one for one in self.crashes if one.since <= line]
        return [replace(each, name=f"{each.name}+faults", faulty=True) for each in self.at(level)]
