"""Each reference world does, one call after the other, what the table says."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.spec.machine import State
from conformance.spec.table import Outcome, event_types
from conformance.spec.vocabulary import WorldError
from conformance.world import World

_RUNS = ("a", "b")
_PAST, _FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_numbers = itertools.count()


_PAYLOADS = st.sampled_from([b"\0bytes\xff", "text", [1, {"a": None}], {}, 7])
_ERROR = st.just({"error": {"message": "broken"}})
_DATA: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "run_completed": st.fixed_dictionaries({"output": _PAYLOADS}),
    "run_failed": _ERROR,
    "step_failed": _ERROR,
    "step_created": st.fixed_dictionaries({"stepName": st.just("s"), "input": _PAYLOADS}),
    "step_completed": st.fixed_dictionaries({"result": _PAYLOADS}),
    "step_retrying": st.fixed_dictionaries(
        {"error": st.just("again")}, optional={"retryAfter": st.sampled_from([_PAST, _FUTURE])}
    ),
    "hook_created": st.fixed_dictionaries({"token": st.sampled_from(["one", "two"]), "metadata": _PAYLOADS}),
    "hook_received": st.fixed_dictionaries({"payload": _PAYLOADS}),
    "wait_created": st.just({"resumeAt": _PAST}),
}


@st.composite
def events(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """``(run, event)``; runs are begun more often than they are ended, so that there is something to see."""
    kinds = sorted(event for event in event_types(4) if not event.startswith("run_"))
    kind = draw(st.sampled_from([*kinds * 2, "run_started", "run_completed", "run_failed", "run_cancelled"]))
    event: dict[str, Any] = {"eventType": kind}
    if not kind.startswith("run_"):
        event["correlationId"] = f"{kind[:4]}_{draw(st.integers(0, 1))}"
    if kind in _DATA:
        event["eventData"] = draw(_DATA[kind])
    return draw(st.sampled_from(_RUNS)), event


def _named(event: dict[str, Any], run_id: str, mark: str) -> dict[str, Any]:
    """Tokens are shared by the runs of one example, ids are the run's own."""
    event = dict(event)
    if "correlationId" in event:
        event["correlationId"] = f"{event['correlationId']}_{run_id}"
    if event["eventType"] == "hook_created":
        event["eventData"] = event["eventData"] | {"token": f"{event['eventData']['token']}-{mark}"}
    return event


async def _answer(world: Any, run_id: str, event: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    try:
        value = await world.events_create(run_id, event)
    except WorldError as error:
        return error.answer, {}
    conflict = (value.get("event") or {}).get("eventType") == "hook_conflict"
    return "hook_conflict" if conflict else "ok", value


async def _missing(reading: Any) -> bool:
    try:
        await reading
    except WorldError as error:
        return error.answer == "not_found"
    return False


async def _same(world: Any, state: State, run_id: str, tokens: set[str]) -> None:
    """What can be read of a run is what the machine holds."""
    run = await world.runs_get(run_id)
    kept = state.runs[run_id]
    assert run["status"] == kept.status
    assert run.get("output") == kept.output
    assert ("completedAt" in run) == (kept.status in ("completed", "failed", "cancelled"))
    listed = {step["stepId"]: step for step in (await world.steps_list({"runId": run_id}))["data"]}
    for (run_of, step_id), step in state.steps.items():
        if run_of == run_id:
            found = await world.steps_get(run_id, step_id)
            assert found == listed.pop(step_id)
            assert (found["status"], found["attempt"]) == (step.status, step.attempt)
            assert found.get("output") == step.output
            assert ("startedAt" in found) == (step.attempt > 0)
    assert not listed
    hooks = {hook["hookId"] for hook in (await world.hooks_list({"runId": run_id}))["data"]}
    live = {key for key, hook in state.hooks.items() if hook.run_id == run_id and hook.status == "active"}
    assert hooks == live
    for hook_id, hook in state.hooks.items():
        if hook.status == "active":
            assert (await world.hooks_get(hook_id))["token"] == hook.token
        else:
            assert await _missing(world.hooks_get(hook_id))
    for token in tokens:
        if token in state.tokens:
            assert (await world.hooks_get_by_token(token))["hookId"] == state.tokens[token]
        else:
            assert await _missing(world.hooks_get_by_token(token))
    log = (await world.events_list({"runId": run_id}))["data"]
    assert [(event["eventType"], event.get("correlationId")) for event in log] == [
        (kind, key) for of, kind, key in state.log if of == run_id
    ]
    assert sorted(event["eventId"] for event in log) == [event["eventId"] for event in log]


async def _play(world: Any, program: list[tuple[str, dict[str, Any]]], draw_inputs: Any) -> None:
    mark = f"{uuid.uuid4().hex[:8]}{next(_numbers)}"
    runs = {name: f"wrun_{mark}{name}" for name in _RUNS}
    state, tokens = State(), set()
    for name in _RUNS:
        program = [
            (name, {"eventType": "run_created", "eventData": draw_inputs}),
            (name, {"eventType": "run_started"}),
            *program,
        ]
    for name, plain in program:
        run_id = runs[name]
        event = _named(plain, run_id, mark)
        if event["eventType"] == "hook_created":
            tokens.add(event["eventData"]["token"])
        row = state.look_up(run_id, event, now=time.time() * 1000)
        answer, value = await _answer(world, run_id, event)
        outcomes = row.outcomes
        hook = state.hooks.get(event.get("correlationId", ""))
        if event["eventType"] == "hook_created" and hook is not None and hook.status == "disposed":
            outcomes = (*outcomes, Outcome("conflict"))  # it was there, whoever holds the token now
        fitting = [outcome for outcome in outcomes if outcome.answer == answer]
        assert fitting, f"{event} on {run_id}: {answer}, not {row}"
        state.take(run_id, event, fitting[0], now=time.time() * 1000)
        assert ("event" in value) == fitting[0].logs
    for run_id in runs.values():
        await _same(world, state, run_id, tokens)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=st.lists(events(), max_size=25))
