"""The oracle: what some order explains is right; what none explains is named by the rule it breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from conformance.core.scenario import Case
from conformance.core.scenarios import scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.oracle import UndecidedError, orders
from conformance.oracle.orders import explain
from conformance.oracle.seen import Observed, SeenRun
from conformance.search.budget import Limits
from conformance.search.judge import Judge
from tests.oracle.build import STARTED, Outcome, seen


def rules(observed: Observed) -> set[str]:
    return {finding.rule for finding in explain(observed)}


def stored(outcome: Outcome, **more: Any) -> tuple[SeenRun, ...]:
    """What is stored, with something changed in the first run."""
    first, *rest = outcome.runs()
    return (first._replace(**more), *rest)


# -- no false alarms --------------------------------------------------------------------------------


def test_a_step_may_start_before_its_run_ends_and_finish_after() -> None:
    outcome = Outcome().running().given("step_created", "step1")
    outcome.call("B", "step_started", "step1")
    outcome.call("A", "run_completed", value="out")
    outcome.call("B", "step_completed", "step1", value=1)
    assert explain(outcome.observed()) == []


def test_a_start_after_the_end_is_right_when_it_could_have_come_before() -> None:
    """Both succeeded: then the step was started first, whatever the clock says."""
    outcome = Outcome().running().given("step_created", "step1")
    outcome.call("B", "step_started", "step1")
    outcome.call("A", "run_completed", value="out")
    log = tuple(sorted(outcome.run("run1").events, key=lambda event: event[0] == "step_started"))
    found = explain(outcome.observed(runs=stored(outcome, events=log)))
    assert [finding.rule for finding in found] == ["log.order"]
    assert found[0].severity == "should"


def test_the_loser_may_be_told_that_the_run_is_gone() -> None:
    outcome = Outcome().running()
    outcome.call("A", "run_completed", value="a")
    outcome.call("B", "run_completed", value="b", choice=1)
    assert outcome.calls[-1].answer == "gone"
    assert explain(outcome.observed()) == []


def test_two_starts_of_a_step_are_two_attempts() -> None:
    outcome = Outcome().running().given("step_created", "step1")
    outcome.call("A", "step_started", "step1")
    outcome.call("B", "step_started", "step1")
    assert explain(outcome.observed()) == []


def test_a_refusal_is_placed_where_it_is_right_and_not_where_it_is_a_note() -> None:
    """A ends a run that B creates and ends meanwhile: a conflict, which is a note before the creation."""
    outcome = Outcome()
    outcome.call("B", "run_created")
    outcome.call("B", "run_completed", value="b")
    outcome.call("A", "run_completed", value="a")
    outcome.call("A", "run_created")
    assert [call.answer for call in outcome.calls] == ["ok", "ok", "conflict", "conflict"]
    assert explain(outcome.observed()) == []


def test_an_order_with_a_note_does_not_hide_one_without() -> None:
    """The end that C tries is a note before B's creation. That way to the same state is tried first."""
    outcome = Outcome().running()
    outcome.call("B", "run_created")
    outcome.call("B", "step_created", "step2")
    outcome.call("C", "run_created")
    outcome.call("B", "run_created", run="run2")
    outcome.call("A", "run_completed", run="run2")
    outcome.call("C", "run_completed", run="run2")
    outcome.call("C", "run_completed")
    assert [call.answer for call in outcome.calls if call.actor == "C"] == ["conflict", "conflict", "ok"]
    assert explain(outcome.observed()) == []


def test_a_token_may_go_to_either() -> None:
    for first, second in ("AB", "BA"):
        outcome = Outcome().running("run1").running("run2")
        hooks = {"A": ("run1", "hook1"), "B": ("run2", "hook2")}
        for actor in (first, second):
            run, hook = hooks[actor]
            outcome.call(actor, "hook_created", hook, run=run, token="token1")
        assert outcome.calls[-1].answer == "hook_conflict"
        assert explain(outcome.observed()) == []


def test_a_retry_before_its_time_is_for_the_clock_of_the_world_to_say() -> None:
    outcome = Outcome().running().given("step_created", "step1").given("step_started", "step1")
    outcome.given("step_retrying", "step1", value="later")
    early = seen("A", "step_started", "step1", "too_early")
    plain = outcome.observed(calls=(*outcome.calls, early))
    assert explain(plain) == []


# -- what no order explains -------------------------------------------------------------------------


