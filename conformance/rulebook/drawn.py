"""The shortest history that breaks a rule: a mutant of the memory world that breaks it, and its lanes.

:func:`shortest` looks for it, which takes a search. What it finds is kept as a spec (``shown.toml``), and
:func:`drawn` plays that one schedule again, which takes a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple, cast

from conformance.core.scenario import Case, Level, Scenario, Variant
from conformance.core.scenarios import all_scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS, Caught, Mutant
from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.select import select
from conformance.racemap.find import by_id, variant_of
from conformance.record.convert import convert
from conformance.record.lines import Evidence, Verdict
from conformance.record.provenance import Provenance
from conformance.record.replays import read_replays
from conformance.search.budget import Limits
from conformance.search.fault_judge import FaultJudge
from conformance.search.judge import Judge
from conformance.search.sequence_judge import SequenceJudge
from conformance.search.verdict import Verdict as Judged
from conformance.spec.lines import line_of
from conformance.spec.rules import RULES

_LIMITS: Final = Limits((Case(),), searched=60, generated=0, free=0, replays=1, jumps=6)
_WIDER: Final = Limits((Case(actors=3),), searched=60, generated=0, free=0, replays=1)
_FAULTS: Final = Limits((Case(),), searched=120, generated=0, free=0, replays=1)
#: So many mutants that break a rule are tried; the list of mutants begins with the plainest.
_MOST: Final = 6


class Shown(NamedTuple):
    """Where a rule is seen broken: which mutant, and the spec that plays it again."""

    mutant: str
    replay: str

    @property
    def command(self) -> str:
        """What a person types to see it."""
        return f"pytest --world=memory --world-option=mutant={self.mutant} '--world-replay={self.replay}'"


class Drawn(NamedTuple):
    """A history that breaks a rule: the sentence, what happened, and whether another rule is the cause."""

    reason: str
    evidence: Evidence
    follows: bool


def shortest(rule: str) -> Shown | None:
    """The history with the fewest lines that breaks the rule; None: no mutant of the memory world does."""
    found: list[tuple[tuple[int, ...], Shown]] = []
    mutants = [one for one in MUTANTS.values() if rule in one.rules]
    mutants.sort(key=lambda one: (one.policy is not None, len(one.rules)))
    for mutant in mutants[:_MOST]:
        for caught in mutant.caught:
            if caught.rule == rule:
                found += _seen(mutant, caught)
    return min(found, key=lambda one: one[0])[1] if found else None


def _seen(mutant: Mutant, caught: Caught) -> Iterator[tuple[tuple[int, ...], Shown]]:
    """How long each history is in which a mutant breaks the rule, in one scenario."""
    scenario = next(one for one in all_scenarios() if one.number == caught.scenario)
    line = line_of(mutant.world().spec_version)
    variants = scenario.faulty(caught.level) if caught.faulty else scenario.at(caught.level, line)
    rank = (caught.level != "storage") + 2 * caught.faulty
    for variant in variants:
        for verdict in _judged(mutant, variant):
            if (drawn := _of(verdict, caught.rule, mutant, scenario, variant)) is not None:
                spec = drawn.evidence.replay.partition("--world-replay=")[2].strip("'")
                if spec:
                    size = len(drawn.evidence.lanes) + len(drawn.evidence.events)
                    yield (rank, drawn.follows, size), Shown(mutant.name, spec)


def _judged(mutant: Mutant, variant: Variant) -> Iterator[Judged]:
    driver = InProcessDriver(mutant.world)
    if variant.sequential:
        yield from SequenceJudge(driver).judge(variant, replace(_LIMITS, cases=(), searched=0))
        return
    if not variant.faulty:
        for limits in (_LIMITS, _WIDER):
            yield from Judge(driver, policy=mutant.policy).judge(variant, limits)
        return
    plain = replace(variant, name=variant.name.removesuffix("+faults"), faulty=False)
    told = Judge(driver, policy=mutant.policy).judge(plain, _FAULTS)
    yield from FaultJudge(driver, policy=mutant.policy).judge(variant, _FAULTS, told)


def drawn(rule: str, shown: Shown) -> Drawn:
    """Play it again. Raises ``ValueError`` when it does not break the rule any more."""
    [replayed] = read_replays(shown.replay)
    mutant, scenario = MUTANTS[shown.mutant], by_id(replayed.scenario)
    variant = variant_of(scenario, cast(Level, replayed.level), replayed.variant)
    assert variant is not None, "read_replays has found it"
    judge = Judge(InProcessDriver(mutant.world), policy=mutant.policy)
    for verdict in judge.replay(variant, replayed.case, replayed.token, 1):
        if (found := _of(verdict, rule, mutant, scenario, variant)) is not None:
            return found
    raise ValueError(f"{shown.command} does not break {rule} any more")


def _of(verdict: Judged, rule: str, mutant: Mutant, scenario: Scenario, variant: Variant) -> Drawn | None:
    """What a verdict shows of a rule."""
    [target] = select(["memory"], options=(f"mutant={mutant.name}",))
    context = Provenance(target, resolve(target), scenario, variant.level, variant.name, scenario.id)
    line: Verdict = convert(verdict, context)
    own = line.evidence
    told = line.shoulds if RULES[rule].severity == "should" else line.broken
    for one in told:
        evidence = one.evidence or own
        if rule in one.rules and evidence is not None:
            return Drawn(one.reason, evidence, bool(one.follows))
    return None
