"""Flows in the map: where they are raced, that the memory World is safe there, and what they show."""

from __future__ import annotations

import pytest

from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS
from conformance.racemap.find import variant_of
from conformance.racemap.flows import FLOWS, flow_variants
from conformance.racemap.limits import limits
from conformance.racemap.variants import RACE_MAP
from conformance.search.judge import Judge

VARIANTS = [variant for _, variant in flow_variants()]


@pytest.mark.parametrize(
    ("variant", "there"),
    [
        ("deliver~cancel@sequence-0", True),
        ("rest~deliver@fan_out-2", True),
        # The hook is created by the first delivery, and then nothing is queued.
        ("deliver~resume@hook_then_step-0", False),
        ("resume~cancel@hook_then_step-1", True),
        ("deliver~deliver@hook_then_step-1", False),
        # It got its payload.
        ("resume~resume@hook_then_step-2", False),
    ],
)
def test_a_pair_is_raced_where_both_are_possible(variant: str, *, there: bool) -> None:
    assert (variant in {one.name for one in VARIANTS}) == there


def test_every_flow_is_raced_to_its_end() -> None:
    for flow in FLOWS:
        points = {int(one.name.rpartition("-")[2]) for name, one in flow_variants() if name == flow}
        assert points == set(range(max(points) + 1)), flow
        assert len(points) >= 3, flow


def test_the_world_in_memory_is_safe_at_every_point() -> None:
    judge = Judge(InProcessDriver())
    assert len(VARIANTS) > 100
    for variant in VARIANTS:
        for verdict in judge.judge(variant, limits("quick", speed=1)):
            assert (verdict.outcome, verdict.shoulds) == ("pass", []), (variant.name, verdict.reason)


@pytest.mark.parametrize(
    ("mutant", "variant", "rule"),
    [
        ("received-late", "resume~cancel@hook_then_step-1", "hook.received-alive"),
        ("failure-conflict-raised", "deliver~deliver@failing_workflow-2", "logs.failed-delivery"),
        ("keyless-steps", "deliver~deliver@sequence-0", "continuation.twice"),
    ],
)
def test_they_show_defects_of_worlds_and_of_handlers(mutant: str, variant: str, rule: str) -> None:
    found = variant_of(RACE_MAP, "handlers", variant)
    assert found is not None
    broken = MUTANTS[mutant]
    judge = Judge(InProcessDriver(broken.world), policy=broken.policy)
    verdicts = judge.judge(found, limits("quick", speed=1))
    assert any(rule in verdict.rules for verdict in verdicts)


def test_they_have_variants_of_one_instance_with_faults_and_of_the_runtime() -> None:
    name = "deliver~cancel@sequence-0"
    together = variant_of(RACE_MAP, "handlers", f"{name}+instance")
    faulty = variant_of(RACE_MAP, "handlers", f"{name}+faults")
    real = variant_of(RACE_MAP, "runtime", name)
    assert together is not None
    assert faulty is not None
    assert real is not None
    assert (together.instance, faulty.faulty, real.level) == (True, True, "runtime")
