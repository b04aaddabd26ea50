"""Whose fault a run is that died: the runtime's where every log was true, else the World's."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.oracle import Control, check
from conformance.oracle.log_ids import SeenTwoThings
from conformance.oracle.log_reads import SeenRead
from conformance.oracle.seen import Observed, SeenLog

from .build import Outcome, seen

TWO = SeenTwoThings("run1", ("A", "step more"), ("B", "step last"), "step3")
READ = SeenRead("A", "run1", True, "saw step_created step2 and not step_created step1, which is before it")


def ended(kind: str, **more: object) -> Observed:
    outcome = Outcome().running()
    outcome.call("A", kind, value="x" if kind == "run_completed" else None)
    observed = outcome.observed()
    [run] = observed.runs
    return observed._replace(runs=(run._replace(**more),))  # type: ignore[arg-type]


DEAD = ended("run_failed", error_code="CORRUPTED_EVENT_LOG")
LIVED = Control.of([ended("run_completed")._replace(settled=True)])


def faults(observed: Observed, control: Control | None = LIVED) -> Counter[tuple[str, str, str]]:
    return Counter((one.rule, one.fault, one.severity) for one in check(observed, control))


def test_it_is_the_runtimes_where_every_log_was_a_prefix() -> None:
    assert faults(DEAD._replace(two_things=(TWO,))) == {
        ("id.one-thing", "runtime", "should"): 1,
        ("run.no-divergence", "runtime", "should"): 1,
        ("run.ends-as-control", "runtime", "should"): 1,
    }


def test_it_is_the_worlds_where_one_was_not() -> None:
    assert faults(DEAD._replace(two_things=(TWO,), misreads=(READ,))) == {
        ("log.prefix", "world", "must"): 1,
        ("id.one-thing", "world", "must"): 1,
        ("run.no-divergence", "world", "must"): 1,
        ("run.ends-as-control", "world", "must"): 1,
    }


@pytest.mark.parametrize(
    ("event", "more", "fault"),
    [
        ("run_cancelled", {}, "runtime"),
        ("run_cancelled", {"misreads": (READ,)}, "world"),
        ("step_started", {}, "world"),
    ],
)
def test_a_replay_that_takes_no_end_of_its_run_is_the_runtimes_error(
    event: str, more: dict[str, object], fault: str
) -> None:
    text = f"[Workflow] Error: Unconsumed event in event log: eventType={event}, correlationId=undefined"
    line = SeenLog("race", "A", "error", "runtime", text, by_design=False)
    observed = ended("run_cancelled")._replace(logs=(line,), **more)  # type: ignore[arg-type]
    found = [one.fault for one in check(observed, None) if one.rule == "logs.error-line"]
    assert found == [fault]


def test_it_is_the_worlds_where_the_world_broke_a_rule_of_its_own() -> None:
    observed = DEAD._replace(two_things=(TWO,))
    refused = seen("B", "run_failed", answer="unexpected", message="duplicate key")
    found = faults(observed._replace(calls=(*observed.calls, refused)))
    assert {fault for _, fault, _ in found} == {"world"}


def test_a_control_that_dies_is_a_failure_of_its_own() -> None:
    """With nothing racing there is nothing to compare with, and it is found all the same."""
    assert faults(DEAD._replace(in_order=True), None) == {("run.no-divergence", "runtime", "should"): 1}


@pytest.mark.parametrize("code", ["", "USER_ERROR"])
def test_a_run_that_fails_otherwise_has_not_diverged(code: str) -> None:
    assert faults(ended("run_failed", error_code=code), None) == {}


def test_an_output_that_the_control_does_not_have() -> None:
    other = ended("run_completed", output="y", results=())
    found = {one.rule for one in check(other._replace(settled=True), LIVED)}
    assert "run.output-agrees" in found
    assert "run.output-agrees" not in {one.rule for one in check(other, LIVED)}
    assert check(ended("run_completed")._replace(settled=True), LIVED) == []


def test_a_wrong_output_of_two_replays_is_the_runtimes() -> None:
    """The World keeps what it was given: the run that completed is as its event says."""
    outcome = Outcome().running()
    outcome.call("A", "run_completed", value="y")
    observed = outcome.observed(settled=True, two_things=(TWO,))
    assert faults(observed) == {
        ("id.one-thing", "runtime", "should"): 1,
        ("run.output-agrees", "runtime", "should"): 1,
    }