def test_two_winners() -> None:
    outcome = Outcome().running().given("step_created", "step1").given("step_started", "step1")
    outcome.call("A", "step_completed", "step1", value="a")
    outcome.call("B", "step_completed", "step1", value="b")
    calls = (*outcome.calls[:-1], outcome.calls[-1]._replace(answer="ok"))
    assert rules(outcome.observed(calls=calls)) == {"step.terminal-once"}


def test_two_ends_of_a_run() -> None:
    outcome = Outcome().running()
    outcome.call("A", "run_completed", value="a")
    outcome.call("B", "run_failed")
    calls = (*outcome.calls[:-1], outcome.calls[-1]._replace(answer="ok"))
    log = (*outcome.run("run1").events, ("run_failed", ""))
    found = explain(outcome.observed(calls=calls, runs=stored(outcome, events=log)))
    # The event that the second success left behind is no second defect.
    assert [finding.rule for finding in found] == ["run.terminal-once"]
    assert found[0].call == ("race", "B", 0)


def test_a_live_hook_on_a_finished_run() -> None:
    outcome = Outcome().running()
    outcome.call("B", "hook_created", "hook1", token="token1")
    outcome.call("A", "run_completed", value="out")
    found = outcome.observed(runs=stored(outcome, hooks=(("hook1", "token1"),)), owners=(("token1", "run1"),))
    assert rules(found) == {"hook.released-at-end", "hook.token-free-at-end"}


def test_a_hook_that_was_disposed_of_and_lives() -> None:
    outcome = Outcome().running().given("hook_created", "hook1", token="token1")
    outcome.call("A", "hook_disposed", "hook1")
    assert rules(outcome.observed(runs=stored(outcome, hooks=(("hook1", "token1"),)))) == {
        "hook.status-agrees"
    }


def test_two_owners_of_a_token() -> None:
    outcome = Outcome().running("run1").running("run2")
    outcome.call("A", "hook_created", "hook1", token="token1")
    outcome.call("B", "hook_created", "hook2", run="run2", token="token1")
    calls = (*outcome.calls[:-1], outcome.calls[-1]._replace(answer="ok"))
    assert "hook.token-unique" in rules(outcome.observed(calls=calls))


def test_a_status_that_went_back() -> None:
    outcome = Outcome().running()
    outcome.call("A", "run_completed", value="out")
    outcome.call("B", "run_started")
    assert rules(outcome.observed(runs=stored(outcome, status="running"))) == {"run.terminal-stays"}


def test_a_lost_attempt() -> None:
    outcome = Outcome().running().given("step_created", "step1")
    outcome.call("A", "step_started", "step1")
    outcome.call("B", "step_started", "step1")
    calls = tuple(call._replace(attempt=1) if call.kind == "step_started" else call for call in outcome.calls)
    assert "step.attempt-exact" in rules(outcome.observed(calls=calls))


def test_an_attempt_that_is_lost_is_not_taken_for_a_start_after_the_end() -> None:
    """The log says that the step was completed last, so no start is a start of a completed step."""
    outcome = Outcome().running().given("step_created", "step1")
    outcome.call("C", "step_started", "step1")
    lost = outcome.call("D", "step_started", "step1")
    outcome.call("A", "step_completed", "step1", value="x")
    outcome.calls[outcome.calls.index(lost)] = lost._replace(attempt=1)
    [step] = outcome.run("run1").steps
    found = explain(outcome.observed(runs=stored(outcome, steps=(step._replace(attempt=1),))))
    assert {finding.rule for finding in found} == {"step.attempt-exact"}
    assert found[0].call == ("race", "D", 0)


def test_two_starts_that_see_different_times() -> None:
    outcome = Outcome().given("run_created")
    outcome.call("A", "run_started")
    outcome.call("B", "run_started")
    calls = (*outcome.calls[:-1], outcome.calls[-1]._replace(started=1))
    assert rules(outcome.observed(calls=calls)) == {"run.started-at-once"}


def test_the_result_of_the_loser() -> None:
    outcome = Outcome().running().given("step_created", "step1").given("step_started", "step1")
    outcome.call("A", "step_completed", "step1", value="a")
    outcome.call("B", "step_completed", "step1", value="b")
    [step] = outcome.run("run1").steps
    assert rules(outcome.observed(runs=stored(outcome, steps=(step._replace(output="b"),)))) == {
        "step.status-agrees"
    }


