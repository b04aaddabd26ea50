"""The judge: what a pass takes, what proves a fail, and what proves nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.api import Actor, Case, Race, Suite
from conformance.core import events
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
from conformance.search.verdict import decide
from conformance.spec.table import Row
from conformance.spec.vocabulary import Event, WorldError
from tests.search.judged import COMPLETE, LIMITS, Every, dies, judged, shouts

# -- a pass is earned -------------------------------------------------------------------------------


def test_a_pass_has_its_evidence() -> None:
    found = judged(MemoryWorld)
    assert {verdict.outcome for verdict in found.values()} == {"pass"}
    evidence = found["convergence"].evidence
    assert evidence.controls == 1
    assert (evidence.schedules, evidence.distinct, evidence.gates) == (8, 8, 8 * 4)
    assert (evidence.exhausted, evidence.bound, evidence.depth) == (True, "all orders", "deep")
    assert found["logs"].reason == "4/4 conflicts both ways, all 8 orders; 8 schedules, and the control"


def test_generated_cases_of_the_runtime_need_no_orders_of_their_own() -> None:
    """Four actors of different roles have 24 orders in which nothing races; another payload needs one."""
    one_token = next(each for each in by_id("8").at("runtime") if each.name == "one-token-two-runs")
    assert BUDGETS["default"].limits(one_token, speed=1).alike
    limits = replace(LIMITS, searched=2, generated=4)
    evidence = judged(MemoryWorld, replace(limits, alike=True))["convergence"].evidence
    assert (evidence.generated, evidence.controls) == (4, 1 + 4)


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

    limits = replace(LIMITS, cases=(Case(siblings=3),))
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
