"""What line 5.x adds to the map: attributes, starts that create, resumptions told apart."""

from __future__ import annotations

import pytest

from conformance.core.errors import NotSupported
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS
from conformance.memory.numbered import NumberedWorld
from conformance.racemap.batches import batch_variants
from conformance.racemap.derive import pairs
from conformance.racemap.find import variant_of
from conformance.racemap.generate import judge_programs
from conformance.racemap.limits import limits
from conformance.racemap.operations import operations
from conformance.racemap.variants import RACE_MAP, variants_of
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict
from conformance.spec.table import event_types

ADDED = {"step_started+input", "hook_received+resume", "attr_set"}
VARIANTS = [
    *(variant for pair in pairs(5) if pair.since == 5 for variant in variants_of(pair)),
    *batch_variants(),
]


def test_the_operations_are_those_of_the_table() -> None:
    old, new = tuple(operations()), tuple(operations(5))
    assert {op.name for op in new} - {op.name for op in old} == ADDED
    assert {op.move.event for op in new if op.move is not None} == event_types(5)
    assert [pair for pair in pairs(5) if pair.since == 4] == list(pairs())


@pytest.mark.parametrize(
    "place",
    [
        "run_completed~attr_set@running+attr-missing",
        "attr_set~attr_set:other@running+attr-missing+other-attr-missing",
        "step_started+input~step_started+input@running+step-missing",
        "step_created~step_started+input@running+step-missing",
        "hook_received+resume~hook_disposed@running+hook-active+resumed",
        "hook_received+resume~hook_received+resume:other@running+hook-active+other-hook-active",
        "run_completed~createBatch@running+step-missing+wait-missing",
    ],
)
def test_where_their_order_counts(place: str) -> None:
    assert place in {variant.name for variant in VARIANTS}


def test_they_are_no_part_of_the_map_of_line_4() -> None:
    assert not {variant.name for variant in RACE_MAP.at("storage", 4)} & {one.name for one in VARIANTS}
    assert {variant.name for variant in RACE_MAP.at("storage", 5)} >= {one.name for one in VARIANTS}


def _judged(world: type[NumberedWorld] | object, name: str) -> Verdict:
    variant = variant_of(RACE_MAP, "storage", name)
    assert variant is not None
    return Judge(InProcessDriver(world)).judge(variant, limits("default", speed=1))[0]  # type: ignore[arg-type] # a World


def test_the_world_in_memory_is_safe_in_all_places() -> None:
    judge = Judge(InProcessDriver(NumberedWorld))
    assert len(VARIANTS) > 50
    for variant in VARIANTS:
        for verdict in judge.judge(variant, limits("default", speed=1)):
            assert (verdict.outcome, verdict.shoulds) == ("pass", []), (variant.name, verdict.reason)


@pytest.mark.parametrize(
    ("mutant", "place"),
    [
        ("attributes-lost", "attr_set~attr_set:other@running+attr-missing+other-attr-missing"),
        ("attributes-after-end", "run_completed~attr_set@running+attr-missing"),
        ("lazy-takes-both", "step_started+input~step_started+input@running+step-missing"),
        ("batch-one-by-one", "step_created~createBatch:other@running+step-missing+wait-missing"),
        ("resumes-twice", "hook_received+resume~hook_received+resume@running+hook-active"),
    ],
)
def test_defects_of_line_5_are_seen(mutant: str, place: str) -> None:
    assert _judged(MUTANTS[mutant].world, place).outcome == "fail"


def test_a_world_that_does_not_tell_resumptions_apart_is_not_raced_there() -> None:
    class Plain(NumberedWorld):
        capabilities = frozenset[str]()

    with pytest.raises(NotSupported, match="hookResumeDedup"):
        _judged(Plain, "hook_received+resume~hook_disposed@running+hook-active")
    assert judge_programs(InProcessDriver(Plain), 1, 20)[0].outcome == "pass"


def test_programs_hold_them_too() -> None:
    for verdict in judge_programs(InProcessDriver(NumberedWorld), 1, 60):
        assert (verdict.outcome, verdict.shoulds) == ("pass", []), verdict.reason
