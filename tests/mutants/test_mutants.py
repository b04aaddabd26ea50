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
from conformance.oracle import CHECKS
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
    cells: dict[tuple[int, Level, bool], set[Caught]] = defaultdict(set)
    for caught in mutant.caught:
        cells[caught.scenario, caught.level, caught.faulty].add(caught)
    line = line_of(mutant.world().spec_version)
    for (number, level, faulty), wanted in cells.items():
        missing = set(wanted)
        scenario = _BY_NUMBER[number]
        variants = scenario.faulty(level) if faulty else scenario.at(level, line)
        for limits, variant in product((LIMITS, WIDER), variants):
            for verdict in judged(mutant, variant, limits) if missing else ():
                rules = named(verdict)
                missing -= {one for one in wanted if one.check == verdict.check and one.rule in rules}
        assert not missing, f"{mutant.name} got away with {sorted(missing)}"


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
    cells = {(caught.scenario, caught.level) for mutant in MUTANTS.values() for caught in mutant.caught}
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


#: Rules that no mutant of the memory world can break, and where they are broken instead.
_ELSEWHERE = {
    **{
        f"stream.{what}": "streams, which the memory world does not have: tests/oracle/test_streams.py"
        for what in ("kept", "once", "order", "ends", "same", "index", "prefix")
    },
    "read.run-whole": "a run that is read in two steps: tests/racemap/test_reads.py",
    "error.recognised": "a real runtime that does not know a refusal: tests/runtime/test_releases.py",
    "id.one-thing": "a real runtime whose replays part: tests/runtime/test_divergence.py",
    "run.no-divergence": "a real runtime whose replays part: tests/runtime/test_divergence.py",
    "run.output-agrees": "tests/oracle/test_blame.py: an output that the control does not have",
}


def test_every_must_rule_is_broken_by_one_of_them() -> None:
    broken = {rule for mutant in MUTANTS.values() for rule in mutant.rules}
    # Those of queues are broken by toy queues, in tests/queues.
    musts = {
        name for name, rule in RULES.items() if rule.severity == "must" and not name.startswith("queue.")
    }
    assert musts - broken == set(_ELSEWHERE)


def test_so_is_every_should_rule_but_six() -> None:
    """No scenario has an error that nobody catches; the race map reads, and has streams: tests/racemap."""
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
