"""How many broken Worlds the suite kills: each mutant before the judge, until something kills it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache

from conformance.core.scenario import Case, Level, Scenario, Variant
from conformance.core.scenarios import scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS, Mutant
from conformance.memory.mutants.operators import family, operators
from conformance.search.budget import Limits
from conformance.search.fault_judge import FaultJudge
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict

#: One case, its first schedules, one replay of what fails; where the mutant is near, more actors too.
_FEW = Limits((Case(),), searched=20, generated=0, free=0, replays=1)
_MORE = Limits((Case(), Case(actors=3)), searched=40, generated=0, free=0, replays=1)
_FAULTS = Limits((Case(),), searched=80, generated=0, free=0, replays=1)
#: Scenarios in which an event is raced, by what its name begins with: these are tried first.
_FIRST = {"run_st": (1, 2), "run_": (2, 3, 4), "step_": (6, 7, 8), "wait_": (5, 8), "hook_": (4, 8)}


@dataclass(frozen=True, slots=True)
class Score:
    """What became of one mutant. ``rule`` is empty for a survivor. ``schedules``: how many were run, over all
    variants, until it was killed; ``noted``: no must is broken, but a should is. ``undecided``: it was never
    killed, and this is why some verdict on it is inconclusive, so that it passed nothing."""

    mutant: str
    family: str
    about: str
    rule: str = ""
    label: str = ""
    where: str = ""
    schedules: int = 0
    noted: bool = False
    undecided: str = ""

    @property
    def killed(self) -> bool:
        return bool(self.rule) and not self.noted


@cache
def all_mutants() -> dict[str, Mutant]:
    """Those by hand and those by machine, by name."""
    return {**MUTANTS, **{mutant.name: mutant for mutant in operators()}}


def score(names: Iterable[str], workers: int = 1) -> Iterator[Score]:
    """Judge mutants of the memory world, in the order of their names given."""
    with ProcessPoolExecutor(workers) if workers > 1 else nullcontext() as pool:
        yield from map(judge_one, names) if pool is None else pool.map(judge_one, names, chunksize=4)


def judge_one(name: str) -> Score:
    """Judge one mutant, variant by variant, until a must is broken."""
    mutant = all_mutants()[name]
    found = Score(mutant.name, family(mutant), mutant.about)
    schedules = 0
    for scenario, variant, near in _in_order(mutant):
        for verdicts in _judged(mutant, variant, near=near):
            schedules += max((one.evidence.schedules for one in verdicts), default=0)
            failed = next((one for one in verdicts if one.outcome == "fail" and one.failure), None)
            if failed is not None and failed.failure is not None:
                before = max(one.evidence.schedules for one in verdicts) - failed.failure.found_after
                return replace(
                    found,
                    rule=failed.failure.finding.rule,
                    label=failed.defect,
                    where=f"{scenario.number} {variant.level} {variant.name}",
                    schedules=schedules - max(0, before),
                    noted=False,
                    undecided="",
                )
            open_one = next((one for one in verdicts if one.outcome == "inconclusive"), None)
            if open_one is not None and not found.undecided:
                found = replace(found, undecided=open_one.reason)
            should = next((note for one in verdicts for note in one.shoulds), None)
            if should is not None and not found.rule:
                where = f"{scenario.number} {variant.level} {variant.name}"
                found = replace(found, rule=should.finding.rule, where=where, schedules=schedules, noted=True)
    return found if found.rule else replace(found, schedules=schedules)


def _in_order(mutant: Mutant) -> list[tuple[Scenario, Variant, bool]]:
    """All variants, and whether the mutant is near: the scenarios that race what is broken come first. Faults
    are tried in those only."""
    place = mutant.name.partition(":")[2].replace("-", "_")
    near = mutant.scenarios or next((found for part, found in _FIRST.items() if place.startswith(part)), ())
    levels: tuple[tuple[Level, bool], ...] = (("storage", False), ("handlers", False), ("handlers", True))
    every = [
        (scenario, variant, scenario.number in near or not near)
        for level, faulty in levels
        for scenario in scenarios()
        for variant in (scenario.faulty(level) if faulty else scenario.at(level))
    ]
    return [one for one in every if one[2]] + [one for one in every if not one[2] and not one[1].faulty]


def _judged(mutant: Mutant, variant: Variant, *, near: bool) -> Iterator[list[Verdict]]:
    driver = InProcessDriver(mutant.world)
    if variant.faulty:
        plain = replace(variant, name=variant.name.removesuffix("+faults"), faulty=False)
        known = Judge(driver, policy=mutant.policy).judge(plain, _FEW)
        yield FaultJudge(driver, policy=mutant.policy).judge(variant, _FAULTS, known)
        return
    yield Judge(driver, policy=mutant.policy).judge(variant, _FEW)
    if near and variant.level == "storage":
        yield Judge(driver, policy=mutant.policy).judge(variant, _MORE)
