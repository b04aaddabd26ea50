"""After a fault: what must hold all the same."""

from __future__ import annotations

from typing import Any

from conformance.core.faults import FaultKind
from conformance.oracle import check
from conformance.oracle.after_faults import after_faults
from conformance.oracle.control import Control
from conformance.oracle.seen import Observed, SeenLog, SeenMessage, SeenRun, SeenStep

_STEP = SeenStep("step1", "completed", 1, None)
_EVENTS = (
    ("run_created", ""),
    ("run_started", ""),
    ("step_created", "step1"),
    ("step_started", "step1"),
    ("step_completed", "step1"),
    ("run_completed", ""),
)
_CONTROL = Control(frozenset({(("run1", "completed"),)}), ())


def after(*faults: FaultKind, **more: Any) -> Observed:
    """A run that ended well, in spite of these."""
    run = SeenRun("run1", "completed", 0, None, _EVENTS, (_STEP,), (), ())
    outcome = Observed("handlers", False, (), (run,), (), (), (), (), (), (), True, faults=faults or ("die",))
    return outcome._replace(**more)


def rules(outcome: Observed) -> list[str]:
    return [finding.rule for finding in check(outcome, _CONTROL)]


def changed(**fields: Any) -> Observed:
    outcome = after()
    return outcome._replace(runs=(outcome.runs[0]._replace(**fields),))


def test_a_run_that_ends_as_its_control_is_right() -> None:
    assert rules(after()) == []


def test_it_must_end_and_as_its_control() -> None:
    assert rules(after(stuck=(("run1", "it waits for step1"),))) == ["run.no-hang"]
    assert rules(after(quiet=False)) == ["run.no-hang"]
    failed = changed(status="failed", events=(*_EVENTS[:-1], ("run_failed", "")))
    assert rules(failed) == ["run.ends-as-control"]


def test_what_is_half_done_shows_in_the_log() -> None:
    assert rules(changed(events=_EVENTS[:4] + _EVENTS[5:])) == ["log.folds"]
    assert "log.folds" in rules(changed(status="running"))


def test_a_second_cancellation_is_a_note_and_a_second_end_is_not() -> None:
    """Every replay passes over a run_cancelled after the first one, whoever asked again."""
    cancelled = (*_EVENTS[:-1], ("run_cancelled", ""), ("run_cancelled", ""))
    control = Control(frozenset({(("run1", "cancelled"),)}), ())
    run = after().runs[0]._replace(status="cancelled", events=cancelled)
    found = check(after()._replace(runs=(run,)), control)
    assert [(one.rule, one.severity) for one in found] == [("run.cancelled-event-once", "should")]
    both = (*_EVENTS, ("run_cancelled", ""))
    assert "run.terminal-once" in rules(changed(events=both))


def test_a_token_that_two_logs_have_is_not_right_whoever_holds_it() -> None:
    """A died before it logged that it gave the token back; then another run claimed it."""
    first = SeenRun("run1", "running", 0, None, _EVENTS[:2], (), (), (), held=("token1",))
    runs = (first, first._replace(name="run2"))
    found = {
        owner: [one.text for one in after_faults(after(runs=runs, owners=(("token1", owner),)), None)]
        for owner in ("run1", "run2", "")
    }
    assert found == {
        "run1": ["token1 is held by run1; by the log of run2 that run has it, too"],
        "run2": ["token1 is held by run2; by the log of run1 that run has it, too"],
        "": ["token1 is held by nobody; its owner is run1"],
    }


def test_events_that_are_there_twice() -> None:
    for event, rule in {
        ("step_completed", "step1"): "step.terminal-once",
        ("run_completed", ""): "run.terminal-once",
        ("step_created", "step1"): "step.created-once",
    }.items():
        assert rules(changed(events=(*_EVENTS, event))) == [rule]
    assert rules(changed(events=(*_EVENTS, ("step_started", "step1")))) == []


def test_a_hook_that_outlives_its_run() -> None:
    assert rules(changed(hooks=(("hook1", "token1"),))) == ["hook.released-at-end"]


def test_a_step_that_is_continued_twice() -> None:
    message = SeenMessage("race", "workflow", "run1", "", "step_completed", "step1", False, "A")
    assert rules(after(messages=(message,))) == []
    assert rules(after(messages=(message, message))) == ["continuation.twice"]


def test_error_lines_count_unless_a_connection_broke() -> None:
    line = SeenLog("race", "A", "error", "world", "it went wrong", False)
    assert rules(after("die", logs=(line,))) == ["logs.error-line"]
    assert rules(after("die", "cut", logs=(line,))) == []
    assert rules(after("restart", failed=(("failed", "ECONNRESET"),))) == []


def test_an_error_that_ends_the_process_is_noted() -> None:
    line = SeenLog("race", "A", "error", "process", "uncaughtException: the connection ended", False)
    assert rules(after("lose", logs=(line,))) == ["logs.uncaught-error"]
