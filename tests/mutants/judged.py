"""Judging a mutant with a small budget."""

from __future__ import annotations

from dataclasses import replace

from conformance.core.scenario import Case, Variant
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import Mutant
from conformance.search.budget import Limits
from conformance.search.fault_judge import FaultJudge
from conformance.search.judge import Judge
from conformance.search.sequence_judge import SequenceJudge
from conformance.search.verdict import Verdict

#: Enough for nearly every mutant: one case, its first schedules, one replay of what fails.
LIMITS = Limits((Case(),), searched=40, generated=0, free=0, replays=1, jumps=6, stills=2)
#: One fault at each place, and a few generated ones.
FAULTS = Limits((Case(),), searched=120, generated=10, free=0, replays=1)
#: And for the others: more actors.
WIDER = Limits((Case(actors=3), Case(actors=4)), searched=60, generated=0, free=0, replays=1)


def judged(mutant: Mutant | None, variant: Variant, limits: Limits = LIMITS) -> list[Verdict]:
    """The verdicts on a mutant (None: on the world as it should be)."""
    driver = InProcessDriver() if mutant is None else InProcessDriver(mutant.world)
    policy = None if mutant is None else mutant.policy
    if variant.sequential:
        return SequenceJudge(driver).judge(variant, replace(limits, cases=(), searched=0))
    if not variant.faulty:
        return Judge(driver, policy=policy).judge(variant, limits)
    plain = replace(variant, name=variant.name.removesuffix("+faults"), faulty=False)
    told = Judge(driver, policy=policy).judge(plain, limits)
    return FaultJudge(driver, policy=policy).judge(variant, FAULTS, told)


def named(verdict: Verdict) -> set[str]:
    """The rules that a verdict says are broken, for its own check, and broken again when replayed."""
    shown = [] if verdict.failure is None else [verdict.failure]
    assert all(failure.reproduced == failure.replays > 0 for failure in (*shown, *verdict.shoulds))
    rules = set(verdict.rules) if verdict.outcome == "fail" else set()
    return rules | {should.finding.rule for should in verdict.shoulds}