def test_an_entity_without_an_event_and_an_event_without_an_entity() -> None:
    outcome = Outcome().running()
    outcome.call("A", "wait_created", "wait1")
    without = outcome.observed(runs=stored(outcome, events=outcome.run("run1").events[:-1]))
    assert rules(without) == {"log.agrees-with-answers"}
    surplus = (*outcome.run("run1").events, ("wait_created", "wait2"))
    assert rules(outcome.observed(runs=stored(outcome, events=surplus))) == {"log.agrees-with-answers"}


def test_surplus_events_that_a_replay_shrugs_off_are_a_should() -> None:
    outcome = Outcome().running()
    outcome.call("A", "run_started")
    log = (*outcome.run("run1").events, ("run_started", ""))
    [finding] = explain(outcome.observed(runs=stored(outcome, events=log)))
    assert (finding.rule, finding.severity) == ("run.started-event-once", "should")


def test_an_error_that_nobody_can_classify() -> None:
    outcome = Outcome().running()
    outcome.call("A", "run_completed", value="out")
    outcome.call("B", "run_completed", value="out")
    calls = (*outcome.calls[:-1], outcome.calls[-1]._replace(answer="unexpected", message="Error: 23505"))
    [finding] = explain(outcome.observed(calls=calls))
    assert finding.rule == "error.classifiable"
    assert "23505" in finding.text


def test_what_is_done_afterwards_is_judged_too() -> None:
    outcome = Outcome().running("run1").given("hook_created", "hook1", token="token1")
    outcome.call("A", "run_completed", value="out")
    outcome.running("run2")
    outcome.call("-", "hook_created", "hook2", phase="then", run="run2", token="token1")
    assert explain(outcome.observed()) == []
    calls = (*outcome.calls[:-1], outcome.calls[-1]._replace(answer="hook_conflict"))
    assert "hook.token-unique" in rules(outcome.observed(calls=calls))


def test_a_prefix_that_went_wrong_is_said() -> None:
    outcome = Outcome().running().given("step_created", "step1").given("step_created", "step1")
    calls = (*outcome.calls[:-1], outcome.calls[-1]._replace(answer="ok"))
    assert rules(outcome.observed(calls=calls)) == {"step.created-once"}


# -- how it searches --------------------------------------------------------------------------------


def test_without_a_race_only_the_order_that_was_counts() -> None:
    """The run ended before the hook was made: a success can only be explained by the other order."""
    outcome = Outcome().running()
    outcome.call("B", "hook_created", "hook1", token="token1")
    outcome.call("A", "run_completed", value="out")
    raced = outcome.observed()
    assert explain(raced) == []
    given = tuple(call for call in raced.calls if call.phase == "given")
    first, second = (call for call in raced.calls if call.phase == "race")
    assert first.kind == "run_completed"
    assert rules(raced._replace(in_order=True, calls=(*given, first, second))) == {
        "run.no-creation-after-end"
    }
    assert rules(raced._replace(in_order=True, calls=(*given, second, first))) == set()


def test_the_order_within_a_actor_holds() -> None:
    outcome = Outcome().running().given("step_created", "step1")
    outcome.call("A", "step_completed", "step1", value=1)
    outcome.call("A", "step_started", "step1")
    assert outcome.calls[-1].answer == "conflict"
    assert explain(outcome.observed()) == []
    right = outcome.calls
    swapped = (*right[:-2], right[-1]._replace(n=0), right[-2]._replace(n=1))
    assert "step.start-again" in rules(outcome.observed(calls=swapped))


def test_the_best_explanation_has_the_fewest_mismatches() -> None:
    """A and C did as they should; only B's answer is wrong."""
    outcome = Outcome().running().given("step_created", "step1").given("step_started", "step1")
    for actor in "ABC":
        outcome.call(actor, "step_completed", "step1", value=actor)
    calls = tuple(call._replace(answer="not_found") if call.actor == "B" else call for call in outcome.calls)
    [finding] = explain(outcome.observed(calls=calls))
    assert (finding.rule, finding.call) == ("step.terminal-once", ("race", "B", 0))


def test_too_many_orders_are_undecided_and_not_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "_MOST_EXACT_CALLS", 20)
    outcome = Outcome().running()
    for actor in "ABCD":
        for number in range(3):
            outcome.call(actor, "wait_created", f"wait_{actor}{number}")
    wrong = outcome.observed(runs=stored(outcome, events=()))
    with pytest.raises(UndecidedError):
        explain(wrong)


