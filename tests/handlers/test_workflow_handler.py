"""What the workflow handler does with each answer of a World, and what it leaves to its suspension."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.handlers.runtime import MAX_DELIVERIES
from conformance.spec.clock import date
from conformance.spec.vocabulary import WorldError, conflict, gone, not_found
from tests.handlers.script import BOOM, RUN, Script

# -- the workflow handler ----------------------------------------------------------------------------


@pytest.mark.parametrize("error", [conflict("x"), gone("x")])
def test_a_run_that_cannot_be_started_is_left_alone(error: WorldError) -> None:
    script = Script()
    script.answers["run_started"] = error
    delivery = script.workflow()
    assert delivery.outcome == f"run_started:{error.answer}"
    assert (script.asked, script.queued, script.levels) == (["run_started"], [], ["info"])


def test_any_other_refusal_fails_the_delivery_and_it_is_tried_again() -> None:
    script = Script()
    script.answers["run_started"] = BOOM
    delivery = script.workflow()
    assert (delivery.failed, delivery.outcome) == (BOOM, "failed")
    assert [(line.level, line.origin) for line in script.history.logs] == [("error", "queue")]
    assert [message.attempt for message in script.queue.delayed()] == [2]
    assert script.queued == []


@pytest.mark.parametrize("run", [None, {**RUN, "startedAt": None}])
def test_a_start_without_the_run_or_its_time_fails_the_run(run: dict[str, Any] | None) -> None:
    script = Script()
    script.answers["run_started"] = {"run": run}
    assert script.workflow().outcome == "run_failed"
    assert script.levels == ["error"]


def test_a_run_that_is_given_back_finished_is_left_alone() -> None:
    script = Script()
    script.answers["run_started"] = {"run": {**RUN, "status": "cancelled"}}
    assert script.workflow().outcome == "run_started:cancelled"
    assert (script.asked, script.levels) == (["run_started"], ["info"])


def test_a_log_with_a_terminal_event_is_not_replayed() -> None:
    script = Script()
    script.event("run_failed")
    assert script.workflow().outcome == "log:ended"
    assert script.asked == ["run_started", "list"]


def test_a_log_that_comes_with_the_run_is_not_read_again() -> None:
    script = Script()
    script.answers["run_started"] = {
        "run": script.run,
        "events": [{"eventType": "run_created", "eventId": "e"}],
        "hasMore": False,
    }
    assert script.workflow().outcome == "run_completed"
    assert script.asked == ["run_started", "run_completed"]


@pytest.mark.parametrize(
    ("error", "outcome", "levels"),
    [
        (conflict("x"), "run_completed:conflict", ["info"]),
        (gone("x"), "run_completed:gone", ["info"]),
        (not_found("x"), "failed", ["error"]),
        (BOOM, "failed", ["error"]),
    ],
)
def test_a_lost_completion(error: WorldError, outcome: str, levels: list[str]) -> None:
    script = Script()
    script.answers["run_completed"] = error
    assert script.workflow().outcome == outcome
    assert (script.levels, script.queued) == (levels, [])


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "run_failed"),
        (conflict("x"), "run_failed:conflict"),
        (gone("x"), "run_failed:gone"),
        (BOOM, "failed"),
    ],
)
def test_a_workflow_that_throws(error: WorldError | None, outcome: str) -> None:
    script = Script("failing_workflow", args=(0,))
    if error is not None:
        script.answers["run_failed"] = error
    assert script.workflow().outcome == outcome
    assert [line.by_design for line in script.history.logs if line.level == "error"][:1] == [True]


def test_a_workflow_nobody_knows_fails_its_run() -> None:
    script = Script("no such workflow")
    assert script.workflow().outcome == "run_failed"
    assert script.levels == ["error"]
    assert not script.history.logs[0].by_design


def test_elapsed_waits_are_ended_one_by_one_and_the_log_is_read_on() -> None:
    script = Script("sleeps", args=(3,))
    waits = [script.ids.draw("wait") for _ in range(3)]
    for wait, at in zip(waits, (5_000, 9_000, 99_000), strict=True):
        script.event("wait_created", wait, resumeAt=date(at))

    def complete(event: dict[str, Any]) -> Any:
        script.event("wait_completed", event["correlationId"], **event["eventData"])
        return conflict("x") if event["correlationId"] == waits[0] else {"event": event}

    script.answers["wait_completed"] = complete
    delivery = script.workflow()
    assert script.asked == ["run_started", "list", "wait_completed", "wait_completed", "list"]
    assert delivery.outcome == "suspended"
    assert script.queued == [("timeout", waits[2])]
    assert script.history.messages[-1].delay == 89


@pytest.mark.parametrize("error", [gone("x"), not_found("x"), BOOM])
def test_only_a_conflict_is_expected_of_a_wait(error: WorldError) -> None:
    script = Script("sleeps", args=(1,))
    script.event("wait_created", script.ids.draw("wait"), resumeAt=date(5_000))
    script.answers["wait_completed"] = error
    assert script.workflow().failed is error


def test_a_log_that_does_not_fit_is_replayed_three_times_more_and_then_fails_the_run() -> None:
    script = Script("sequence", args=(1,))
    script.event("step_created", "step_of_nobody")
    for count in (1, 2, 3):
        assert script.workflow(replayDivergence={"count": count - 1}).outcome == "diverged"
        message = script.history.messages[-1]
        assert (message.origin, message.key) == ("recovery", None)
        assert message.body["replayDivergence"] == {"eventId": "e0", "count": count}
    assert set(script.levels) == {"warn"}
    assert script.workflow(replayDivergence={"count": 3}).outcome == "run_failed"
    assert script.sent[-1]["eventData"]["errorCode"] == "CORRUPTED_EVENT_LOG"
    assert script.levels[-1] == "error"


def test_a_message_that_was_delivered_too_often_fails_its_run() -> None:
    script = Script()
    assert script.workflow(attempt=MAX_DELIVERIES).outcome == "run_completed"
    assert script.workflow(attempt=MAX_DELIVERIES + 1).outcome == "gave up"
    assert script.asked[-1] == "run_failed"
    script.answers["run_failed"] = BOOM
    assert script.workflow(attempt=MAX_DELIVERIES + 1).failed is None


def test_an_answer_that_cannot_be_understood_fails_the_run() -> None:
    script = Script()
    script.answers["list"] = {"data": [], "cursor": None, "hasMore": True}
    assert script.workflow().outcome == "run_failed"
    assert script.levels == ["error"]


# -- the suspension handler --------------------------------------------------------------------------


def test_hooks_come_first_then_steps_and_waits_and_each_step_is_queued_under_its_key() -> None:
    script = Script("leaves_hooks", args=(["one", "two"],))
    assert script.workflow().outcome == "suspended"
    assert script.asked == ["run_started", "list", "hook_created", "hook_created", "step_created"]
    (message,) = script.history.messages[1:]
    assert (message.queue, message.key, message.about) == ("step", message.step_id, message.step_id)


@pytest.mark.parametrize("kind", ["step_created", "wait_created"])
def test_a_creation_that_lost_is_no_reason_to_stop(kind: str) -> None:
    script = Script("sleep_and_step", args=(1000,))
    script.answers[kind] = conflict("x")
    assert script.workflow().outcome == "suspended"
    assert script.asked[2:] == ["wait_created", "step_created"]
    assert [origin for origin, _ in script.queued] == ["suspension", "timeout"]
    assert script.levels == ["info"]


@pytest.mark.parametrize("kind", ["step_created", "wait_created"])
def test_a_finished_run_is_not_expected_at_steps_and_waits_but_the_others_are_made(kind: str) -> None:
    script = Script("sleep_and_step", args=(1000,))
    script.answers[kind] = gone("x")
    assert script.workflow().outcome == "failed"
    assert script.asked[2:] == ["wait_created", "step_created"]
    assert script.levels == ["error"]


@pytest.mark.parametrize("error", [conflict("x"), gone("x")])
def test_a_hook_that_cannot_be_made_is_skipped(error: WorldError) -> None:
    script = Script("leaves_hooks", args=(["one"],))
    script.answers["hook_created"] = error
    assert script.workflow().outcome == "suspended"
    assert script.asked[2:] == ["hook_created", "step_created"]


def test_a_taken_token_asks_for_another_delivery_at_once() -> None:
    script = Script("hook_taken", args=("token",))
    script.answers["hook_created"] = {"event": {"eventType": "hook_conflict"}}
    assert script.workflow().outcome == "suspended"
    assert script.queued == [("timeout", script.ids.draw("hook"))]
    assert [message.attempt for message in script.queue.pending()] == [2]


@pytest.mark.parametrize("error", [None, conflict("x"), gone("x"), not_found("x"), BOOM])
def test_disposals_come_after_creations_and_may_be_refused(error: WorldError | None) -> None:
    script = Script("hook_or_step", args=("token",))
    hook, step = script.ids.draw("hook"), script.ids.draw("step")
    script.event("hook_created", hook)
    script.event("step_completed", step, result=1)
    if error is not None:
        script.answers["hook_disposed"] = error
    delivery = script.workflow()
    if error is BOOM:
        assert (delivery.failed, script.asked[2:]) == (BOOM, ["hook_disposed"])
    else:
        assert (delivery.outcome, script.asked[2:]) == ("suspended", ["hook_disposed", "step_created"])


def test_what_the_log_knows_is_not_made_again_but_its_step_is_queued() -> None:
    script = Script("sequence", args=(1,))
    step = script.ids.draw("step")
    script.event("step_created", step)
    assert script.workflow().outcome == "suspended"
    assert script.asked == ["run_started", "list"]
    assert script.queued == [("suspension", step)]
    assert not script.history.deliveries[0].progressed
