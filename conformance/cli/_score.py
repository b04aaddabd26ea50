"""How many broken Worlds the suite kills: each mutant before the judge, until something kills it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import msgspec

from conformance.cli._score_equivalent import why_equivalent
from conformance.core.errors import NotSupported
from conformance.core.scenario import Case, Level, Scenario, Variant
from conformance.core.scenarios import all_scenarios, scenarios
from conformance.drivers.driver import Driver
from conformance.drivers.in_process import InProcessDriver
from conformance.handlers import Policy
from conformance.memory.mutants import MUTANTS, Mutant
from conformance.memory.mutants.operators import operators
from conformance.racemap.find import variant_of
from conformance.racemap.variants import RACE_MAP, mapped
from conformance.search.budget import Limits
from conformance.search.fault_judge import FaultJudge
from conformance.search.judge import Judge
from conformance.search.next_writer_judge import NextWriterJudge
from conformance.search.sequence_judge import SequenceJudge
from conformance.search.verdict import Verdict
from conformance.spec.lines import line_of
from conformance.spec.rows import Line

#: Scenarios in which an event is raced, by what its name begins with: these are tried first.
_FIRST = {
    "run_cr": (1,),
    "run_st": (1, 2),
    "run_": (2, 3, 4),
    "step_": (6, 7, 8, 4),
    "wait_": (5, 8, 4),
    "hook_": (4, 8),
}
_MEMORY = "memory"
#: the family of mutants that are handlers over a right World
HANDLERS = "handlers"


@dataclass(frozen=True, slots=True)
class Depth:
    """How much is tried of one variant: with two actors, with more of them, and with faults.

    Without ``faults`` nothing is tried at level handlers either. ``everywhere``: also in scenarios that do
    not race what is broken.
    """

    few: Limits
    more: Limits
    faults: Limits | None
    everywhere: bool = True


#: One replay of what fails. In memory every place of a fault is tried, and some schedules happen within one
#: millisecond.
IN_MEMORY = Depth(
    Limits((Case(),), searched=20, generated=0, free=0, replays=1, stills=4),
    Limits((Case(), Case(actors=3)), searched=40, generated=0, free=0, replays=1, stills=6),
    Limits((Case(),), searched=400, generated=5, free=0, replays=1),
)


class Score(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one mutant of one world.

    ``rule`` is empty for a survivor. ``schedules``: how many were run, over all variants, until it was
    killed; ``noted``: no must is broken, but a should is. ``undecided``: it was never killed, and this is why
    some verdict on it is inconclusive, so that it passed nothing.
    """

    mutant: str
    family: str
    about: str
    rule: str = ""
    label: str = ""
    where: str = ""
    schedules: int = 0
    noted: bool = False
    undecided: str = ""
    world: str = _MEMORY

    @property
    def killed(self) -> bool:
        return bool(self.rule) and not self.noted

    @property
    def key(self) -> tuple[str, str]:
        """What no two of them share."""
        return self.world, self.mutant


@dataclass(frozen=True, slots=True)
class Subject:
    """One mutant to judge. ``place``: the event that is broken, ``""`` when there is not one."""

    name: str
    family: str
    about: str
    world: str = _MEMORY
    place: str = ""
    scenarios: tuple[int, ...] = ()
    #: variants of the race map that show it
    variants: tuple[str, ...] = ()
    #: it makes two acts of one, or is of handlers: a fault may come between
    splits: bool = True

    @property
    def key(self) -> tuple[str, str]:
        return self.world, self.name

    @property
    def near(self) -> tuple[int, ...]:
        """The numbers of the scenarios that race what is broken; none: any may be it."""
        return self.scenarios or next(
            (found for part, found in _FIRST.items() if self.place.startswith(part)), ()
        )


#: Makes what a subject is judged with: a driver, the handlers over it, and how much is tried.
Opened = AbstractContextManager[tuple[Driver, Policy | None, Depth]]
Open = Callable[[Subject], Opened]


@cache
def all_mutants() -> dict[str, Mutant]:
    """Those of the memory world, by hand and by machine, by name."""
    return {**MUTANTS, **{mutant.name: mutant for mutant in operators()}}


def memory_subjects() -> list[Subject]:
    """All mutants of the memory world."""
    return [
        Subject(
            mutant.name,
            _family(mutant),
            mutant.about,
            place=mutant.name.partition(":")[2].partition(".")[0].replace("-", "_"),
            scenarios=mutant.scenarios,
            variants=mutant.variants,
        )
        for mutant in all_mutants().values()
    ]


