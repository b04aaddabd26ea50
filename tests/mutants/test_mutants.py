"""The proof that the suite bites: every mutant is caught where it must be, and nothing else is."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import product

import pytest

from conformance.core.scenario import Level, Variant
from conformance.core.scenarios import all_scenarios
from conformance.handlers.mutants import MUTANTS as POLICIES
from conformance.memory.mutants import MUTANTS, Caught, Mutant
from conformance.memory.mutants.handlers import LosesStart
from conformance.memory.numbered import NumberedWorld
from conformance.memory.streams import StreamingWorld
from conformance.oracle import CHECKS
from conformance.racemap.find import variant_of
from conformance.racemap.variants import NUMBER, RACE_MAP
from conformance.spec.lines import line_of
from conformance.spec.rules import RULES
from tests.mutants.judged import LIMITS, WIDER, judged, named

_BY_NUMBER = {scenario.number: scenario for scenario in all_scenarios()}
_VARIANTS = [
    pytest.param(variant, id=f"{scenario.number}-{variant.level}-{variant.name}")
    for scenario in all_scenarios()
    for variant in (*scenario.modelled, *scenario.faulty("handlers"))
]


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=list(MUTANTS))
def test_is_caught_by_each_scenario_it_belongs_to(mutant: Mutant) -> None:
    """With the check and the rule that it breaks, and by a schedule that shows it again."""
    cells: dict[tuple[int, Level, bool, str], set[Caught]] = defaultdict(set)
    for caught in mutant.caught:
        cells[caught.scenario, caught.level, caught.faulty, caught.variant].add(caught)
    line = line_of(mutant.world().spec_version)
    for (number, level, faulty, name), wanted in cells.items():
        missing = set(wanted)
        if name:
            variants = [_of_the_map(name)]
        else:
            scenario = _BY_NUMBER[number]
            variants = scenario.faulty(level) if faulty else scenario.at(level, line)
        for limits, variant in product((LIMITS, WIDER), variants):
            for verdict in judged(mutant, variant, limits) if missing else ():
                rules = named(verdict)
                missing -= {one for one in wanted if one.check == verdict.check and one.rule in rules}
        assert not missing, f"{mutant.name} got away with {sorted(missing)}"


def _of_the_map(name: str) -> Variant:
    variant = variant_of(RACE_MAP, "storage", name)
    assert variant is not None, f"the race map has no {name}"
    return variant


@pytest.mark.parametrize("name", sorted({name for one in MUTANTS.values() for name in one.variants}))
def test_the_unbroken_world_passes_there_too(name: str) -> None:
    """With streams, which the memory world has only for these."""
    for verdict in judged(Mutant("streams", "", (), StreamingWorld), _of_the_map(name)):
        assert (verdict.outcome, verdict.shoulds) == ("pass", []), verdict.reason


@pytest.mark.parametrize("variant", _VARIANTS)
def test_the_unbroken_world_passes(variant: Variant) -> None:
    for verdict in judged(None, variant):
        assert (verdict.outcome, verdict.shoulds) == ("pass", []), verdict.reason


@pytest.mark.parametrize("variant", _BY_NUMBER[1].modelled, ids=lambda variant: variant.name)
def test_so_does_a_world_that_refuses_the_loser_of_two_starts(variant: Variant) -> None:
    world = Mutant("loses-start", "", (), LosesStart)
    assert {verdict.outcome for verdict in judged(world, variant)} == {"pass"}


def test_every_scenario_has_three_mutants_of_its_own_at_least() -> None:
    """Besides those that break everything."""
    count = Counter(
        number for mutant in MUTANTS.values() if len(mutant.scenarios) < 3 for number in mutant.scenarios
    )
    assert {number for number in _BY_NUMBER if count[number] < 3} == set()


def test_at_both_levels() -> None:
    cells = {
        (caught.scenario, caught.level)
        for mutant in MUTANTS.values()
        for caught in mutant.caught
        if not caught.variant
    }
    levels = {(number, level) for number in _BY_NUMBER for level in ("storage", "handlers")}
    assert cells == levels - {(0, "handlers")}


def test_every_check_is_killed_by_two_mutants_at_least() -> None:
    for level in ("storage", "handlers"):
        killed = Counter(
            check
            for mutant in MUTANTS.values()
            for check in {caught.check for caught in mutant.caught if caught.level == level}
        )
        assert min(killed[check] for check in CHECKS) >= 2, killed


def test_every_broken_policy_is_one_of_them() -> None:
    policies = [mutant.policy for mutant in MUTANTS.values() if mutant.policy is not None]
    assert policies == [broken.policy for broken in POLICIES.values()]


#: Rules that take a real runtime, and where they are broken instead.
_ELSEWHERE = {
    "error.recognised": "a release that does not know a refusal: tests/runtime/test_releases.py",
    "run.output-agrees": "a mutant under a real runtime: tests/runtime/test_broken_worlds.py",
    "id.one-thing": "the runtime's fault, unless the World breaks another must: tests/oracle/test_blame.py",
}


def test_every_must_rule_is_broken_by_one_of_them() -> None:
    broken = {rule for mutant in MUTANTS.values() for rule in mutant.rules}
    # Those of queues are broken by toy queues: tests/queues/test_probes.py.
    musts = {
        name for name, rule in RULES.items() if rule.severity == "must" and not name.startswith("queue.")
    }
    assert musts - broken == set(_ELSEWHERE)


def test_so_is_every_should_rule_but_six() -> None:
    """No scenario has an error that nobody catches; notes of the race map are tested in tests/racemap."""
    broken = {rule for mutant in MUTANTS.values() for rule in mutant.rules}
    shoulds = {name for name, rule in RULES.items() if rule.severity == "should"}
    assert {name for name in shoulds - broken if not name.startswith("queue.")} == {
        "logs.uncaught-error",
        "read.current",
        "read.whole",
        "stream.closed",
        "stream.from-end",
        "stream.real-time",
    }


def test_those_of_the_race_map_name_it_by_its_number() -> None:
    numbers = {caught.scenario for one in MUTANTS.values() for caught in one.caught if caught.variant}
    assert numbers == {NUMBER}


def test_they_name_rules_that_exist() -> None:
    for mutant in MUTANTS.values():
        assert mutant.caught, f"nothing is said to catch {mutant.name}"
        assert set(mutant.rules) <= set(RULES), mutant.name


@pytest.mark.parametrize("number", _BY_NUMBER)
def test_a_world_of_line_5_passes(number: int) -> None:
    world = Mutant("spec-6", "", (), NumberedWorld)
    for variant in _BY_NUMBER[number].at("storage", 5):
        for verdict in judged(world, variant):
            assert (verdict.outcome, verdict.shoulds) == ("pass", []), (variant.name, verdict.reason)
