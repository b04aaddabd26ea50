"""A write against a reader who adds an event before it reads on: what comes late in the log is not seen."""

from __future__ import annotations

import pytest

from conformance.cli._score import all_mutants
from conformance.core.scenario import Case
from conformance.drivers.in_process import InProcessDriver
from conformance.racemap.derive import pairs
from conformance.racemap.find import variant_of
from conformance.racemap.limits import limits
from conformance.racemap.source import recipe_of
from conformance.racemap.variants import BEFORE_READ, BESIDE, RACE_MAP, variants_of
from conformance.search.judge import Judge
from conformance.spec.reach import Move

_PLACES = {one.name: one for pair in pairs() for one in variants_of(pair) if BESIDE in one.name}


def test_it_is_raced_where_another_step_may_be_created() -> None:
    assert "step_started~events.pages:beside@running+step-pending" in _PLACES
    assert not [name for name in _PLACES if "@missing" in name or "@completed" in name]
    written = {name.partition("~")[0] for name in _PLACES}
    assert written >= {"run_completed", "step_retrying", "wait_completed", "hook_received"}


def test_the_world_in_memory_is_safe_there() -> None:
    judge = Judge(InProcessDriver())
    for name, variant in _PLACES.items():
        for verdict in judge.judge(variant, limits("default", speed=1)):
            assert (verdict.outcome, verdict.shoulds) == ("pass", []), (name, verdict.reason)


@pytest.mark.parametrize("event", ["step_created", "step_retrying", "hook_received"])
def test_a_place_in_the_log_that_is_taken_before_the_event_is_written_breaks_the_prefix(event: str) -> None:
    broken = all_mutants()[f"reserved:{event.replace('_', '-')}"].world
    mine = [variant for name, variant in _PLACES.items() if name.startswith(f"{event}~")]
    verdicts = [Judge(InProcessDriver(broken)).judge(one, limits("default", speed=1))[0] for one in mine]
    assert [verdict.rules for verdict in verdicts] == [("log.prefix",)] * len(mine)
    assert mine


def test_it_can_be_promoted() -> None:
    name = "hook_received~events.pages:beside@running+hook-active"
    variant = variant_of(RACE_MAP, "storage", name)
    assert variant is not None
    recipe = recipe_of(RACE_MAP, variant, Case())
    assert recipe is not None
    assert recipe.actors == ((Move("hook_received"),), (BEFORE_READ, "events.pages"))
