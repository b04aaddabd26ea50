"""Schedules that happen within one millisecond: two events have the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from conformance.core.faults import Fault
from conformance.core.history import History, Snapshot
from conformance.core.scenario import Level, Variant
from conformance.core.scenarios import by_id
from conformance.drivers.driver import ScheduleOptions
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.in_process import InProcessDriver
from conformance.drivers.relay import RelayDriver
from conformance.memory.mutants import MUTANTS, Mutant
from conformance.memory.world import MemoryWorld
from conformance.oracle.log_pages import mispaged
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from conformance.search.budget import BUDGETS, Limits
from conformance.search.failure import Failure
from conformance.search.judge import Judge
from conformance.search.judging import vary
from conformance.search.play import Played
from conformance.search.relations import Conflict
from conformance.search.sequence_judge import SequenceJudge
from conformance.search.strategies.known import Known, Node
from conformance.search.strategies.sequential import in_turn
from conformance.search.verdict import Verdict, decide
from conformance.spec.vocabulary import Event
from tests.mutants.judged import LIMITS, judged
from tests.search.fakes import FakeHost, Service

_STILL = (Fault("still", 0),)


#: the log at once, in pages, and what is wrong with these
_PAGES = [
    ("abc", "abc", ""),
    ("abc", None, ""),
    ("abc", "a", "lacks b step and 1 more"),
    ("ab", "abc", "has c step too much"),
    ("ab", "abb", "has an event twice"),
    ("ab", "ba", "has its events in another order"),
]


def _events(ids: str) -> list[Event]:
    return [{"eventId": each, "eventType": each, "correlationId": "step"} for each in ids]


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


@pytest.mark.parametrize("level", ["storage", "handlers"])
def test_a_pass_says_how_many_there_were(level: str) -> None:
    [found, *_] = judged(None, _variant(level), replace(LIMITS, stills=3))
    assert (found.outcome, found.evidence.still) == ("pass", 3)
    assert found.reason.endswith("; 3 happened within one millisecond")


@pytest.mark.parametrize(("level", "many"), [("storage", 6), ("handlers", 3), ("runtime", 3)])
def test_the_usual_budget_has_some_at_each_level(level: Level, many: int) -> None:
    variant = replace(_variant(), level=level)
    assert BUDGETS["default"].limits(variant, speed=1).stills == many
    assert BUDGETS["default"].limits(variant.together, speed=1).stills == many
    assert BUDGETS["quick"].limits(variant, speed=1).stills == 0


def test_handlers_go_one_after_the_other_and_then_as_they_did_with_most_conflicts() -> None:
    judge, variant = Judge(InProcessDriver(MemoryWorld)), _variant("handlers")
    known = Known()
    raced: list[str] = []
    play = judge.trials.play

    def played(*given: Any, **more: Any) -> Played:
        found = play(*given, **more)
        order = "".join(step.chosen for step in found.steps)
        if given[1].faults:
            raced.append(order)
        elif found.history.faults == [] and judge.evidence.schedules:
            known.add(found.steps)
        return found

    judge.trials.play = played  # type: ignore[method-assign]
    judge.judge(variant, replace(LIMITS, stills=3, jumps=0))
    in_turns = [play(variant, LIMITS.cases[0], in_turn(order)) for order in ("AB", "BA")]
    assert raced[:2] == ["".join(step.chosen for step in each.steps) for each in in_turns]
    assert len(raced) == 3
    trace = known.trace(raced[2])
    assert trace is not None, "it was played before"
    assert len(trace.conflicts) == max(map(len, _conflicts(known)))


def _conflicts(known: Known) -> Iterator[list[Conflict]]:
    """The conflicts of every schedule that was played."""
    for order in _orders(known.root):
        trace = known.trace(order)
        assert trace is not None
        yield trace.conflicts


def _orders(node: Node, before: str = "") -> Iterator[str]:
    if not node.after:
        yield before
    for name, after in node.after.items():
        yield from _orders(after, before + name)


@pytest.mark.parametrize(
    ("mutant", "rule"), [("log-by-time", "run.no-divergence"), ("read-on-by-time", "list.log")]
)
def test_handlers_and_the_real_runtime_show_both(mutant: str, rule: str) -> None:
    """It replays a log in the wrong order; and the suite reads it page by page when all is quiet."""
    variant = next(one for one in by_id("step_completed").modelled if one.name == "two-steps-finish")
    limits = replace(LIMITS, stills=1, jumps=0, searched=5)
    assert rule not in judged(MUTANTS[mutant], variant, replace(limits, stills=0))[0].rules
    assert rule in judged(MUTANTS[mutant], variant, limits)[0].rules
    target = replace(parse("memory"), options={"mutant": mutant})
    world = open_world(target, None, "still", runtime=RuntimeWanted("4.8.9"))
    try:
        [at_runtime] = [one for one in by_id("step_completed").at("runtime") if one.name == variant.name]
        found = Judge(world.driver).judge(at_runtime, limits)[0]
    finally:
        world.close()
    assert found.outcome == "fail"
    assert rule in found.rules
    assert found.failure is not None
    assert found.failure.case.faults == _STILL


@pytest.mark.parametrize(("whole", "pages", "said"), _PAGES)
def test_a_log_in_small_pages_is_the_whole_log(whole: str, pages: str | None, said: str) -> None:
    snapshot = Snapshot("run1", {}, _events(whole), [], [], None if pages is None else _events(pages))
    assert mispaged(snapshot, lambda name: name or "") == said


@pytest.mark.parametrize(
    ("reproduced", "varied", "outcome", "noted"),
    [(20, False, "fail", 0), (20, True, "pass", 1), (12, True, "pass", 1), (0, False, "pass", 0)],
)
def test_what_takes_luck_is_a_note(reproduced: int, varied: bool, outcome: str, noted: int) -> None:
    [failed, *_] = judged(MUTANTS["log-by-time"], _variant())
    assert failed.failure is not None
    failure: Failure = replace(failed.failure, reproduced=reproduced, replays=20, varied=varied)
    verdict = decide("convergence", failed.evidence, [failure])
    assert (verdict.outcome, len(verdict.shoulds)) == (outcome, noted)
    listed = replace(failure, finding=failure.finding._replace(rule="list.log"))
    assert listed.by_luck is (reproduced < 20), "pages are compared with the log as it is"
    if noted:
        assert verdict.shoulds[0].note.startswith(
            f"within one millisecond, in {reproduced} of 20 replays: the log of run1"
        )


@pytest.mark.parametrize(
    ("counts", "varied"),
    [((), False), ((20,), False), ((19, 1), False), ((15, 5), False), ((14, 6), True), ((1,) * 5, True)],
)
def test_a_log_that_seldom_differs_is_no_luck_of_ids(counts: tuple[int, ...], varied: bool) -> None:
    """Two calls that one handler makes at once come the other way round now and then on a busy machine."""
    logs = {((("run_started", str(number)),),): count for number, count in enumerate(counts)}
    assert vary(Counter(logs)) is varied


class _ByChance(MemoryWorld):
    """Orders the events of one millisecond by something random, as where ids begin with the time."""

    schedules = 0

    def restore(self, saved: dict[str, Any]) -> None:
        super().restore(saved)
        type(self).schedules += 1

    def page_of_log(self, run_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        events, chance = list(self.events.get(run_id, [])), Random(self.schedules)
        order = {event["eventId"]: chance.random() for event in events}
        events.sort(key=lambda event: (event["createdAt"], order[event["eventId"]]))
        return self.page(events, "eventId", {"pagination": asked})


def test_an_order_by_chance_is_a_note_even_where_every_replay_breaks() -> None:
    """Of many events some pair is the wrong way round nearly always."""
    variant = next(one for one in by_id("step_completed").modelled if one.name == "failing-step-twice")
    limits = replace(LIMITS, stills=2, jumps=0, replays=5)
    [found, *_] = judged(Mutant("", "", (), _ByChance), variant, limits)
    assert found.outcome == "pass"
    [noted] = [one for one in found.shoulds if one.finding.rule == "log.replays"]
    assert (noted.varied, noted.reproduced) == (True, noted.replays)
    assert noted.note.startswith("within one millisecond, in 5 of 5 replays: ")
    replayed = Judge(InProcessDriver(_ByChance)).replay(variant, noted.case, noted.played.token, 5)
    assert replayed[0].outcome == "pass"
    assert [one.varied for one in replayed[0].shoulds if one.finding.rule == "log.replays"] == [True]


def test_what_takes_one_millisecond_never_takes_the_place_of_what_does_not() -> None:
    [failed, *_] = judged(MUTANTS["log-by-time"], _variant())
    still = failed.failure
    assert still is not None
    plain = replace(still, case=LIMITS.cases[0], found_by="drawn", seed_dependent=True)
    assert plain.replaces(still)
    assert not still.replaces(plain)


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


@pytest.mark.parametrize("can", [True, False])
def test_the_clock_of_a_runtime_stands_still_with_that_of_its_world(can: bool) -> None:
    """Each has a driver of its own. One that cannot keeps both from it."""
    hosts: list[FakeHost] = []

    def open_host(actors: list[str], *_: int) -> FakeHost:
        hosts.append(FakeHost(Service(), actors))
        hosts[-1].stands_still = can
        return hosts[-1]

    world = InProcessDriver(MemoryWorld)
    driver = RelayDriver(open_host, world)
    for still in (True, True, False):
        driver.reset(1, History(), ScheduleOptions(still=still))
        assert world.world.still is still
    assert driver.can_stand_still is can
    told = [["still" in sent for sent in host.sent if sent["type"] == "reset"] for host in hosts]
    assert told == [[can, can, False]] * len(hosts)
    assert not RelayDriver(open_host, _NeverStill(MemoryWorld)).can_stand_still


class _NeverStill(InProcessDriver):
    """A driver whose World goes by a clock of its own."""

    can_stand_still = False