def _family(mutant: Mutant) -> str:
    """The operator that made it; of those by hand, whether it is the World or the handlers that are wrong."""
    operator, made, _ = mutant.name.partition(":")
    return operator if made else "by hand" if mutant.policy is None else HANDLERS


def in_memory(subject: Subject) -> Opened:
    """The driver of a mutant of the memory world."""
    mutant = all_mutants()[subject.name]
    return nullcontext((InProcessDriver(mutant.world), mutant.policy, IN_MEMORY))


def score(
    subjects: Iterable[Subject], open_: Open, workers: int = 1, only: frozenset[str] = frozenset()
) -> Iterator[Score]:
    """Judge mutants, ``workers`` at once; each is given as soon as it is done. ``only``: as of
    :func:`judge_one`."""
    if workers == 1:
        for subject in subjects:
            yield judge_one(subject, open_, only)
        return
    with ProcessPoolExecutor(workers) as pool:
        begun = [pool.submit(judge_one, subject, open_, only) for subject in subjects]
        try:
            for done in as_completed(begun):
                yield done.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def unjudged(subject: Subject) -> Score:
    """What is known of a mutant before anything is tried."""
    return Score(subject.name, subject.family, subject.about, world=subject.world)


def judge_one(subject: Subject, open_: Open = in_memory, only: frozenset[str] = frozenset()) -> Score:
    """Judge one mutant, variant by variant, until a must is broken. ``only``: by ``map`` (the race map, each
    place that budget default has), by ``0`` (scenario 0), or by both, and by nothing else."""
    found = unjudged(subject)
    schedules = 0
    with open_(subject) as (driver, policy, depth):
        line = line_of(driver.spec_version)
        tried = _derived(subject, only, line, depth) if only else _in_order(subject, line, depth)
        for scenario, variant, limits in tried:
            where = f"{scenario.number} {variant.level} {variant.name}"
            for verdicts in _judged(driver, policy, variant, limits, depth.few):
                schedules += max((one.evidence.schedules for one in verdicts), default=0)
                failed = next((one for one in verdicts if one.outcome == "fail" and one.failure), None)
                if failed is not None and failed.failure is not None:
                    after = max(one.evidence.schedules for one in verdicts) - failed.failure.found_after
                    return msgspec.structs.replace(
                        found,
                        rule=failed.failure.finding.rule,
                        label=failed.defect,
                        where=where,
                        schedules=schedules - max(0, after),
                        noted=False,
                        undecided="",
                    )
                open_one = next((one for one in verdicts if one.outcome == "inconclusive"), None)
                if open_one is not None and not found.undecided:
                    found = msgspec.structs.replace(found, undecided=open_one.reason)
                should = next((note for one in verdicts for note in one.shoulds), None)
                if should is not None and not found.rule:
                    found = msgspec.structs.replace(
                        found, rule=should.finding.rule, where=where, schedules=schedules, noted=True
                    )
    return found if found.rule else msgspec.structs.replace(found, schedules=schedules)


class _Tried(NamedTuple):
    """A variant that is judged, and how much of it is tried."""

    scenario: Scenario
    variant: Variant
    limits: Limits


def _derived(subject: Subject, only: frozenset[str], line: Line, depth: Depth) -> Iterator[_Tried]:
    """The variants that nobody wrote down. In the map the places that race what is broken come first; then
    flows, those that another actor carries on also with faults; three actors; and the other places."""
    places = list(mapped(line)) if "map" in only else []
    near = [one for one in places if _is_near(subject, one)]
    flows = [one for one in places if one not in near and one.level != "storage"]
    far = [one for one in places if one not in near and one.level == "storage"]
    yield from (_Tried(RACE_MAP, variant, depth.few) for variant in near)
    if "0" in only:
        yield from _programs(line, depth)
    if depth.faults is not None:
        yield from (_Tried(RACE_MAP, variant, depth.few) for variant in flows)
        for variant in RACE_MAP.faulty("handlers") if places else ():
            if variant.name.startswith("rest~"):
                yield _Tried(RACE_MAP, variant, depth.faults)
    yield from (_Tried(RACE_MAP, variant, depth.more) for variant in near if variant.level == "storage")
    yield from (_Tried(RACE_MAP, variant, depth.few) for variant in far)


