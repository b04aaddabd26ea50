"""Verdicts over a correct world: what is red there is the runtime's, and is called so."""

from __future__ import annotations

import pytest

from conformance.core.scenario import Case
from conformance.search.budget import BUDGETS
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict
from tests.runtime.play import variant

from .conftest import Open


def _verdicts(opened: Open, world: str, name: str, token: str) -> dict[str, Verdict]:
    judge = Judge(opened(world).driver)
    return {one.check: one for one in judge.replay(variant(name), Case(), token, 2)}


@pytest.mark.parametrize("world", ["memory", "redis:reference"])
def test_a_conflict_on_step_completed_is_taken_for_an_error_of_the_body(opened: Open, world: str) -> None:
    """The loser asks for a retry of the step that is finished, which is refused, and its delivery fails."""
    token = {"memory": "A3B5A4", "redis:reference": "A2B3A2"}[world]
    found = _verdicts(opened, world, "6/step-message-twice", token)
    assert found["convergence"].outcome == "pass"
    assert found["continuation"].outcome == "pass"
    logs = found["logs"]
    assert (logs.outcome, logs.defect) == ("fail", "unhandled")
    assert "logs.failed-delivery" in logs.rules


def test_a_step_of_a_finished_run_fails_its_delivery_for_ever(opened: Open) -> None:
    found = _verdicts(opened, "memory", "4/cancel-suspension", "A5B2")
    assert (found["logs"].outcome, found["logs"].defect) == ("fail", "unhandled")
    assert (found["convergence"].outcome, found["convergence"].defect) == ("fail", "consequence")
    assert found["convergence"].rules == ("run.no-hang",)


@pytest.mark.parametrize("name", ["1/first-message-twice", "2/only-message-twice", "5/wake-up-twice"])
def test_a_correct_world_passes_where_the_runtime_is_right(opened: Open, name: str) -> None:
    driver, wanted = opened("memory").driver, variant(name)
    found = Judge(driver).judge(wanted, BUDGETS["quick"].limits(wanted, speed=driver.speed))
    assert [(one.check, one.outcome, one.reason) for one in found if one.outcome != "pass"] == []


def test_a_world_with_no_guard_between_processes_is_told_from_the_runtime(opened: Open) -> None:
    found = _verdicts(opened, "local", "1/first-message-twice", "AB32A33")
    assert (found["convergence"].outcome, found["convergence"].defect) == ("fail", "not-atomic")
    assert found["logs"].defect == "consequence"
