"""What every benchmark here measures: schedules a second, with everything that a verdict takes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import by_id
from conformance.drivers.driver import Driver
from conformance.search.judge import Judge
from conformance.search.strategies import Search


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


def storage_variant(scenario: int, name: str) -> Variant:
    """A variant of level ``storage``. ``KeyError`` when there is none."""
    for variant in by_id(str(scenario)).at("storage"):
        if variant.name == name:
            return variant
    raise KeyError(name)


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
