"""Faults: written, made to happen at their place, told apart from what breaks without them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.core.faults import MEANING, RACE_FAULTS, SCHEDULE_FAULTS, Fault, parse_faults, written
from conformance.core.gates import Gate
from conformance.core.history import Call
from conformance.core.scenario import Case, Race, Variant
from conformance.core.scenarios import by_id
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.handlers import HandlerSuite
from conformance.levels.prefix import Prefixes
from conformance.memory.mutants import find_mutant
from conformance.memory.world import MemoryWorld
from conformance.oracle import check
from conformance.record.replays import read_replays, spec
from conformance.search.budget import BUDGETS, Limits
from conformance.search.fault_judge import FaultJudge
from conformance.search.judge import Judge
from conformance.search.play import Played, play
from conformance.search.strategies import Replay
from conformance.search.verdict import Verdict
from conformance.spec.vocabulary import Event, conflict

_LIMITS = Limits((Case(),), searched=60, generated=8, free=0, replays=3)


def variant(scenario: str, name: str) -> Variant:
    return next(one for one in by_id(scenario).faulty("handlers") if one.name == f"{name}+faults")


STEP = variant("step_completed", "step-message-twice")


def played(faults: str, token: str = "A", one: Variant = STEP) -> Played:
    """A case in which these things go wrong, in the memory world."""
    driver = InProcessDriver()
    [choose] = Replay(token).choosers()
    return play(Prefixes(driver), one, Case(faults=parse_faults(faults)), choose, 1)


def judged(mutant: str, one: Variant = STEP) -> dict[str, Verdict]:
    driver = InProcessDriver(find_mutant(mutant).world) if mutant else InProcessDriver()
    return {verdict.check: verdict for verdict in FaultJudge(driver).judge(one, _LIMITS, [])}


# -- as text ----------------------------------------------------------------------------------------


def test_faults_are_written_and_read_back() -> None:
    faults = (Fault("die", 3), Fault("late", 0))
    assert written(faults) == "die@3,late@0"
    assert parse_faults("die@3,late@0") == faults
    assert Case.from_json(Case(faults=faults).to_json()) == Case(faults=faults)
    assert "faults" not in Case().to_json()


@pytest.mark.parametrize("text", ["die", "die@", "die@x", "burn@1", "die@3;late@0", "die@-1"])
def test_what_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a fault"):
        parse_faults(text)


def test_a_replay_command_carries_them() -> None:
    case = Case(siblings=1, faults=parse_faults("kill@9,repeat@0"))
    text = spec("step_completed", "handlers", "step-message-twice+faults", case, "A9B4")
    assert text.endswith("?siblings=1&faults=kill@9,repeat@0/A9B4")
    [replayed] = read_replays(text)
    assert replayed.case == case


# -- each kind happens, and a correct world gets over it --------------------------------------------


@pytest.mark.parametrize(
    "kind", sorted(set(MEANING) - {"restart", *SCHEDULE_FAULTS})
)  # no service; of the prefix
def test_the_memory_world_gets_over_each(kind: str) -> None:
    one = variant("step_created", "suspend-twice") if kind == "swap" else STEP
    found = [played(f"{kind}@{place}", "AB" * 20, one) for place in range(6)]
    assert any(each.history.faults for each in found), f"{kind} never happened"
    for each in found:
        assert [snapshot.run["status"] for snapshot in each.history.snapshots] == ["completed"]
        assert each.history.quiet
        assert not each.history.stuck


def test_a_killed_handler_never_makes_its_operation_and_a_dead_one_never_learns_of_it() -> None:
    killed, dead = played("kill@1"), played("die@1")
    for each, made in ((killed, 0), (dead, 1)):
        actors = [delivery for delivery in each.history.deliveries if delivery.actor == "A"]
        assert [delivery.outcome for delivery in actors] == ["died"]
        open_calls = [call for call in each.history.calls if call.actor == "A" and call.ended == -1]
        assert [call.op for call in open_calls] == ["events.create"]
        starts = [event for event in each.history.snapshots[0].events if event["eventType"] == "step_started"]
        others = sum(1 for body in each.history.bodies if body.actor != "A")
        assert len(starts) == made + others


def test_a_cut_connection_fails_the_delivery_and_the_message_comes_again() -> None:
    for kind in ("cut", "lose"):
        each = played(f"{kind}@1")
        [delivery] = [delivery for delivery in each.history.deliveries if delivery.actor == "A"]
        assert delivery.failed is not None
        assert delivery.failed.code == "TRANSPORT"
        assert any(d.message.attempt == 2 for d in each.history.deliveries)


def test_a_redelivery_runs_beside_the_first() -> None:
    each = played("again@1", "A2CB")
    actors = {delivery.actor: delivery.message.attempt for delivery in each.history.deliveries}
    assert (actors["A"], actors["C"]) == (1, 2)
    assert each.token.startswith("A2CB")


def test_a_fault_whose_place_never_comes_did_not_happen() -> None:
    assert played("die@900,late@40").history.faults == []


async def _resume(suite: HandlerSuite, case: Case) -> Race:
    """Every actor hands a payload to the hook that a run waits for."""
    token = suite.name("token")
    await suite.start("hook_only", [token])
    await suite.deliver(suite.queue.take(suite.next_message().id))
    return Race([suite.resumption(token, case.payload)] * case.actors, tokens=[token])


async def _start(suite: HandlerSuite, case: Case) -> Race:
    """One actor carries a run to its end, while another run of the workflow is started from outside."""
    arguments = [1, case.payload]
    await suite.start("sequence", arguments)
    first = suite.queue.take(suite.next_message().id)
    return Race([suite.delivery_and_rest(first), suite.starting("sequence", arguments)])


_RESUME = Variant("resume+faults", "handlers", _resume, faulty=True)
_START = Variant("start+faults", "handlers", _start, most=2, faulty=True)
_CANCELS = [variant("end_against_suspension", "cancel-suspension"), variant("run_failed", "fail-and-cancel")]


@pytest.mark.parametrize(
    ("one", "places"), [(_CANCELS[0], 3), (_RESUME, 3), (_START, 2)], ids=["cancel", "resumeHook", "start"]
)
@pytest.mark.parametrize("kind", ["kill", "die", "cut", "lose"])
def test_a_caller_from_outside_that_is_broken_off_asks_again(kind: str, one: Variant, places: int) -> None:
    """No message comes again for it, at each of its operations."""
    for place in range(places):
        each = played(f"{kind}@{place}", "B", one)
        assert [(fault.kind, fault.actor) for fault in each.history.faults] == [(kind, "B")]
        assert any(_from_outside(call) for call in each.history.calls)
        assert each.history.quiet
        assert not each.history.stuck
        assert check(each.observe("handlers")) == []


def _from_outside(call: Call) -> bool:
    """Whether a call is one that a caller from outside makes after the race."""
    asks = call.op == "events.create" and call.event["eventType"] in ("run_cancelled", "run_created")
    return call.phase == "drain" and (asks or call.op == "hooks.getByToken")


@pytest.mark.parametrize(
    "one", [*_CANCELS, _RESUME, _START], ids=["cancel", "fail-and-cancel", "resumeHook", "start"]
)
def test_a_world_that_is_right_gets_over_it(one: Variant) -> None:
    for verdict in judged("", one).values():
        assert (verdict.outcome, verdict.shoulds) == ("pass", []), verdict.reason


def test_a_cancellation_that_is_left_half_done_is_found() -> None:
    verdict = judged("logged-later:run-cancelled", _CANCELS[0])["convergence"]
    assert (verdict.outcome, verdict.defect) == ("fail", "half-done")
    assert "log.folds" in verdict.rules


class _CreatesOneAtATime(MemoryWorld):
    """Marks that a run is being created, and takes the mark away in another operation."""

    creating = False

    def reset(self) -> None:
        super().reset()
        self.creating = False

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if event["eventType"] != "run_created":
            return await super().events_create(run_id, event)
        await Gate("mark", "write", ("creating",))
        if self.creating:
            raise conflict("another run is being created")
        self.creating = True
        answer = await super().events_create(run_id, event)
        await Gate("take the mark away", "write", ("creating",))
        self.creating = False
        return answer


def test_what_a_dead_starter_leaves_in_the_way_of_the_next_is_found() -> None:
    driver = InProcessDriver(_CreatesOneAtATime)
    plain = Judge(driver).judge(replace(_START, faulty=False), _LIMITS)
    assert {one.outcome for one in plain} == {"pass"}
    verdict = FaultJudge(driver).judge(_START, _LIMITS, plain)[0]
    assert (verdict.outcome, verdict.defect, verdict.rules) == ("fail", "half-done", ("run.created-once",))
    assert verdict.reason.endswith("'s run_created got a conflict; right is success")


# -- judging ----------------------------------------------------------------------------------------


def test_a_transition_in_two_operations_is_half_done_when_its_process_dies() -> None:
    verdict = judged("logs-later")["convergence"]
    assert (verdict.outcome, verdict.defect) == ("fail", "half-done")
    assert "log.folds" in verdict.rules
    failure = verdict.failure
    assert failure is not None
    assert [fault.kind for fault in failure.case.faults] in (["kill"], ["die"], ["cut"], ["lose"])
    assert failure.reproduced == failure.replays == 3


def test_what_breaks_without_faults_is_not_told_again() -> None:
    one = variant("run_completed", "last-message-twice")
    driver = InProcessDriver(find_mutant("no-guard").world)
    plain = Judge(driver).judge(replace(one, faulty=False), _LIMITS)
    assert "run.terminal-once" in plain[0].rules
    verdict = FaultJudge(driver).judge(one, _LIMITS, plain)[0]
    assert verdict.evidence.faulted
    assert "run.terminal-once" not in verdict.rules


def test_a_pass_says_what_went_wrong_and_how_often() -> None:
    [verdict, *_] = FaultJudge(InProcessDriver()).judge(STEP, _LIMITS, [])
    assert verdict.outcome == "pass"
    assert verdict.evidence.faulted > 30
    assert set(verdict.evidence.faults) >= set(RACE_FAULTS) - {"restart"}
    assert "kill" in verdict.reason


def test_budgets_say_how_many() -> None:
    quick, default, thorough = (
        BUDGETS[name].limits(STEP, speed=1) for name in ("quick", "default", "thorough")
    )
    assert quick.none
    assert not default.none
    assert not default.slow
    assert thorough.slow
    variants = sum(len(by_id(number).faulty("handlers")) for number in map(str, range(1, 9)))
    assert thorough.generated * variants >= 500


def test_how_a_run_ends_is_compared_when_a_failure_is_played_again_too() -> None:
    """A world in which nobody can start a step that its dead handler had started: the run fails."""
    found = judged("start-exclusive")
    assert found["convergence"].outcome == "fail"
    assert all(
        failure.reproduced == failure.replays
        for verdict in found.values()
        for failure in (verdict.failure, *verdict.shoulds)
        if failure is not None
    )


def test_a_replay_compares_with_a_control_in_which_nothing_goes_wrong() -> None:
    failure = judged("logs-later")["convergence"].failure
    assert failure is not None
    driver = InProcessDriver(find_mutant("logs-later").world)
    [verdict, *_] = Judge(driver).replay(STEP, failure.case, failure.played.token, 4)
    assert (verdict.outcome, verdict.defect) == ("fail", "half-done")
    assert verdict.failure is not None
    assert (verdict.failure.found_by, verdict.failure.reproduced) == ("search", 4)


def test_a_pass_says_how_many_places_for_a_fault_were_tried() -> None:
    variant = next(one for one in by_id("step_completed").faulty("handlers"))
    few = {
        one.check: one
        for one in FaultJudge(InProcessDriver()).judge(variant, replace(_LIMITS, searched=12), [])
    }["logs"]
    many = {
        one.check: one
        for one in FaultJudge(InProcessDriver()).judge(variant, replace(_LIMITS, searched=5_000), [])
    }["logs"]
    assert few.evidence.places == many.evidence.places == many.evidence.places_tried > 50
    assert 0 < few.evidence.places_tried < few.evidence.places
    assert f"{few.evidence.places_tried}/{few.evidence.places} fault places" in few.reason
    assert (few.evidence.depth, many.evidence.depth) == ("shallow", "pass")
    assert ("; shallow" in few.reason, "; shallow" in many.reason) == (True, False)
    assert (few.evidence.exhausted, many.evidence.exhausted) == (False, True)
