"""What one stress run shows: each rule from the least that breaks it, nothing from a run that is right."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.queues.flows import FLOWS
from conformance.queues.stress_judge import broken_rules
from conformance.queues.stress_run import StressRun

_FLOW = FLOWS["sleep"]
_CONFLICT = {"name": "EntityConflictError", "message": "taken"}
_OLD_CONFLICT = {"name": "WorkflowAPIError", "message": "taken", "status": 409}


def _event(kind: str, about: str | None = None, **more: Any) -> dict[str, Any]:
    made = {} if "error" in more else {"made": kind}
    return {"type": "event_asked", "runId": "wrun_1", "eventType": kind, "correlationId": about} | made | more


def _ran(step: str) -> dict[str, Any]:
    return {"type": "step_ran", "runId": "wrun_1", "stepId": step, "name": "work", "attempt": 1}


def _right() -> StressRun:
    run = StressRun("wrun_1", 0)
    run.messages = [
        _event("run_created"),
        _event("step_created", "step_1"),
        _event("wait_created", "wait_1"),
        _ran("step_1"),
        _event("step_completed", "step_1"),
        _event("wait_completed", "wait_1"),
        _event("wait_completed", "wait_1", error=_CONFLICT),
        _event("step_created", "step_2"),
        _ran("step_2"),
        _event("step_completed", "step_2"),
        _event("run_completed"),
    ]
    run.events = [each for each in run.messages if each["type"] == "event_asked" and "error" not in each]
    run.responses = [
        {"status": 200, "path": "flow"},
        {"status": 503, "path": "flow", "text": '{"timeoutSeconds": 1}'},
    ]
    run.entity = {"status": "completed"}
    run.output = _FLOW.outputs(("A", "B"))[0]
    return run


def _rules(run: StressRun, dialect: str = "name") -> set[str]:
    return {broken.rule for broken in broken_rules(run, _FLOW, ("A", "B"), dialect, 45.0)}


def test_a_right_run_breaks_nothing() -> None:
    assert _rules(_right()) == set()


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        (_event("run_completed"), "run.terminal-once"),
        (_event("run_failed"), "run.terminal-once"),
        (_event("step_completed", "step_1"), "step.terminal-once"),
        (_event("step_failed", "step_1"), "step.terminal-once"),
        (_event("step_created", "step_1"), "step.created-once"),
        (_event("wait_created", "wait_1"), "wait.created-once"),
        (_event("wait_completed", "wait_1"), "wait.completed-once"),
        (_ran("step_1"), "body.as-control"),
        (_ran("step_3"), "body.as-control"),
        (_event("step_created", "step_1", error=_OLD_CONFLICT), "error.recognised"),
    ],
)
def test_what_happened(more: dict[str, Any], rule: str) -> None:
    run = _right()
    run.messages.append(more)
    assert _rules(run) == {rule}


@pytest.mark.parametrize(
    ("kind", "rule"), [("step_completed", "step.terminal-once"), ("run_completed", "run.terminal-once")]
)
def test_what_is_listed(kind: str, rule: str) -> None:
    run = _right()
    run.events.append(next(event for event in run.events if event["eventType"] == kind))
    assert _rules(run) == {rule}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"unreadable": "no such run"}, "run.readable"),
        ({"entity": {"status": "failed"}}, "run.ends-as-control"),
        ({"entity": {"status": "running"}}, "run.terminal-stays"),
        ({"output": "something else"}, "run.ends-as-control"),
        ({"logs": ["[Workflow] it broke"]}, "logs.error-line"),
        ({"responses": [{"status": 500, "path": "step", "text": "Error: x"}]}, "logs.failed-delivery"),
    ],
)
def test_how_it_ended(changes: dict[str, Any], rule: str) -> None:
    run = _right()
    for name, value in changes.items():
        setattr(run, name, value)
    assert _rules(run) == {rule}


def test_a_run_that_stopped() -> None:
    run = _right()
    run.messages = run.messages[:-1]
    run.entity = {"status": "running"}
    assert _rules(run) == {"run.no-hang"}


def test_what_follows_from_a_dialect_is_marked() -> None:
    run = _right()
    run.messages.append(_event("step_created", "step_1", error=_OLD_CONFLICT))
    run.messages.append(_event("step_completed", "step_1"))
    run.responses.append({"status": 500, "path": "flow", "text": "taken"})
    marked = {broken.rule: broken.of_dialect for broken in broken_rules(run, _FLOW, ("A",), "name", 45.0)}
    assert marked == {"error.recognised": True, "logs.failed-delivery": True, "step.terminal-once": False}


def test_the_older_dialect_knows_statuses() -> None:
    run = _right()
    run.messages = [each for each in run.messages if "error" not in each]
    run.messages.append(_event("step_created", "step_1", error=_OLD_CONFLICT))
    assert _rules(run, "status") == set()
    run.messages.append(_event("step_created", "step_1", error=_CONFLICT))
    assert _rules(run, "status") == {"error.recognised"}
