"""Replaying logs: what each event does, and which logs do not fit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.handlers import WORKFLOWS, Completed, Context, Diverged, Suspended, Threw, Workflow, replay
from conformance.handlers.ids import Ids
from conformance.handlers.outcome import HookItem, Outcome, StepItem, WaitItem
from conformance.spec.clock import date
from conformance.spec.vocabulary import Event, Json
from tests.handlers.stage import Stage

STARTED = 1_000


def run_of(*args: Json, name: str = "flow") -> dict[str, Any]:
    return {"runId": "wrun_1", "workflowName": name, "startedAt": STARTED, "input": list(args)}


def ids(*kinds: str) -> list[str]:
    """The ids that the first call sites of these kinds draw."""
    walk = Ids.of_run("wrun_1", "flow", STARTED)
    return [walk.draw(kind) for kind in kinds]  # type: ignore[arg-type]


def event(kind: str, about: str | None = None, **data: Any) -> Event:
    return {"eventType": kind, "correlationId": about, "eventData": data, "eventId": f"evnt_{kind}"}


def played(name: str, *args: Json, events: list[Event], now: float = 5_000) -> Outcome:
    return replay(WORKFLOWS[name], run_of(*args), events, now)


def test_an_empty_log_suspends_at_the_first_call_sites() -> None:
    step, other = ids("step", "step")
    wanted = Suspended(steps=(StepItem(step, "work", [0, "x"]), StepItem(other, "work", [1, "x"])))
    assert played("fan_out", 2, "x", events=[]) == wanted


def test_steps_carry_the_workflow_on_in_the_order_of_the_log() -> None:
    one, other = ids("step", "step")
    log = [event("run_created"), event("run_started"), event("step_created", one), event("step_started", one)]
    assert played("sequence", 2, events=log) == Suspended(steps=(StepItem(one, "work", [0, None], True),))
    log += [event("step_completed", one, result="first"), event("step_completed", other, result="second")]
    assert played("sequence", 2, events=log) == Completed(["first", "second"])


def test_a_failed_step_throws_into_the_workflow() -> None:
    (step,) = ids("step")
    for error in ("it broke", {"message": "it broke"}):
        log = [event("step_failed", step, error=error)]
        assert played("failing_step", events=log) == Threw("FatalError", "it broke")
    caught = played("failing_step_caught", events=log)
    assert isinstance(caught, Suspended)
    assert caught.steps[0].args == ["it broke"]


def test_the_time_of_a_sleep_is_that_of_the_log_once_it_is_there() -> None:
    (wait,) = ids("wait")
    assert played("sleep_then_step", 1000, events=[]) == Suspended(waits=(WaitItem(wait, 6_000),))
    log = [event("wait_created", wait, resumeAt=date(4_000))]
    assert played("sleep_then_step", 1000, events=log) == Suspended(waits=(WaitItem(wait, 4_000, True),))
    log += [event("wait_completed", wait, resumeAt=date(4_000))]
    assert isinstance(played("sleep_then_step", 1000, events=log), Suspended)
    log[-1] = event("wait_completed", wait, resumeAt=date(4_001))
    assert isinstance(played("sleep_then_step", 1000, events=log), Diverged)
    log[-1] = event("wait_completed", wait)  # worlds may keep no data of it
    assert isinstance(played("sleep_then_step", 1000, events=log), Suspended)


def test_payloads_are_kept_until_someone_waits() -> None:
    async def flow(ctx: Context) -> Json:
        hook = ctx.hook("token")
        await ctx.step("work")
        return [await hook, await hook]

    hook, step = ids("hook", "step")
    log = [event("hook_received", hook, payload=1), event("step_completed", step, result=None)]
    outcome = replay(Workflow(flow), run_of(), log, 0)
    assert outcome == Suspended(hooks=(HookItem(hook, "token"),))
    log.append(event("hook_received", hook, payload=2))
    assert replay(Workflow(flow), run_of(), log, 0) == Completed([1, 2], (HookItem(hook, "token"),))


def test_a_hook_is_disposed_of_once() -> None:
    hook, step, last = ids("hook", "step", "step")
    log = [event("hook_created", hook, token="t"), event("step_completed", step, result=1)]
    suspended = played("hook_or_step", "t", events=log)
    assert isinstance(suspended, Suspended)
    assert suspended.disposals == (HookItem(hook, "t", True, True),)
    log.append(event("hook_disposed", hook))
    assert played("hook_or_step", "t", events=log) == Suspended(steps=(StepItem(last, "last", [0, 1]),))


def test_a_taken_token_throws_where_the_hook_is_awaited() -> None:
    hook, step = ids("hook", "step")
    log = [event("hook_conflict", hook, token="t")]
    suspended = played("hook_taken", "t", "p", events=log)
    assert suspended == Suspended(steps=(StepItem(step, "work", ["HookConflictError", "p"]),))
    assert isinstance(played("hook_only", "t", events=log), Threw)


@pytest.mark.parametrize("kind", ["step_created", "step_started", "step_retrying"])
def test_duplicates_at_an_open_call_site_are_shrugged_off(kind: str) -> None:
    (step,) = ids("step")
    log = [event("step_created", step), event(kind, step), event(kind, step)]
    assert isinstance(played("sequence", 1, events=log), Suspended)


@pytest.mark.parametrize("kind", ["step_created", "step_started", "step_completed", "step_failed"])
def test_whatever_comes_after_the_end_of_a_step_fits_nowhere(kind: str) -> None:
    (step,) = ids("step")
    log = [event("step_completed", step, result=1), event(kind, step, error="late")]
    diverged = played("sequence", 2, events=log)
    assert isinstance(diverged, Diverged)
    assert diverged.event is log[1]
    # Unless the workflow is finished by then: nobody looks at the rest.
    assert played("sequence", 1, events=log) == Completed([1])


@pytest.mark.parametrize(
    "log",
    [
        [event("step_created", "step_of_another_start")],
        [event("step_created", None)],
        [event("step_created", ids("step")[0], stepName="another")],
        [event("wait_completed", ids("step")[0])],
    ],
)
def test_logs_of_something_else_diverge(log: list[Event]) -> None:
    assert isinstance(played("sequence", 1, events=log), Diverged)


def test_a_hook_of_another_token_diverges() -> None:
    (hook,) = ids("hook")
    assert isinstance(played("hook_only", "t", events=[event("hook_created", hook, token="u")]), Diverged)
    assert isinstance(played("hook_only", "t", events=[event("step_created", hook)]), Diverged)
    disposed = [event("hook_disposed", hook), event("hook_received", hook, payload=1)]
    assert isinstance(played("hook_only", "t", events=disposed), Diverged)


def test_a_terminal_event_is_passed_over() -> None:
    (step,) = ids("step")
    log = [event("step_completed", step, result=1), event("run_completed", output=[1])]
    assert played("sequence", 1, events=log) == Completed([1])


def test_a_run_without_its_start_cannot_be_replayed() -> None:
    outcome = replay(WORKFLOWS["empty"], {**run_of(), "startedAt": None}, [], 0)
    assert isinstance(outcome, Threw)


_ARGS: dict[str, st.SearchStrategy[list[Json]]] = {
    "sequence": st.lists(st.integers(0, 4), min_size=1, max_size=1),
    "fan_out": st.lists(st.integers(0, 4), min_size=1, max_size=1),
    "fan_out_then": st.lists(st.integers(1, 3), min_size=1, max_size=1),
    "sleeps": st.lists(st.integers(1, 3), min_size=1, max_size=1),
    "retrying_step": st.lists(st.integers(0, 6), min_size=1, max_size=1),
    "leaves_step": st.lists(st.integers(0, 3), min_size=1, max_size=1),
    "sleep_and_step": st.just([500]),
    "hook_or_step": st.just(["t"]),
    "leaves_hooks": st.just([["t", "u"]]),
}


@given(data=st.data(), name=st.sampled_from(sorted(_ARGS)))
def test_every_snapshot_of_a_real_log_can_be_replayed(data: st.DataObject, name: str) -> None:
    stage = Stage()
    args = data.draw(_ARGS[name])
    run_id = stage.start(name, *args)
    assert stage.drain()
    run = stage.run(run_id)
    log = stage.driver.world.events[run_id]
    for length in range(len(log) + 1):
        outcome = replay(WORKFLOWS[name], run, log[:length], stage.runtime.now(stage.suite))
        assert not isinstance(outcome, Diverged)
        assert outcome == replay(WORKFLOWS[name], run, log[:length], stage.runtime.now(stage.suite))
    if isinstance(outcome, Completed):
        assert (run["status"], run["output"]) == ("completed", outcome.output)
    else:
        assert isinstance(outcome, Threw)
        assert (run["status"], run["error"]["message"]) == ("failed", outcome.message)
