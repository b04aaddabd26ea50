"""The machine: what an event does to a state, and what it leaves alone."""

from __future__ import annotations

import pytest

from conformance.core import events
from conformance.memory.world import MemoryWorld
from conformance.spec.machine import State
from conformance.spec.vocabulary import Event, WorldError


def fold(*made: tuple[str, Event], now: int = 0) -> State:
    """A state, from events that all succeed."""
    state = State()
    for run_id, event in made:
        state.take(run_id, event, state.look_up(run_id, event, now=now).outcomes[0], now=now)
    return state


def running(run_id: str = "run") -> list[tuple[str, Event]]:
    return [(run_id, events.run_created("flow")), (run_id, events.run_started())]


def answer(state: State, event: Event, run_id: str = "run", now: int = 0) -> str:
    return state.look_up(run_id, event, now=now).outcomes[0].answer


def test_the_end_of_a_run_releases_its_hooks_and_no_others() -> None:
    state = fold(
        *running("run"),
        *running("other"),
        ("run", events.hook_created("mine", "a")),
        ("other", events.hook_created("theirs", "b")),
        ("run", events.run_completed("out")),
    )
    assert state.tokens == {"b": "theirs"}
    assert [hook.status for hook in state.hooks.values()] == ["disposed", "active"]


def test_a_token_that_is_free_again_can_be_taken() -> None:
    state = fold(
        *running(), ("run", events.hook_created("one", "token")), ("run", events.hook_disposed("one"))
    )
    assert state.tokens == {}
    assert answer(state, events.hook_created("two", "token")) == "ok"


def test_a_token_that_is_taken_gives_an_event_and_no_hook() -> None:
    state = fold(
        *running("run"),
        *running("other"),
        ("run", events.hook_created("one", "token")),
        ("other", events.hook_created("two", "token")),
    )
    assert state.log[-1] == ("other", "hook_conflict", "two")
    assert list(state.hooks) == ["one"]


def test_the_first_data_of_a_step_stay() -> None:
    state = fold(
        *running(),
        ("run", events.step_created("step", "work", "given")),
        ("run", events.step_started("step")),
        ("run", events.step_started("step")),
        ("run", events.step_completed("step", "result")),
    )
    step = state.steps["run", "step"]
    assert (step.status, step.attempt, step.input, step.output) == ("completed", 2, ["given"], "result")


def test_a_retry_has_its_time() -> None:
    retry = events.step_retrying("step", "no")
    retry["eventData"]["retryAfter"] = 1000
    state = fold(
        *running(),
        ("run", events.step_created("step", "work")),
        ("run", events.step_started("step")),
        ("run", retry),
    )
    assert answer(state, events.step_started("step"), now=999) == "too_early"
    assert answer(state, events.step_started("step"), now=1000) == "ok"
    assert answer(state, events.step_completed("step", 1), now=999) == "ok"


def test_starting_a_running_run_changes_nothing() -> None:
    state = fold(*running(), now=5)
    before = state.copy()
    row = state.look_up("run", events.run_started())
    state.take("run", events.run_started(), row.outcomes[0], now=6)
    assert state == before


def test_a_copy_is_another_state() -> None:
    state = fold(*running())
    copied = state.copy()
    assert (copied, copied.key()) == (state, state.key())
    copied.take("run", events.run_completed(1), copied.look_up("run", events.run_completed(1)).outcomes[0])
    assert copied != state
    assert copied.key() != state.key()
    assert state.runs["run"].status == "running"


def test_what_is_unknown_to_the_table_is_a_mistake_here() -> None:
    with pytest.raises(KeyError):
        State().look_up("run", {"eventType": "run_paused"})


@pytest.mark.parametrize(
    ("name", "status", "message", "answer"),
    [
        ("EntityConflictError", None, "", "conflict"),
        ("WorkflowAPIError", 409, "", "conflict"),
        ("RunExpiredError", None, "", "gone"),
        ("WorkflowAPIError", 410, "", "gone"),
        ("WorkflowAPIError", 404, "", "not_found"),
        ("StepNotFoundError", None, "", "not_found"),
        ("WorkflowWorldError", None, 'Step "step_1" not found', "not_found"),
        ("WorkflowWorldError", None, "something else", "unexpected"),
        ("TooEarlyError", None, "", "too_early"),
        ("WorkflowAPIError", 425, "", "too_early"),
        ("WorkflowAPIError", 500, "", "unexpected"),
        ("Error", None, "duplicate key value violates unique constraint", "unexpected"),
        # A name that says so counts more than a status that does not.
        ("EntityConflictError", 500, "", "conflict"),
    ],
)
def test_a_refusal_is_told_by_name_or_status(
    name: str, status: int | None, message: str, answer: str
) -> None:
    assert WorldError(name, message, status=status).answer == answer


def test_the_memory_world_begins_anew_after_a_reset() -> None:
    world = MemoryWorld()
    fresh = world.save()
    world.tick()
    world.log("error", "something")
    world.reset()
    assert world.save() == fresh
