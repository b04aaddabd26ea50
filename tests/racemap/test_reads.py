"""Reads that race with writes: what is torn or over is found, and what is merely early or late is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.core.scenario import Case
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS
from conformance.memory.world import MemoryWorld
from conformance.racemap.find import variant_of
from conformance.racemap.limits import limits
from conformance.racemap.variants import RACE_MAP
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict
from conformance.spec.vocabulary import Entity


class _OldStep(MemoryWorld):
    """Gives the step as it was when somebody read it first."""

    def __init__(self) -> None:
        self.cached: dict[str, Any] = {}
        super().__init__()

    async def steps_get(self, run_id: str, step_id: str) -> Entity:
        step = await super().steps_get(run_id, step_id)
        return {**step, "status": "pending", "attempt": 0}


class _HalfList(MemoryWorld):
    """Lists the hooks of a run and leaves out the ones whose token is free by then."""

    async def hooks_list(self, params: dict[str, Any]) -> dict[str, Any]:
        page = await super().hooks_list(params)
        return {**page, "data": []}


#: Reads the output of a run, and then its status.
_TORN = MUTANTS["reads-run-in-two"].world


def _judged(world: Callable[[], MemoryWorld], name: str) -> Verdict:
    variant = variant_of(RACE_MAP, "storage", name)
    assert variant is not None
    driver = InProcessDriver(world)
    return Judge(driver).judge(variant, limits("default", speed=1))[0]


def test_a_status_without_its_output_breaks_a_must() -> None:
    verdict = _judged(_TORN, "run_completed~runs.get@running")
    assert (verdict.outcome, verdict.rules) == ("fail", ("read.run-whole",))
    assert verdict.failure is not None
    assert verdict.failure.reproduced == verdict.failure.replays == 20
    assert _judged(_TORN, "run_started~runs.get@pending").outcome == "pass"


def test_what_was_over_is_a_note() -> None:
    verdict = _judged(_OldStep, "step_started~steps.get@running+step-pending")
    assert verdict.outcome == "pass"
    assert [should.finding.rule for should in verdict.shoulds] == ["read.current"]


def test_a_list_of_what_never_was_is_a_note() -> None:
    verdict = _judged(_HalfList, "hook_received~hook_received@running+hook-active")
    assert not verdict.shoulds
    verdict = _judged(_HalfList, "hook_created~hooks.list@running+hook-missing")
    assert [should.finding.rule for should in verdict.shoulds] == ["read.current"]


@pytest.mark.parametrize(
    "name",
    [
        "run_completed~runs.get@running",
        "step_completed~steps.list@running+step-running",
        "hook_created~hooks.getByToken:other-run@running+hook-missing+other-hook-missing+other-run-pending",
        "hook_disposed~hooks.get@running+hook-active",
    ],
)
def test_a_read_may_see_before_or_after(name: str) -> None:
    variant = variant_of(RACE_MAP, "storage", name)
    if variant is None:
        pytest.fail(f"no place {name}")
    for actors in (2, 3):
        judge = Judge(InProcessDriver())
        told = limits("default", speed=1)
        verdicts = judge.judge(variant, told.__class__((Case(actors=actors),), 40, 0, 0))
        assert [(one.outcome, one.shoulds) for one in verdicts] == [("pass", [])] * 3