def _is_near(subject: Subject, variant: Variant) -> bool:
    """Whether a place of the map races what is broken. Of handlers every flow does."""
    if subject.family == HANDLERS:
        return variant.level != "storage"
    if subject.variants:
        return any(_operations(variant.name) == _operations(name) for name in subject.variants)
    if subject.place:
        return subject.place in _operations(variant.name)
    events = [part for part, numbers in _FIRST.items() if set(numbers) & set(subject.near[:1])]
    return any(name.startswith(event) for name in _operations(variant.name) for event in events)


def _in_order(subject: Subject, line: Line, depth: Depth) -> Iterator[_Tried]:
    """All variants, those first that kill most for what they cost: races of what is broken, deaths in the
    middle of it, the programs of one caller, which may show any mutant, races of more actors, pairs of the
    race map, handlers, faults. Faults are tried near only, and far ones ``everywhere``.
    """
    near = subject.near
    close = [one for number in near for one in scenarios() if one.number == number] or list(scenarios())
    far = [one for one in scenarios() if one not in close]
    for name in subject.variants:
        variant = variant_of(RACE_MAP, "storage", name)
        assert variant is not None, f"the race map has no {name}"
        yield _Tried(RACE_MAP, variant, depth.few)
        yield _Tried(RACE_MAP, variant, depth.more)
    races = sorted(_at("storage", line, close, depth.few), key=lambda one: not _is_about(one, subject.place))
    if not near:
        yield from _programs(line, depth)
    yield from races
    if subject.splits and subject.place:
        yield from _deaths(subject.place, line, close, depth.few)
    if near:
        yield from _programs(line, depth)
    yield from (one._replace(limits=depth.more) for one in races)
    if not depth.everywhere and why_equivalent(subject.key):
        return
    for variant in RACE_MAP.at("storage"):
        names = _operations(variant.name)
        if subject.place in names and not any(name.startswith("stream_") for name in names):
            yield _Tried(RACE_MAP, variant, depth.few)
    if depth.faults is None:
        return
    yield from _at("handlers", line, close, depth.few)
    if subject.splits:
        for scenario in close:
            for variant in scenario.faulty("handlers"):
                yield _Tried(scenario, variant, depth.faults)
    if depth.everywhere:
        yield from _at("storage", line, far, depth.few)
        yield from _at("handlers", line, far, depth.few)


def _at(level: Level, line: Line, of: Iterable[Scenario], limits: Limits) -> Iterator[_Tried]:
    for scenario in of:
        for variant in scenario.at(level, line):
            yield _Tried(scenario, variant, limits)


def _deaths(place: str, line: Line, of: Iterable[Scenario], limits: Limits) -> Iterator[_Tried]:
    """A caller dies in the middle of an event at level storage; the likeliest next writer comes first."""
    found = [
        _Tried(scenario, variant, limits)
        for scenario in of
        for variant in scenario.faulty("storage", line)
        if variant.name.partition("-then-")[0] == place
    ]
    return iter(sorted(found, key=lambda one: one.variant.thorough))


def _programs(line: Line, depth: Depth) -> Iterator[_Tried]:
    yield from _at("storage", line, [one for one in all_scenarios() if one.sequential_only], depth.few)


def _is_about(one: _Tried, place: str) -> bool:
    """Whether the name of a variant seems to say the event: it is tried before the others, and no more."""
    family, _, verb = place.partition("_")
    return any(word[:4] in (family, verb[:4]) for word in one.variant.name.split("-"))


def _operations(name: str) -> set[str]:
    """The operations of a pair of the race map, by its name: ``run_created`` and ``runs_get``."""
    pair = name.partition("@")[0].split("~")
    return {one.partition(":")[0].replace(".", "_") for one in pair}


def _judged(
    driver: Driver, policy: Policy | None, variant: Variant, limits: Limits, plainly: Limits
) -> Iterator[list[Verdict]]:
    """The verdicts on a variant. ``plainly``: how much is tried of it without its faults."""
    if variant.faulty and variant.level == "storage":
        yield NextWriterJudge(driver).judge(variant, limits)
    elif variant.faulty:
        plain = replace(variant, name=variant.name.removesuffix("+faults"), faulty=False)
        known = Judge(driver, policy=policy).judge(plain, plainly)
        yield FaultJudge(driver, policy=policy).judge(variant, limits, known)
    elif variant.sequential:
        # One program is drawn, for only those have their operations held.
        drawn = max(1, limits.generated)
        yield SequenceJudge(driver).judge(variant, replace(limits, cases=(), searched=0, generated=drawn))
    else:
        with suppress(NotSupported):  # a place of the map that this World does not have
            yield Judge(driver, policy=policy).judge(variant, limits)
