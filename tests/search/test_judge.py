"""The judge: what a pass takes, what proves a fail, and what proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.api import Actor, Case, Race, Suite
from conformance.core import events
from conformance.core.errors import HostFailed
from conformance.core.gates import Gate
from conformance.core.history import History, LogLine
from conformance.core.scenario import Level, Variant
from conformance.core.scenarios import by_id, scenarios
from conformance.drivers.driver import RacingActor
from conformance.drivers.in_process import InProcessDriver
from conformance.handlers import Policy
from conformance.memory.mutants import MUTANTS
from conformance.memory.mutants.ways import Unguarded
from conformance.memory.world import MemoryWorld
from conformance.oracle import CHECKS, Finding, orders
from conformance.search.budget import BUDGETS, Limits
from conformance.search.failure import Evidence, Failure
from conformance.search.judge import Judge
from conformance.search.play import Played
from conformance.search.strategies import Depth
from conformance.search.verdict import Verdict, decide
from conformance.spec.table import Row
from conformance.spec.vocabulary import Event, WorldError

_LIMITS = Limits((Case(),), searched=50, generated=0, free=0, replays=4)


async def _complete_twice(suite: Suite, case: Case) -> Race:
    run = await suite.run(siblings=case.siblings)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed({"by": actor.name, "value": case.payload}))

    return Race([complete] * case.actors)


COMPLETE = Variant("complete-complete", "storage", _complete_twice)


def judged(
    make: Callable[[], MemoryWorld] | InProcessDriver,
    limits: Limits = _LIMITS,
    variant: Variant = COMPLETE,
    **more: Any,
) -> dict[str, Verdict]:
    driver = make if isinstance(make, InProcessDriver) else InProcessDriver(make)
    return {verdict.check: verdict for verdict in Judge(driver, **more).judge(variant, limits)}


class Every(InProcessDriver):
    """Counts schedules, and lets something go wrong in some of them."""

    def __init__(self, happens: Callable[[int], bool], what: Callable[[Every], None]) -> None:
        super().__init__()
        self.schedule = 0
        self.happens = happens
        self.what = what
        self.revived = 0

    def rewind(self, saved: Any, history: History) -> None:
        super().rewind(saved, history)
        self.schedule += 1

    def release(self, actor: RacingActor) -> None:
        if self.happens(self.schedule):
            self.what(self)
        super().release(actor)

    def revive(self) -> None:
        self.revived += 1


def dies(_: Every) -> None:
    raise HostFailed("host B died with exit code 1")


def shouts(driver: Every) -> None:
    driver.world.log("error", "no!")


# -- a pass is earned -------------------------------------------------------------------------------


def test_a_pass_has_its_evidence() -> None:
    found = judged(MemoryWorld)
    assert {verdict.outcome for verdict in found.values()} == {"pass"}
    evidence = found["convergence"].evidence
    assert evidence.controls == 1
    assert (evidence.schedules, evidence.distinct, evidence.gates) == (8, 8, 8 * 4)
    assert (evidence.exhausted, evidence.bound, evidence.depth) == (True, "all orders", "deep")
    assert found["logs"].reason == "4/4 conflicts both ways, all 8 orders; 8 schedules, and the control"


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Evidence(), "nothing was run"),
        (Evidence(controls=1), "nothing was run"),
        (Evidence(schedules=9, gates=9), "nothing was run"),
        (Evidence(controls=1, schedules=9), "never met"),
        (Evidence(controls=1, schedules=9, gates=9, inconclusive="lost the service"), "lost the service"),
    ],
)
def test_without_evidence_there_is_no_pass(evidence: Evidence, reason: str) -> None:
    for check in CHECKS:
        verdict = decide(check, evidence, ())
        assert verdict.outcome == "inconclusive"
        assert reason in verdict.reason


def test_actors_that_cannot_be_held_never_met() -> None:
    class Gateless(MemoryWorld):
        async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
            operation = super().events_create(run_id, event)
            while True:
                try:
                    operation.send(None)
                except StopIteration as stop:
                    answer: dict[str, Any] = stop.value
                    return answer

    found = judged(Gateless)
    assert {verdict.outcome for verdict in found.values()} == {"inconclusive"}
    assert "never met" in found["convergence"].reason


def test_a_prefix_that_is_refused_leaves_nothing_to_judge() -> None:
    class Full(MemoryWorld):
        async def events_create(self, *_: Any) -> dict[str, Any]:
            await Gate("write")
            raise WorldError("OutOfMemory", "the disk is full")

    for verdict in judged(Full).values():
        assert verdict.outcome == "inconclusive"
        assert "the prefix was refused: OutOfMemory: the disk is full" in verdict.reason


def test_a_prefix_that_never_gets_there_leaves_nothing_to_judge() -> None:
    [variant] = [one for one in by_id("run_completed").variants if one.name == "last-message-twice"]
    for verdict in judged(MemoryWorld, variant=variant, policy=Policy(continuations=0)).values():
        assert verdict.outcome == "inconclusive"
        assert "the prefix cannot be made: a message is expected, and the queue is empty" in verdict.reason


def test_an_outcome_with_too_many_orders_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "_MOST_EXACT_CALLS", 0)
    orders._explain.cache_clear()
    found = judged(MUTANTS["run-end-not-atomic"].world)
    assert found["convergence"].outcome == "inconclusive"
    assert "more possible orders" in found["convergence"].reason


# -- what proves a fail -----------------------------------------------------------------------------


def test_a_fail_is_the_smallest_schedule_that_came_back_every_time() -> None:
    verdict = judged(MUTANTS["run-end-not-atomic"].world)["convergence"]
    assert (verdict.outcome, verdict.defect) == ("fail", "not-atomic")
    assert "run.terminal-once" in verdict.rules
    assert verdict.failure is not None
    assert (verdict.failure.reproduced, verdict.failure.replays) == (4, 4)
    assert verdict.failure.played.token == "aAbB2A"
    assert verdict.failure.case == Case()


def test_what_breaks_without_a_race_has_no_guard() -> None:
    verdict = judged(MUTANTS["run-end-unguarded"].world)["convergence"]
    assert (verdict.outcome, verdict.defect) == ("fail", "no-guard")
    assert verdict.failure is not None
    assert verdict.failure.found_by == "control"


def test_pages_that_are_smaller_than_asked_for_are_read_to_their_end() -> None:
    """Of three steps none is missed, however few a world puts on a page."""

    class SmallPages(MemoryWorld):
        async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
            whole = (await super().steps_list({"runId": params["runId"]}))["data"]
            first = int(params["pagination"].get("cursor") or 0)
            more = first + 1 < len(whole)
            return {
                "data": whole[first : first + 1],
                "cursor": str(first + 1) if more else None,
                "hasMore": more,
            }

    limits = replace(_LIMITS, cases=(Case(siblings=3),))
    assert {verdict.outcome for verdict in judged(SmallPages, limits).values()} == {"pass"}


def test_one_check_fails_and_the_others_pass() -> None:
    found = judged(MUTANTS["run-end-loud"].world)
    assert {check: verdict.outcome for check, verdict in found.items()} == {
        "convergence": "pass",
        "continuation": "pass",
        "logs": "fail",
    }
    assert found["logs"].defect == "noisy"


def test_a_should_turns_nothing_red() -> None:
    [variant] = [one for one in by_id("run_started").variants if one.name == "start-start"]
    verdict = judged(MUTANTS["start-logged-again"].world, variant=variant)["convergence"]
    assert (verdict.outcome, verdict.severity) == ("pass", "should")
    assert [should.finding.rule for should in verdict.shoulds] == ["run.started-event-once"]


def test_a_failure_that_never_comes_back_proves_nothing() -> None:
    verdict = judged(Every(lambda schedule: schedule == 4, shouts))["logs"]
    assert verdict.outcome == "inconclusive"
    assert "seen once and in none of 4 replays" in verdict.reason
    assert verdict.rules == ("logs.error-line",)


def test_a_failure_that_comes_back_at_times_says_how_often() -> None:
    verdict = judged(Every(lambda schedule: schedule > 3 and schedule % 2 == 1, shouts))["logs"]
    assert verdict.outcome == "fail"
    assert verdict.failure is not None
    assert (verdict.failure.reproduced, verdict.failure.replays) == (2, 4)


def test_what_luck_found_and_no_schedule_is_a_note_with_its_count() -> None:
    finding = Finding("logs", "logs.error-line", "no!")
    failure = Failure(
        finding,
        Case(),
        Played(History(), []),
        "free",
        [finding],
        seed_dependent=True,
        reproduced=2,
        replays=5,
    )
    evidence = Evidence(controls=1, schedules=9, gates=9)
    verdict = decide("logs", evidence, [failure])
    assert (verdict.outcome, verdict.severity) == ("pass", "should")
    assert [note.note for note in verdict.shoulds] == ["by chance, in 2 of 5 runs with no gates: no!"]
    searched = Failure(finding, Case(), Played(History(), []), "search", [finding], reproduced=3, replays=4)
    assert decide("logs", evidence, [searched]).failure is searched


class Lucky(InProcessDriver):
    """Runs free, and shouts in some of those runs."""

    can_run_free = True
    runs = 0

    def free(self, actors: list[RacingActor]) -> None:
        self.runs += 1
        for actor in actors:
            self.alone(actor.coroutine)
        if self.runs % 2:
            self.history.logs.append(LogLine("A", "race", "error", "world", "no!", self.history.tick()))


def test_it_is_counted_over_all_free_runs() -> None:
    limits = Limits((Case(),), searched=20, generated=0, free=5, replays=4)
    verdict = judged(Lucky(), limits)["logs"]
    assert (verdict.outcome, verdict.severity) == ("pass", "should")
    [note] = verdict.shoulds
    assert (note.reproduced, note.replays, note.found_by) == (3, 5, "free")


def test_a_note_that_does_not_come_back_is_not_told() -> None:
    finding = Finding("convergence", "log.order", "late")
    evidence = Evidence(controls=1, schedules=9, gates=9)
    for reproduced, told in ((0, 0), (1, 1)):
        note = Failure(
            finding, Case(), Played(History(), []), "search", [finding], reproduced=reproduced, replays=20
        )
        assert len(decide("convergence", evidence, [note]).shoulds) == told


# -- hosts that fail --------------------------------------------------------------------------------


def test_a_host_that_fails_makes_it_inconclusive() -> None:
    driver = Every(lambda schedule: schedule == 3, dies)
    for verdict in judged(driver).values():
        assert verdict.outcome == "inconclusive"
        assert verdict.reason == "the host failed: host B died with exit code 1"
    assert driver.revived == 1


def test_what_was_proven_before_stays_proven() -> None:
    driver = Every(lambda schedule: schedule == 3, dies)
    driver.world = MUTANTS["run-end-unguarded"].world()
    driver._methods["events.create"] = driver.world.events_create
    assert judged(driver)["convergence"].outcome == "fail"


def test_a_host_that_fails_while_it_is_confirmed_proves_nothing() -> None:
    def goes_wrong(driver: Every) -> None:
        if driver.schedule < 7:
            shouts(driver)
        else:
            dies(driver)

    verdict = judged(Every(lambda schedule: schedule == 4 or schedule > 7, goes_wrong))["logs"]
    assert verdict.outcome == "inconclusive"


# -- drawing ----------------------------------------------------------------------------------------


class BreaksWithTwoSteps(Unguarded):
    """Guards the end of a run only while it has less than two steps."""

    def look_up(self, run_id: str, event: Event) -> Row:
        crowded = sum(run == run_id for run, _ in self.state.steps) >= 2
        return super().look_up(run_id, event) if crowded else MemoryWorld.look_up(self, run_id, event)


def test_what_the_fixed_cases_miss_is_generated_and_shrunk() -> None:
    limits = Limits((Case(),), searched=20, generated=40, free=0, replays=3)
    verdict = judged(BreaksWithTwoSteps.of("run_completed"), limits)["convergence"]
    assert verdict.outcome == "fail"
    assert verdict.failure is not None
    assert (verdict.failure.case.actors, verdict.failure.case.siblings) == (2, 2)
    assert len(verdict.failure.case.payload_json) <= len("null")
    assert verdict.evidence.generated >= 1


def test_drawing_is_repeatable() -> None:
    limits = Limits((Case(),), searched=20, generated=10, free=0)
    tokens = []
    for seed in (0, 0, 1):
        judge = Judge(InProcessDriver(), seed)
        judge.judge(COMPLETE, limits)
        tokens.append({(case, steps) for case, steps in judge.trials.distinct})
    assert tokens[0] == tokens[1]
    assert tokens[0] != tokens[2]


# -- replaying --------------------------------------------------------------------------------------


def test_a_replay_counts() -> None:
    judge = Judge(InProcessDriver(MUTANTS["run-end-not-atomic"].world))
    found = {verdict.check: verdict for verdict in judge.replay(COMPLETE, Case(), "AB2A", 5)}
    failure = found["convergence"].failure
    assert failure is not None
    assert (failure.reproduced, failure.replays) == (5, 5)
    assert found["convergence"].outcome == "fail"
    assert found["logs"].outcome == "pass"
    assert found["logs"].evidence.bound == "one schedule, replayed"


def test_a_token_that_no_longer_fits_proves_nothing() -> None:
    for verdict in Judge(InProcessDriver()).replay(COMPLETE, Case(), "A9B", 3):
        assert verdict.outcome == "inconclusive"
        assert "A9B no longer fits: 3 of 3 replays left its path" in verdict.reason


# -- budgets and progress ---------------------------------------------------------------------------


def test_progress_is_told() -> None:
    told: list[int] = []
    judged(MemoryWorld, progress=lambda: told.append(1 + len(told)))
    assert len(told) >= 8


def test_a_budget_gives_a_variant_what_suits_it() -> None:
    budget = BUDGETS["default"]
    two = Variant("two", "storage", _complete_twice, most=2)
    assert [case.actors for case in budget.limits(COMPLETE, speed=1).cases] == [2, 3]
    assert [case.actors for case in budget.limits(two, speed=1).cases] == [2]
    handlers = Variant("slow", "handlers", _complete_twice)
    assert budget.limits(handlers, speed=1).searched < budget.limits(COMPLETE, speed=1).searched
    assert budget.limits(COMPLETE, speed=1).searched < budget.limits(COMPLETE, speed=4).searched
    thorough = BUDGETS["thorough"].limits(COMPLETE, speed=1)
    assert max(case.actors for case in thorough.cases) == 4


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
        variant = Variant(name, "storage", _complete_twice)
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


# -- one rule, several ways ---------------------------------------------------------------------------


class Fails(MemoryWorld):
    """A World that refuses in two ways, neither of which is a refusal."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        try:
            return await super().events_create(run_id, event)
        except WorldError as error:
            kind = event["eventType"]
            if kind == "run_failed":
                raise WorldError("TypeError", f"cannot read status of run {run_id}") from error
            raise WorldError("RangeError", f"no {kind} any more") from error


