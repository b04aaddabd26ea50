"""Schedules that happen within one millisecond: two events have the same time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.core.faults import Fault
from conformance.core.history import History
from conformance.core.scenario import Variant
from conformance.core.scenarios import by_id
from conformance.drivers.driver import ScheduleOptions
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS
from conformance.memory.world import MemoryWorld
from conformance.search.budget import BUDGETS, Limits
from conformance.search.failure import Failure
from conformance.search.judge import Judge
from conformance.search.sequence_judge import SequenceJudge
from conformance.search.strategies.sequential import in_turn
from conformance.search.verdict import Verdict, decide
from tests.mutants.judged import LIMITS, judged
from tests.search.fakes import FakeHost, Service

_STILL = (Fault("still", 0),)


def _variant(level: str = "storage") -> Variant:
    return next(one for one in by_id("step_completed").modelled if one.level == level)


def test_a_log_in_order_of_time_alone_lists_an_end_before_its_beginning() -> None:
    mutant, variant = MUTANTS["log-by-time"], _variant()
    assert judged(mutant, variant, replace(LIMITS, stills=0))[0].outcome == "pass"
    [found, *_] = judged(mutant, variant)
    assert (found.outcome, found.rules, found.defect) == ("fail", ("log.replays",), "order")
    assert found.failure is not None
    assert found.failure.case.faults == _STILL
    assert found.failure.reproduced == found.failure.replays
    assert [fault.kind for fault in found.failure.played.history.faults] == ["still"]
    [again, *_] = Judge(InProcessDriver(mutant.world)).replay(
        variant, found.failure.case, found.failure.played.token, 3
    )
    assert again.failure is not None
    assert (again.rules, again.failure.reproduced) == (("log.replays",), 3)


def _sequence(limits: Limits) -> Verdict:
    [variant] = by_id("state_machine").at("storage")
    return SequenceJudge(InProcessDriver(MUTANTS["read-on-by-time"].world)).judge(variant, limits)[0]


def test_a_list_that_is_read_on_from_a_time_lacks_what_has_the_same() -> None:
    limits = replace(BUDGETS["quick"].limits(by_id("state_machine").at("storage")[0], speed=1), generated=0)
    assert _sequence(limits).outcome == "pass"
    found = _sequence(replace(limits, stills=1))
    assert (found.outcome, found.rules) == ("fail", ("list.log",))
    assert found.failure is not None
    assert found.failure.case.faults == _STILL


def test_time_stands_still_in_that_schedule_and_goes_on_in_the_next() -> None:
    trials, variant = Judge(InProcessDriver(MemoryWorld)).trials, _variant()
    times = []
    for faults in ((), _STILL, ()):
        played = trials.play(variant, replace(LIMITS.cases[0], faults=faults), in_turn("AB"))
        times.append({event["createdAt"] for one in played.history.snapshots for event in one.events})
    assert [len(each) > 1 for each in times] == [True, False, True]


def test_a_pass_says_how_many_there_were_and_the_usual_budget_has_them_at_storage() -> None:
    [found, *_] = judged(None, _variant(), replace(LIMITS, stills=3))
    assert (found.outcome, found.evidence.still) == ("pass", 3)
    assert found.reason.endswith("; 3 happened within one millisecond")
    assert BUDGETS["default"].limits(_variant(), speed=1).stills == 6
    assert BUDGETS["default"].limits(_variant("handlers"), speed=1).stills == 0
    assert BUDGETS["quick"].limits(_variant(), speed=1).stills == 0


@pytest.mark.parametrize(
    ("reproduced", "outcome", "noted"), [(20, "fail", 0), (12, "pass", 1), (0, "pass", 0)]
)
def test_what_takes_luck_is_a_note(reproduced: int, outcome: str, noted: int) -> None:
    [failed, *_] = judged(MUTANTS["log-by-time"], _variant())
    assert failed.failure is not None
    failure: Failure = replace(failed.failure, reproduced=reproduced, replays=20)
    verdict = decide("convergence", failed.evidence, [failure])
    assert (verdict.outcome, len(verdict.shoulds)) == (outcome, noted)
    if noted:
        assert verdict.shoulds[0].note.startswith(
            "within one millisecond, in 12 of 20 replays: the log of run1"
        )


def test_a_right_world_has_one_time_of_change_then_and_nothing_is_noted() -> None:
    [variant] = by_id("state_machine").at("storage")
    limits = replace(BUDGETS["default"].limits(variant, speed=1), generated=0)
    found = SequenceJudge(InProcessDriver(MemoryWorld)).judge(variant, limits)
    assert [(one.outcome, one.shoulds, one.evidence.still) for one in found] == [("pass", [], 6)] * len(found)


@pytest.mark.parametrize("can", [True, False])
def test_only_a_host_that_can_is_told_that_its_clock_stands_still(can: bool) -> None:
    hosts: list[FakeHost] = []

    def open_host(actors: list[str], *_: int) -> FakeHost:
        hosts.append(FakeHost(Service(), actors))
        hosts[-1].stands_still = can
        return hosts[-1]

    driver = HostedDriver(open_host)
    for still in (True, True, False):
        driver.reset(1, History(), ScheduleOptions(still=still))
    assert driver.can_stand_still is can
    told = [["still" in sent for sent in host.sent if sent["type"] == "reset"] for host in hosts]
    # They are opened in the first of these schedules.
    assert told == [[can, can, False]] * len(hosts)
