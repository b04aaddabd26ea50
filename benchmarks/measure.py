"""What every benchmark here measures: schedules a second, with everything that a verdict takes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.core.errors import NotSupported
from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import by_id
from conformance.drivers.driver import Driver
from conformance.search.judge import Judge
from conformance.search.strategies import Search
from conformance.search.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Measured:
    """``seconds`` include prefixes, gates, reading the outcome back, checks and the control.

    ``cpu``: how many of them this process had a core for; fewer when the machine is busy with other things.
    """

    schedules: int
    distinct: int
    gates: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Schedules a second."""
        return self.schedules / self.seconds

    def __str__(self) -> str:
        each = self.gates / self.schedules
        return (
            f"{self.schedules:,} schedules in {self.seconds:.2f} s: {self.rate:,.0f} a second "
            f"({self.distinct:,} distinct, {each:.1f} gates each)"
        )


def not_right(what: str, verdicts: Sequence[Verdict], *, deep: bool = True) -> list[str]:
    """What is red, noted or inconclusive of a World that is right; with ``deep`` also a shallow pass."""
    found = [f"{what} {one.check}: {one.reason}" for one in verdicts if one.outcome != "pass" or one.shoulds]
    if deep and verdicts[0].evidence.depth == "shallow":
        found.append(f"{what}: shallow, {verdicts[0].reason}")
    return found


def storage_variant(scenario: int, name: str) -> Variant:
    """A variant of level ``storage``. ``KeyError`` when there is none."""
    for variant in by_id(str(scenario)).at("storage"):
        if variant.name == name:
            return variant
    raise KeyError(name)


def search(judge: Judge, variant: Variant, schedules: int) -> int:
    """Search a race of two actors again and again, until there are so many schedules with the controls; how
    many. Raises :class:`NotSupported` when nothing can be concluded."""
    judge.trials.begin()
    evidence = judge.trials.evidence
    while (done := evidence.schedules + evidence.controls) < schedules:
        if not judge.explore(variant, Case(), Search(schedules - done)):
            raise NotSupported(evidence.inconclusive)
    return done


def measure(driver: Driver, variant: Variant, cases: Iterable[Case], schedules: int) -> Measured:
    """Search so many schedules, simplest first, case by case; begin anew when all have been tried."""
    judge = Judge(driver)
    cases = list(cases)
    began, cpu = time.perf_counter(), time.process_time()
    while judge.evidence.schedules < schedules:
        for case in cases:
            left = schedules - judge.evidence.schedules
            if left > 0 and not judge.explore(variant, case, Search(left)):
                raise RuntimeError(judge.evidence.inconclusive)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    evidence = judge.evidence
    return Measured(evidence.schedules, evidence.distinct, evidence.gates, seconds, cpu)
