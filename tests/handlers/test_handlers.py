"""What the handlers do with each answer of a world: scripted answers, every kind of refusal."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.actor import Actor
from conformance.core.gates import run_alone
from conformance.core.history import Delivery, History, Message
from conformance.handlers import (
    WORKFLOWS,
    CapturedQueue,
    Policy,
    Runtime,
    StepBody,
    Workflow,
    cancel,
    deliver,
    drain,
    resume_hook,
)
from conformance.handlers.classify import by_name, by_status
from conformance.handlers.ids import Ids
from conformance.handlers.runtime import MAX_DELIVERIES
from conformance.spec.clock import date
from conformance.spec.vocabulary import WorldError, conflict, gone, not_found, too_early
from tests.handlers.stage import Stage, symptoms

Answer = Any  # what to give; an error to raise; or a function of the event that gives either
RUN = {"runId": "wrun_1", "workflowName": "flow", "status": "running", "startedAt": 1000, "input": []}
STEP = {"stepId": "step_1", "status": "running", "attempt": 1, "startedAt": 2000, "input": [1]}
BOOM = WorldError("MongoServerError", "E11000 duplicate key")


class Script:
    """A world that answers as told: by event type, ``list`` for the log. Everything else succeeds."""

    def __init__(
        self, workflow: str = "empty", *, args: tuple[Any, ...] = (), policy: Policy | None = None
    ) -> None:
        self.answers: dict[str, Answer] = {}
        self.run = {**RUN, "workflowName": workflow, "input": list(args)}
        self.log: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self.history = History()
        self.time = 10_000.0
        self.actor = Actor("A", self.history, self.perform, lambda: self.time)
        self.runtime = Runtime(policy=policy or Policy())
        self.queue = CapturedQueue(self.history, lambda: self.runtime.now(self.actor))
        self.ids = Ids.of_run("wrun_1", workflow, 1000)

    async def perform(self, op: str, args: tuple[Any, ...]) -> Any:
        if op == "events.list":
            self.asked.append("list")
            answer = self.answers.get("list", {"data": list(self.log), "cursor": None, "hasMore": False})
        else:
            assert op == "events.create"
            kind = args[1]["eventType"]
            self.asked.append(kind)
            self.sent.append(args[1])
            usual = {"event": args[1], "run": self.run, "step": STEP}
            answer = self.answers.get(kind, usual)
        if callable(answer):
            answer = answer(args[-1])
        if isinstance(answer, WorldError):
            raise answer
        return answer

    def event(self, kind: str, about: str | None = None, **data: Any) -> None:
        self.log.append(
            {"eventType": kind, "correlationId": about, "eventData": data, "eventId": f"e{len(self.log)}"}
        )

    def workflow(self, attempt: int = 1, **body: Any) -> Delivery:
        payload = {"runId": "wrun_1", "workflowName": self.run["workflowName"], **body}
        return self._deliver(Message("", "workflow", "wrun_1", attempt=attempt, body=payload))

    def step(self, name: str = "work", attempt: int = 1) -> Delivery:
        payload = {"workflowName": "sequence", "stepName": name}
        return self._deliver(
            Message("", "step", "wrun_1", "step_1", key="step_1", attempt=attempt, body=payload)
        )

    def _deliver(self, message: Message) -> Delivery:
        sent = self.queue.send(message)
        return run_alone(deliver(self.actor, sent, self.queue, self.runtime))

    @property
    def queued(self) -> list[tuple[str, str | None]]:
        """Origin and subject of what the handler queued."""
        return [(message.origin, message.about) for message in self.history.messages[1:]]

    @property
    def levels(self) -> list[str]:
        return [line.level for line in self.history.logs]


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
