"""How much a judge tries: its budget, its progress, how deep a pass is and how soon a failure is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.api import Case
from conformance.core.scenario import Variant
from conformance.core.scenarios import by_id
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS
from conformance.memory.world import MemoryWorld
from conformance.search.budget import BUDGETS, Limits
from conformance.search.failure import Evidence
from conformance.search.judge import Judge
from conformance.search.strategies import Depth
from conformance.search.verdict import decide
from tests.search.judged import COMPLETE, complete_twice, judged

# -- budgets and progress ---------------------------------------------------------------------------


def test_progress_is_told() -> None:
    told: list[int] = []
    judged(MemoryWorld, progress=lambda: told.append(1 + len(told)))
    assert len(told) >= 8


def test_a_budget_gives_a_variant_what_suits_it() -> None:
    budget = BUDGETS["default"]
    two = Variant("two", "storage", complete_twice, most=2)
    assert [case.actors for case in budget.limits(COMPLETE, speed=1).cases] == [2, 3]
    assert [case.actors for case in budget.limits(two, speed=1).cases] == [2]
    handlers = Variant("slow", "handlers", complete_twice)
    assert [(case.actors, case.siblings) for case in budget.limits(handlers, speed=1).cases] == [
        (2, 0),
        (2, 1),
        (3, 0),
    ]
    assert budget.limits(handlers, speed=1).searched < budget.limits(COMPLETE, speed=1).searched
    assert budget.limits(COMPLETE, speed=1).searched < budget.limits(COMPLETE, speed=4).searched
    thorough = BUDGETS["thorough"].limits(COMPLETE, speed=1)
    assert max(case.actors for case in thorough.cases) == 4


def test_more_that_is_not_in_the_race_is_not_searched_again() -> None:
    limits = Limits((Case(), Case(siblings=2)), searched=1, generated=0, free=0)
    assert len(judged(MemoryWorld, limits)["logs"].evidence.searched) == 1
    [steps] = [one for one in by_id("step_created").at("handlers") if one.name == "suspend-twice"]
    assert len(Judge(InProcessDriver(MemoryWorld)).judge(steps, limits)[0].evidence.searched) == 2


# -- how deep, and how soon -------------------------------------------------------------------------


def test_a_failure_says_after_how_many_schedules_it_was_found() -> None:
    failure = judged(MUTANTS["run-end-not-atomic"].world)["convergence"].failure
    assert failure is not None
    assert (failure.played.token, failure.found_after) == ("aAbB2A", 3)
    failure = judged(MUTANTS["run-end-unguarded"].world)["convergence"].failure
    assert failure is not None
    assert failure.found_after == 0


def test_a_search_that_was_cut_short_passes_and_is_shallow() -> None:
    limits = Limits((Case(),), searched=2, generated=0, free=0)
    verdict = judged(MemoryWorld, limits)["logs"]
    assert (verdict.outcome, verdict.evidence.depth) == ("pass", "shallow")
    assert verdict.reason == (
        "3/3 conflicts both ways, bound 0 complete, 2 orders; shallow; 2 schedules, and the control"
    )


def test_a_search_goes_as_deep_as_it_has_to() -> None:
    limits = Limits((Case(),), searched=1, generated=0, free=0, reach="pass", most=100)
    assert judged(MemoryWorld, limits)["logs"].evidence.depth == "deep"


def test_two_actors_are_finished_before_three_begin() -> None:
    limits = Limits((Case(actors=3), Case()), searched=4, generated=0, free=0, reach="pass", most=100)
    found = judged(MemoryWorld, limits)["logs"].evidence.searched
    assert [one.actors for one in found] == [2, 3]
    assert [one.depth for one in found] == ["deep", "shallow"]
    assert found[1].schedules == 4


def test_without_time_the_search_ends_and_something_was_run() -> None:
    limits = Limits((Case(),), searched=50, generated=20, free=0, seconds=0.0)
    evidence = judged(MemoryWorld, limits)["logs"].evidence
    assert (evidence.schedules, evidence.generated, evidence.depth) == (2, 0, "shallow")


def test_what_was_proven_for_one_variant_is_replayed_less_for_another() -> None:
    judge = Judge(InProcessDriver(MUTANTS["run-end-not-atomic"].world))
    limits = Limits((Case(),), searched=20, generated=0, free=0, replays=20)
    counts = []
    for name in ("one", "two"):
        variant = Variant(name, "storage", complete_twice)
        [verdict] = [one for one in judge.judge(variant, limits) if one.check == "convergence"]
        assert verdict.failure is not None
        counts.append((verdict.failure.reproduced, verdict.failure.replays))
    assert counts == [(20, 20), (3, 3)]


@pytest.mark.parametrize(("reach", "crowd", "owing"), [("pass", "shallow", 2), ("shallow", "pass", 3)])
def test_what_one_case_does_not_use_goes_to_the_one_that_owes(reach: Depth, crowd: Depth, owing: int) -> None:
    [variant] = [one for one in by_id("step_completed").at("handlers") if one.name == "step-message-twice"]
    limits = Limits((Case(), Case(actors=3)), 2, 0, 0, reach=reach, reach_crowd=crowd, most=10_000)

    def searched(limits: Limits) -> dict[int, tuple[Depth, int]]:
        judge = Judge(InProcessDriver())
        judge.judge(variant, limits)
        assert sum(one.schedules for one in judge.evidence.searched) == judge.evidence.schedules
        return {one.actors: (one.depth, one.schedules) for one in judge.evidence.searched}

    wanted = searched(limits)
    assert wanted[owing][0] == "pass"
    few = replace(limits, most=wanted[owing][1] - 1)
    assert searched(few) == wanted
    assert searched(replace(few, cases=(Case(actors=owing),)))[owing][0] == "shallow", (
        "its own do not suffice"
    )


def test_a_pass_says_where_the_service_chose() -> None:
    evidence = Evidence(controls=1, schedules=9, gates=9, chosen=4)
    said = "; in 4 the service chose which of several waiting actors goes on"
    assert decide("logs", evidence, ()).reason.endswith(said)
