"""What the step handler and callers from outside do with each answer of a World."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.gates import run_alone
from conformance.handlers import (
    WORKFLOWS,
    Policy,
    StepBody,
    Workflow,
    cancel,
    deliver,
    drain,
    resume_hook,
)
from conformance.handlers.classify import by_name, by_status
from conformance.handlers.runtime import MAX_DELIVERIES
from conformance.spec.clock import date
from conformance.spec.vocabulary import WorldError, conflict, gone, not_found, too_early
from tests.handlers.script import BOOM, STEP, Script
from tests.handlers.stage import Stage, symptoms

# -- the step handler --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "outcome", "queued", "levels"),
    [
        (conflict("x"), "step_started:conflict", [("step_started:conflict", "step_1")], ["debug"]),
        (gone("x"), "step_started:gone", [], ["info"]),
        (too_early("x", 7), "step_started:too_early", [("timeout", "step_1")], ["debug"]),
        (
            WorldError("ThrottleError", "x", status=429, retry_after=3),
            "step_started:throttled",
            [("timeout", "step_1")],
            ["info"],
        ),
        (not_found("x"), "failed", [], ["error"]),
        (BOOM, "failed", [], ["error"]),
    ],
)
def test_a_step_that_cannot_be_started(
    error: WorldError, outcome: str, queued: list[tuple[str, str]], levels: list[str]
) -> None:
    script = Script()
    script.answers["step_started"] = error
    assert script.step().outcome == outcome
    assert (script.queued, script.levels, script.history.bodies) == (queued, levels, [])
    if queued and queued[0][0] == "timeout":
        assert script.history.messages[-1].delay == error.retry_after


def test_a_step_runs_once_and_queues_one_continuation() -> None:
    script = Script()
    assert script.step().outcome == "step_completed"
    assert script.queued == [("step_completed", "step_1")]
    assert [(body.step_id, body.attempt) for body in script.history.bodies] == [("step_1", 1)]
    assert script.sent[-1]["eventData"]["result"] == {"step": "work", "args": [1]}
    message = script.history.messages[-1]
    assert (message.queue, message.key, message.actor) == ("workflow", None, "A")


def test_who_comes_second_has_run_the_body_and_queues_nothing() -> None:
    script = Script()
    script.answers["step_completed"] = conflict("x")
    assert script.step().outcome == "step_completed:conflict"
    assert (script.queued, script.levels, len(script.history.bodies)) == ([], ["info"], 1)


@pytest.mark.parametrize("error", [gone("x"), not_found("x"), BOOM])
def test_only_a_conflict_is_expected_at_the_end_of_a_step(error: WorldError) -> None:
    script = Script()
    script.answers["step_completed"] = error
    assert script.step().failed is error
    assert script.queued == []


def test_a_fatal_error_fails_the_step() -> None:
    script = Script()
    assert script.step("fatal").outcome == "step_failed"
    assert script.queued == [("step_failed", "step_1")]
    assert [(line.level, line.by_design) for line in script.history.logs] == [("error", True)]
    script.answers["step_failed"] = conflict("x")
    assert script.step("fatal").outcome == "step_failed:conflict"
    assert len(script.queued) == 2  # the second message itself, and no continuation


def test_an_error_is_retried_until_the_attempts_are_used_up() -> None:
    script = Script()
    script.answers["step_started"] = {"step": {**STEP, "attempt": 3, "input": [{"failures": 9}]}}
    assert script.step("retry").outcome == "step_retrying"
    assert script.queued == [("timeout", "step_1")]
    script.answers["step_started"] = {"step": {**STEP, "attempt": 4, "input": [{"failures": 9}]}}
    assert script.step("retry").outcome == "step_failed"
    assert "after 3 retries" in script.sent[-1]["eventData"]["error"]
    bodies = len(script.history.bodies)
    script.answers["step_started"] = {"step": {**STEP, "attempt": 5}}
    assert script.step("retry").outcome == "step_failed"
    assert len(script.history.bodies) == bodies
    script.answers["step_started"] = {"step": {**STEP, "attempt": 1, "input": [{"failures": 9}]}}
    script.answers["step_retrying"] = conflict("x")
    assert script.step("retry").outcome == "step_retrying:conflict"


def test_a_step_may_ask_when_it_is_tried_again() -> None:
    script = Script()
    later = Workflow(WORKFLOWS["sequence"].fn, {"work": StepBody("retry", retry_after=2_500)})
    script.runtime.workflows = {"sequence": later}
    assert script.step().outcome == "step_retrying"
    assert script.sent[-1]["eventData"]["retryAfter"] == date(script.time + 2_500)
    assert script.history.messages[-1].delay == 3


@pytest.mark.parametrize("answer", [{"step": {**STEP, "startedAt": None}}, {"step": STEP}])
def test_a_step_that_cannot_run_is_failed(answer: dict[str, Any]) -> None:
    script = Script()
    script.answers["step_started"] = answer
    name = "work" if answer["step"]["startedAt"] is None else "no such step"
    assert script.step(name).outcome == "step_failed"
    assert script.history.bodies == []


def test_a_start_without_the_step_fails_the_delivery() -> None:
    script = Script()
    script.answers["step_started"] = {}
    assert script.step().outcome == "failed"


def test_a_step_message_that_was_delivered_too_often_fails_its_step() -> None:
    script = Script()
    assert script.step(attempt=MAX_DELIVERIES + 1).outcome == "gave up"
    assert script.queued == [("step_failed", "step_1")]


# -- dialects ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("classify", "error", "understood"),
    [
        (by_name, WorldError("EntityConflictError", "x"), True),
        (by_name, WorldError("WorkflowAPIError", "x", status=409), False),
        (by_status, WorldError("EntityConflictError", "x"), False),
        (by_status, WorldError("WorkflowAPIError", "x", status=409), True),
    ],
)
def test_a_dialect_understands_its_own(classify: Any, error: WorldError, understood: bool) -> None:
    script = Script(policy=Policy(classify=classify))
    script.answers["step_completed"] = error
    assert (script.step().failed is None) is understood


# -- from outside ------------------------------------------------------------------------------------


def test_a_hook_is_resumed_once_and_carries_the_run_on() -> None:
    stage = Stage()
    run_id = stage.start("hook_then_step", "token")
    stage.drain()
    hook = stage.alone(resume_hook(stage.suite, stage.queue, "token", {"a": 1}))
    assert [m.about for m in stage.history.messages if m.origin == "hook_received"] == [hook["hookId"]]
    assert symptoms(stage, run_id) == set()
    with pytest.raises(WorldError, match="no hook"):
        stage.alone(resume_hook(stage.suite, stage.queue, "token", 2))


def test_a_cancelled_run_is_left_alone_by_everyone() -> None:
    for before in range(4):
        stage = Stage()
        run_id = stage.start("sequence", 2)
        for _ in range(before):
            stage.step()
        stage.alone(cancel(stage.suite, stage.queue, run_id))
        assert symptoms(stage, run_id, ends="cancelled") == set()


def test_a_step_refused_because_its_run_ended_is_queued_all_the_same() -> None:
    """As in the runtime, which takes the conflict for "exists already". The step is then not found."""
    stage = Stage()
    run_id = stage.start("sequence", 1)
    message = stage.take()
    handler = deliver(stage.driver.actor("A"), message, stage.queue, stage.runtime)
    for _ in range(4):  # start, read the log, and be about to create the step
        handler.send(None)
    stage.alone(cancel(stage.suite, stage.queue, run_id))
    stage.alone(handler)
    assert [(each.origin, each.queue) for each in stage.queue.pending()] == [("suspension", "step")]
    stage.step()
    refused = stage.history.deliveries[-1]
    assert refused.failed is not None or refused.outcome == "step_started:gone"
    assert stage.history.bodies == []


def test_a_queue_that_never_gets_quiet_is_noticed() -> None:
    script = Script("sequence", args=(1,))
    script.answers["run_started"] = BOOM
    script.workflow()
    assert run_alone(drain(script.actor, script.queue, script.runtime, limit=20)) is False
    assert run_alone(drain(script.actor, script.queue, script.runtime)) is True
    assert script.asked[-1] == "run_failed"
