"""Continuations: from the answers at level storage, from the messages at level handlers."""

from __future__ import annotations

import pytest

from conformance.oracle.continuation import continuation
from conformance.oracle.control import Control
from conformance.oracle.seen import Observed, SeenMessage, SeenRun, SeenStep
from conformance.spec.vocabulary import Answer
from tests.oracle.build import observed, seen


def rules(outcome: Observed, control: Control | None = None) -> list[str]:
    return [finding.rule for finding in continuation(outcome, control)]


def message(origin: str, step: str = "step1", *, queue: str = "workflow", **more: object) -> SeenMessage:
    made = SeenMessage("race", queue, "run1", step if queue == "step" else "", origin, step, False, "A")
    return made._replace(**more)  # type: ignore[arg-type]


# -- from answers -----------------------------------------------------------------------------------


def test_one_winner_of_a_step_queues_one_continuation() -> None:
    won, lost = seen("A", "step_completed", "step1"), seen("B", "step_completed", "step1", "conflict")
    assert rules(observed((won, lost))) == []


def test_two_winners_queue_two_and_none_queues_none() -> None:
    for kinds in (("step_completed", "step_completed"), ("step_completed", "step_failed")):
        both = tuple(seen(actor, kind, "step1") for actor, kind in zip("AB", kinds, strict=True))
        assert rules(observed(both)) == ["continuation.twice"]
        none = tuple(call._replace(answer="conflict") for call in both)
        assert rules(observed(none)) == ["continuation.lost"]


def test_nobody_need_win_what_was_over() -> None:
    again = seen("A", "step_completed", "step1", "conflict")
    assert rules(observed((seen("-", "step_completed", "step1", phase="given"), again))) == []
    assert rules(observed((seen("-", "run_completed", phase="given"), again))) == []
    retried = seen("B", "step_retrying", "step1")
    assert rules(observed((again, retried))) == []


def test_a_wait_and_a_run_have_one_winner_too() -> None:
    for kind, entity in (("wait_completed", "wait1"), ("run_completed", "")):
        assert rules(observed((seen("A", kind, entity), seen("B", kind, entity)))) == ["continuation.twice"]


def test_losers_of_a_wait_go_on_when_they_are_told_a_conflict() -> None:
    conflict = seen("A", "wait_completed", "wait1", "conflict")
    assert rules(observed((conflict,))) == []
    refused = conflict._replace(answer="not_found")
    created = seen("-", "wait_created", "wait1", phase="given")
    assert rules(observed((created, refused))) == ["continuation.lost"]
    assert rules(observed((refused,))) == [], "nobody knew of such a wait"
    ended = seen("-", "run_completed", phase="given")
    assert rules(observed((ended, conflict._replace(answer="not_found")))) == []


def test_somebody_must_get_to_run_a_run() -> None:
    refused = tuple(seen(actor, "run_started", "", "conflict") for actor in "AB")
    assert rules(observed(refused)) == ["continuation.lost"]
    assert rules(observed((refused[0], refused[1]._replace(answer="ok")))) == []
    assert rules(observed((seen("-", "run_completed", phase="given"), *refused))) == []


def test_a_raw_error_on_a_creation_stops_everyone() -> None:
    failed = tuple(seen(actor, "step_created", "step1", "unexpected") for actor in "AB")
    assert rules(observed(failed)) == ["continuation.lost"]


@pytest.mark.parametrize("answer", ["unexpected", "misshapen", "gone"])
def test_a_run_that_has_ended_is_not_stuck_whatever_a_late_starter_gets(answer: Answer) -> None:
    """The error is a finding of its own; nobody waits for the run any more."""
    done = (seen("A", "run_started"), seen("A", "run_completed"))
    late = seen("B", "run_started", "", answer)
    assert rules(observed((seen("-", "run_completed", phase="given"), late))) == []
    assert rules(observed((*done, late))) == []


def test_whoever_finished_a_step_goes_on_for_its_late_starters() -> None:
    late = seen("B", "step_started", "step1", "unexpected")
    assert rules(observed((seen("A", "step_completed", "step1"), late))) == []
    assert rules(observed((late,))) == ["continuation.lost"]


# -- from messages ----------------------------------------------------------------------------------


def handlers(*calls: object, messages: tuple[SeenMessage, ...] = (), **more: object) -> Observed:
    made = observed(tuple(calls))  # type: ignore[arg-type]
    return made._replace(level="handlers", messages=messages, **more)  # type: ignore[arg-type]


def test_a_finished_step_queues_one_continuation() -> None:
    done = seen("A", "step_completed", "step1")
    assert rules(handlers(done, messages=(message("step_completed"),))) == []
    assert rules(handlers(done)) == ["continuation.lost"]
    assert rules(handlers(done, messages=(message("step_completed"),) * 2)) == ["continuation.twice"]


def test_a_redundant_replay_is_no_second_continuation() -> None:
    done = seen("A", "step_completed", "step1")
    messages = (message("step_completed"), message("step_started:conflict"), message("recovery"))
    assert rules(handlers(done, messages=messages)) == []


def test_what_the_prefix_finished_is_not_counted() -> None:
    assert rules(handlers(seen("-", "step_completed", "step1", phase="given"))) == []


def test_a_step_is_queued_once_for_execution() -> None:
    queued = message("suspension", queue="step")
    assert rules(handlers(messages=(queued, queued._replace(absorbed=True)))) == []
    assert rules(handlers(messages=(queued, queued))) == ["continuation.twice"]


def test_whoever_asks_for_a_step_queues_it() -> None:
    won, lost = seen("A", "step_created", "step1"), seen("B", "step_created", "step1", "conflict")
    mine, other = (
        message("suspension", queue="step"),
        message("suspension", queue="step", actor="B", absorbed=True),
    )
    assert rules(handlers(won, lost, messages=(mine, other))) == []
    assert rules(handlers(won, lost, messages=(mine,))) == ["continuation.lost"]
    gone = lost._replace(answer="gone")
    assert rules(handlers(won, gone, messages=(mine,))) == []
    # A delivery that failed is made again.
    assert rules(handlers(won, lost, messages=(mine,), failed=(("failed", "Error: no"),))) == []


def test_a_step_that_was_created_and_never_queued_is_waited_for_in_vain() -> None:
    assert set(rules(handlers(seen("A", "step_created", "step1")))) == {"continuation.lost"}


def test_no_body_runs_for_a_run_that_had_ended() -> None:
    assert rules(handlers(bodies=(("step1", 1, 0),))) == []
    assert rules(handlers(bodies=(("step1", 1, 1),))) == ["body.after-end"]


def test_bodies_run_as_often_as_without_a_race_or_as_attempts_were_counted() -> None:
    control = Control(frozenset(), (("step1", 1),))
    run = SeenRun("run1", "completed", 0, None, (), (SeenStep("step1", "completed", 1, None),), ())
    twice = handlers(bodies=(("step1", 2, 0),), runs=(run,))
    assert rules(twice, control) == ["body.as-control"]
    counted = run._replace(steps=(SeenStep("step1", "completed", 2, None),))
    assert rules(twice._replace(runs=(counted,)), control) == []
    assert rules(twice) == []