def test_one_after_the_other(
    world: Any, loop: asyncio.Runner, program: list[tuple[str, dict[str, Any]]]
) -> None:
    inputs = {"deploymentId": "d", "workflowName": "w", "input": b"\0\xff"}
    loop.run(_play(world, program, inputs))


def test_is_a_world(world: Any) -> None:
    assert isinstance(world, World)


def test_values_come_back_as_they_were(world: Any, loop: asyncio.Runner) -> None:
    """Bytes, dates, empty lists and objects, nulls, and keys that look like tags."""
    value = {"b": b"\0\xff", "e": [[], {}, None], "n": 1.5, "dots.and$": {"$a": 1}, "u": "ü\U0001f600"}

    async def check() -> None:
        data = {"deploymentId": "d", "workflowName": "w", "input": value, "executionContext": {"k": [1]}}
        made = await world.events_create(None, {"eventType": "run_created", "eventData": data})
        run_id = made["run"]["runId"]
        assert made["run"] == await world.runs_get(run_id)
        assert made["run"]["input"] == value
        assert made["run"]["createdAt"].tzinfo is not None
        (event,) = (await world.events_list({"runId": run_id}))["data"]
        assert event == made["event"]
        assert event["eventData"] == data

    loop.run(check())


def test_pages(world: Any, loop: asyncio.Runner) -> None:
    """Lists come in pages, forwards and backwards, each item once."""

    async def check() -> None:
        data = {"deploymentId": "d", "workflowName": "w", "input": 1}
        made = await world.events_create(None, {"eventType": "run_created", "eventData": data})
        run_id = made["run"]["runId"]
        for number in range(6):
            step = {"eventType": "step_created", "correlationId": f"s{number}"}
            await world.events_create(run_id, step | {"eventData": {"stepName": "s", "input": number}})
        for listing, key in ((world.events_list, "eventId"), (world.steps_list, "stepId")):
            whole = (await listing({"runId": run_id}))["data"]
            for order in ("asc", "desc"):
                found: list[Any] = []
                cursor, more = None, True
                while more:
                    asked = {"limit": 3, "sortOrder": order} | ({"cursor": cursor} if cursor else {})
                    page = await listing({"runId": run_id, "pagination": asked})
                    assert len(page["data"]) <= 3
                    found += page["data"]
                    cursor, more = page["cursor"], page["hasMore"]
                assert found == (whole if order == "asc" else whole[::-1])
                assert len({item[key] for item in found}) == len(found)

    loop.run(check())


def test_a_start_makes_the_run_that_was_lost(world: Any, loop: asyncio.Runner) -> None:
    async def check() -> None:
        run_id = f"wrun_{uuid.uuid4().hex}"
        data = {"deploymentId": "d", "workflowName": "w", "input": [1]}
        started = await world.events_create(run_id, {"eventType": "run_started", "eventData": data})
        assert started["run"]["status"] == "running"
        again = await world.events_create(run_id, {"eventType": "run_started", "eventData": data})
        assert again["run"]["startedAt"] == started["run"]["startedAt"]
        assert "event" not in again
        log = (await world.events_list({"runId": run_id}))["data"]
        assert [event["eventType"] for event in log] == ["run_created", "run_started"]

    loop.run(check())


def test_too_early_says_when(world: Any, loop: asyncio.Runner) -> None:
    async def check() -> None:
        data = {"deploymentId": "d", "workflowName": "w", "input": 1}
        run_id = (await world.events_create(None, {"eventType": "run_created", "eventData": data}))["run"][
            "runId"
        ]
        # Whole milliseconds, as every SDK keeps them: a fraction would be rounded up.
        soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=30)
        for kind, more in (
            ("step_created", {"stepName": "s", "input": 1}),
            ("step_started", None),
            ("step_retrying", {"error": "again", "retryAfter": soon}),
        ):
            event = {"eventType": kind, "correlationId": "s"} | ({"eventData": more} if more else {})
            await world.events_create(run_id, event)
        try:
            await world.events_create(run_id, {"eventType": "step_started", "correlationId": "s"})
        except WorldError as error:
            assert error.answer == "too_early"
            assert error.retry_after is not None
            assert 25 < error.retry_after <= 30
        else:
            raise AssertionError("the step could be started")

    loop.run(check())
