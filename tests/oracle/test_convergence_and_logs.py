"""The rest of convergence (fold, replays, endings, hangs), quiet logs, and the control they are held to."""

from __future__ import annotations

import pytest

from conformance.oracle import CHECKS, Control, check
from conformance.oracle.convergence import convergence
from conformance.oracle.logs import logs
from conformance.oracle.seen import Observed, SeenLog
from tests.oracle.build import Outcome, observed, seen


def finished() -> Outcome:
    outcome = Outcome().running().given("step_created", "step1").given("step_started", "step1")
    outcome.call("A", "step_completed", "step1", value=1)
    outcome.call("A", "run_completed", value="out")
    return outcome


def rules(outcome: Observed, control: Control | None = None) -> set[str]:
    return {finding.rule for finding in convergence(outcome, control)}


def test_what_is_right_has_no_findings_in_any_check() -> None:
    right = finished().observed(level="handlers")
    assert [finding for finding in check(right, Control.of([right])) if finding.check != "continuation"] == []


def test_entities_are_the_fold_of_the_log() -> None:
    right = finished().observed()
    [run] = right.runs
    for spoiled in (
        run._replace(status="failed"),
        run._replace(events=run.events[:-1]),
        run._replace(steps=(run.steps[0]._replace(status="failed"),)),
        run._replace(events=tuple(event for event in run.events if event[0] != "step_completed")),
    ):
        assert "log.folds" in rules(right._replace(runs=(spoiled,)))


def test_the_first_of_two_ends_is_the_status() -> None:
    outcome = Outcome().running()
    outcome.call("A", "run_failed")
    [run] = outcome.runs()
    both = run._replace(events=(*run.events, ("run_completed", "")))
    assert "log.folds" not in rules(outcome.observed(runs=(both,)))


def test_results_in_the_log_are_those_of_the_entities() -> None:
    right = finished().observed()
    [run] = right.runs
    for results, wrong in (
        ((("step_completed", "step1", 1), ("run_completed", "", "out")), False),
        ((("step_completed", "step1", 2),), True),
        ((("run_completed", "", "another"),), True),
        # Of two events the first counts: that there are two is for the oracle to say.
        ((("step_completed", "step1", 1), ("step_completed", "step1", 2)), False),
        # A world may leave the data of events out of a listing.
        ((("step_completed", "step1", None),), False),
    ):
        found = rules(right._replace(runs=(run._replace(results=results),)))
        assert found == ({"log.folds"} if wrong else set()), results


def test_logs_that_cannot_be_replayed() -> None:
    right = finished().observed(replays=(("A", ""), ("B", "no call site waits for it")))
    assert rules(right) == {"log.replays"}


def test_what_cannot_be_read_back() -> None:
    assert rules(finished().observed(unreadable=(("run1", "Error"),))) == {"run.readable"}


def test_a_run_that_nobody_carries_on() -> None:
    assert rules(finished().observed(stuck=(("run1", "it waits for step1"),))) == {"run.no-hang"}
    assert rules(finished().observed(quiet=False)) == {"run.no-hang"}


def _running() -> Observed:
    return Outcome().running().observed(level="handlers")


def test_it_ends_as_without_a_race() -> None:
    right = finished().observed(level="handlers")
    failed = Outcome().running()
    failed.call("A", "run_failed")
    assert rules(right, Control.of([right])) == set()
    assert rules(failed.observed(level="handlers"), Control.of([right])) == {"run.ends-as-control"}
    assert rules(failed.observed(level="handlers"), Control.of([right, failed.observed()])) == set()
    assert rules(_running(), Control.of([right])) == {"run.no-hang"}


def test_at_level_storage_nobody_need_end_a_run() -> None:
    right = finished().observed()
    assert rules(_running()._replace(level="storage"), Control.of([right])) == set()


def test_two_runs_may_end_in_a_mixture_of_what_they_do_alone() -> None:
    """One hook, two runs: the race may give it to either, and the control shows both."""
    one = Outcome().running("run1").running("run2")
    one.call("A", "run_completed", value=1)
    other = Outcome().running("run1").running("run2")
    other.call("A", "run_completed", run="run2", value=1)
    control = Control.of([one.observed(), other.observed()])
    neither = Outcome().running("run1").running("run2").observed()
    assert rules(neither, control) == set()


# -- quiet logs -------------------------------------------------------------------------------------


def line(**more: object) -> SeenLog:
    made = SeenLog("race", "A", "error", "world", "no!", False)
    return made._replace(**more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("logged", "found"),
    [
        (line(), ["logs.error-line"]),
        (line(phase="drain"), ["logs.error-line"]),
        (line(origin="runtime"), ["logs.error-line"]),
        # What the prefix or the suite's own reading logs is not about a lost race.
        (line(phase="given"), []),
        (line(phase="read"), []),
        # The user's own exception is logged by design.
        (line(by_design=True), []),
        # The queue says that a delivery failed: counted as that.
        (line(origin="queue"), []),
    ],
)
def test_lines_at_error_level(logged: SeenLog, found: list[str]) -> None:
    assert [finding.rule for finding in logs(observed(())._replace(logs=(logged,)), None)] == found


def test_deliveries_that_failed() -> None:
    [finding] = logs(observed(())._replace(level="handlers", failed=(("failed", "ReplyError: no"),)), None)
    assert finding.rule == "logs.failed-delivery"
    assert "ReplyError: no" in finding.text


def test_at_level_storage_a_raw_error_would_fail_a_delivery() -> None:
    raw = seen("A", "run_completed", "", "unexpected", message="Error: 23505")
    assert [finding.rule for finding in logs(observed((raw,)), None)] == ["logs.failed-delivery"]
    assert logs(observed((raw._replace(phase="given"),)), None) == []
    assert logs(observed((raw,))._replace(level="handlers"), None) == []


def test_every_check_says_its_own_name() -> None:
    raw = seen("A", "step_completed", "step1", "unexpected", message="Error")
    wrong = observed((raw,))._replace(logs=(line(),))
    assert {finding.check for finding in check(wrong)} == set(CHECKS)