def test_orders_that_lead_to_the_same_state_are_tried_once() -> None:
    """Twelve calls in four actors have 369,600 orders."""
    outcome = Outcome().running()
    for actor in "ABCD":
        for number in range(3):
            outcome.call(actor, "wait_completed", f"wait_{actor}{number}")
    assert explain(outcome.observed()) == []


# -- real time ----------------------------------------------------------------------------------------


def _revived(order: tuple[int, ...]) -> Observed:
    """A starts and completes a run; B starts it too and is answered with another startedAt."""
    outcome = Outcome().given("run_created")
    outcome.call("A", "run_started")
    outcome.call("A", "run_completed", value="out")
    late = seen("B", "run_started", started=STARTED + 1)
    return outcome.observed(calls=(*outcome.observed().calls, late), order=order)


def test_a_call_that_had_been_answered_comes_before_one_that_began_later() -> None:
    """B was answered before A asked for the end: nothing started a finished run."""
    [finding] = explain(_revived((0b000, 0b101, 0b000)))
    assert finding.rule == "run.started-at-once"
    assert finding.text == "B got a startedAt that differs from the one that another starter got"
    assert finding.because == (("race", "A", 0),)


def test_a_call_that_began_after_the_end_cannot_be_explained_by_an_order_before_it() -> None:
    same = _revived((0b000, 0b001, 0b011))
    calls = tuple(call._replace(started=STARTED) if call.actor == "B" else call for call in same.calls)
    [finding] = explain(same._replace(calls=calls))
    assert finding.rule == "run.no-start-after-end"
    assert finding.because == (("race", "A", 0), ("race", "A", 1))
    assert explain(same._replace(calls=calls, order=())) == []


def test_calls_that_one_actor_has_under_way_at_once_may_take_effect_in_any_order() -> None:
    """A creates two hooks with one token at once, and the one that it began with loses."""
    outcome = Outcome().running()
    outcome.call("A", "hook_created", "hook2", token="token1")
    outcome.call("A", "hook_created", "hook1", token="token1")
    first, second = (call._replace(n=n) for n, call in enumerate(reversed(outcome.calls[2:])))
    calls = (*outcome.calls[:2], first, second)
    at_once = outcome.observed(calls=calls, order=(0b00, 0b00))
    assert explain(at_once) == []
    assert explain(at_once._replace(order=(0b00, 0b01))) != []


def test_the_order_of_the_log_is_tried_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four actors make eighteen calls that do not meet. Each order but that of the log leaves a note, and
    there are hundreds of thousands."""
    monkeypatch.setattr(orders, "_MOST_EXACT_CALLS", 500)
    every = [one for each in scenarios() for one in each.at("storage")]
    [variant] = [one for one in every if one.name == "move-and-read-on"]
    limits = Limits((Case(actors=4),), searched=4, generated=0, free=0, replays=1)
    verdicts = Judge(InProcessDriver()).judge(variant, limits)
    assert [one.outcome for one in verdicts] == ["pass"] * 3


def _apart(*, completed: bool) -> Outcome:
    """Four actors create, start and complete steps of their own, which never meet: 369,600 orders."""
    outcome = Outcome().running()
    for actor in "ABCD":
        outcome.call(actor, "step_created", f"step_{actor}")
        outcome.call(actor, "step_started", f"step_{actor}")
        if completed:
            outcome.call(actor, "step_completed", f"step_{actor}", value="x")
    return outcome


def _in_another_order(outcome: Outcome, events: Sequence[tuple[str, str]]) -> Observed:
    return outcome.observed(runs=stored(outcome, events=tuple(events)))


def test_a_log_that_no_replay_takes_is_found_among_however_many_orders() -> None:
    """States that differ in the order of their logs alone are tried once."""
    outcome = _apart(completed=True)
    [run] = outcome.observed().runs
    wrong = [*run.events]
    at, end = wrong.index(("step_started", "step_C")), wrong.index(("step_completed", "step_C"))
    wrong[at], wrong[end] = wrong[end], wrong[at]
    [finding] = explain(_in_another_order(outcome, wrong))
    assert finding.rule == "log.replays"


def test_a_note_that_no_order_is_without_is_said_among_however_many_orders() -> None:
    outcome = _apart(completed=False)
    [run] = outcome.observed().runs
    created = [event for event in run.events if event[0] == "step_created"]
    backwards = [event for event in run.events if event not in created] + created
    [finding] = explain(_in_another_order(outcome, backwards))
    assert finding.severity == "should"