async def _complete_and_fail(suite: Suite, case: Case) -> Race:
    run = await suite.run()

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed(case.payload))

    async def fail(actor: Actor) -> None:
        await actor.create(run, events.run_failed("it threw"))

    return Race([(complete, fail)[number % 2] for number in case.numbers])


def test_each_way_in_which_a_rule_breaks_is_kept() -> None:
    variant = Variant("complete-fail", "storage", _complete_and_fail)
    verdict = judged(Fails, variant=variant)["logs"]
    assert verdict.failure is not None
    assert verdict.rules == ("logs.failed-delivery",)
    texts = [one.finding.text for one in verdict.broken]
    assert texts[0] == verdict.reason
    assert len(texts) == 2
    assert [any(name in text for text in texts) for name in ("TypeError", "RangeError")] == [True, True]
    assert (verdict.broken[1].failure.reproduced, verdict.broken[1].failure.replays) == (3, 3)
    assert verdict.failure.rank <= verdict.broken[1].failure.rank


class Babbles(MemoryWorld):
    """Logs something else in every schedule."""

    said = 0

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        answer = await super().events_create(run_id, event)
        if event["eventType"] == "run_completed":
            Babbles.said += 1
            self.log("error", "no " + "".join(chr(ord("q") + int(digit)) for digit in str(Babbles.said)))
        return answer


def test_words_that_are_new_in_every_schedule_are_one_rule_and_few_failures() -> None:
    verdict = judged(Babbles)["logs"]
    assert (verdict.outcome, verdict.rules) == ("fail", ("logs.error-line",))
    assert verdict.failure is not None
    assert (verdict.failure.reproduced, verdict.failure.replays) == (4, 4)
    assert len(verdict.broken) <= 5


@pytest.mark.parametrize("level", ["storage", "handlers", "runtime"])
def test_the_default_budget_reaches_a_pass_between_processes_and_in_one(level: Level) -> None:
    for scenario in scenarios():
        for variant in (*scenario.at(level), *scenario.instance(level)):
            limits = BUDGETS["default"].limits(variant, speed=1, seconds=9.0)
            assert (limits.reach, limits.seconds) == ("pass", 9.0), variant.name
            assert [case.actors for case in limits.cases][:1] == [2]
            assert variant.instance <= (len(limits.cases) == 1 and not limits.generated)
