"""Many callers at once, on two instances of a world: one of them wins.

The suite proper tries the interleavings one by one; this is the crude version, for quick feedback.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from conformance.spec.vocabulary import WorldError
from tests.needs import stores

from .stores import ALL, make_world

Open = Callable[[], Any]
_CROWD = 12


@pytest.fixture(params=stores(sorted(ALL)))
def pair(request: pytest.FixtureRequest, options: Callable[[str], dict[str, Any]]) -> Open:
    """``async with pair() as worlds``: two instances on one store."""
    given = options(request.param)

    @asynccontextmanager
    async def opened() -> AsyncIterator[list[Any]]:
        worlds = [make_world(request.param, **given) for _ in range(2)]
        await asyncio.gather(*(world.open() for world in worlds))
        yield worlds
        for world in worlds:
            await world.close()

    return opened


async def _crowd(worlds: list[Any], run_id: str, *events: dict[str, Any]) -> Counter[str]:
    """How often each answer was given; ``ok`` or the kind of refusal."""

    async def one(number: int) -> str:
        try:
            value = await worlds[number % 2].events_create(run_id, events[number % len(events)])
        except WorldError as error:
            return error.answer
        return str((value.get("event") or {}).get("eventType", "again"))

    return Counter(await asyncio.gather(*(one(number) for number in range(_CROWD))))


async def _begin(world: Any, *events: dict[str, Any]) -> str:
    data = {"deploymentId": "d", "workflowName": "w", "input": 1}
    made = await world.events_create(None, {"eventType": "run_created", "eventData": data})
    run_id: str = made["run"]["runId"]
    for event in events:
        await world.events_create(run_id, event)
    return run_id


def _event(kind: str, key: str | None = None, **data: Any) -> dict[str, Any]:
    event: dict[str, Any] = {"eventType": kind}
    return event | ({"correlationId": key} if key else {}) | ({"eventData": data} if data else {})


_START = _event("run_started")
_STEP = _event("step_created", "s", stepName="n", input=1)


def test_a_run_starts_once_and_ends_once(pair: Open) -> None:
    async def check() -> None:
        async with pair() as worlds:
            run_id = await _begin(worlds[0])
            assert await _crowd(worlds, run_id, _START) == {"run_started": 1, "again": _CROWD - 1}
            ends = (_event("run_completed", output=1), _event("run_failed", error="e"))
            answers = await _crowd(worlds, run_id, *ends)
            assert answers["conflict"] == _CROWD - 1
            log = (await worlds[0].events_list({"runId": run_id}))["data"]
            assert len(log) == 3
            status = (await worlds[1].runs_get(run_id))["status"]
            assert log[-1]["eventType"] == f"run_{status}"

    asyncio.run(check())


def test_a_run_is_made_once(pair: Open) -> None:
    async def check() -> None:
        async with pair() as worlds:
            data: dict[str, Any] = {"deploymentId": "d", "workflowName": "w", "input": 1}
            made, started = _event("run_created", **data), _event("run_started", **data)
            run_id = f"wrun_{uuid.uuid4().hex}"
            answers = await _crowd(worlds, run_id, made, started)
            assert answers["run_started"] == 1
            assert set(answers) <= {"run_started", "again", "conflict", "run_created"}
            log = (await worlds[0].events_list({"runId": run_id}))["data"]
            assert [event["eventType"] for event in log] == ["run_created", "run_started"]

    asyncio.run(check())


def test_every_start_of_a_step_counts_and_one_ends_it(pair: Open) -> None:
    async def check() -> None:
        async with pair() as worlds:
            run_id = await _begin(worlds[0], _START)
            assert await _crowd(worlds, run_id, _STEP) == {"step_created": 1, "conflict": _CROWD - 1}
            assert await _crowd(worlds, run_id, _event("step_started", "s")) == {"step_started": _CROWD}
            assert (await worlds[0].steps_get(run_id, "s"))["attempt"] == _CROWD
            ends = (_event("step_completed", "s", result=1), _event("step_failed", "s", error="e"))
            assert (await _crowd(worlds, run_id, *ends))["conflict"] == _CROWD - 1

    asyncio.run(check())


def test_a_token_has_one_owner_and_none_after_the_end(pair: Open) -> None:
    async def check() -> None:
        async with pair() as worlds:
            token = uuid.uuid4().hex
            runs = [await _begin(world, _START) for world in worlds * 4]

            async def claim(number: int, run_id: str) -> str:
                event = _event("hook_created", f"h_{run_id}", token=token)
                made = await worlds[number % 2].events_create(run_id, event)
                return str(made["event"]["eventType"])

            answers = Counter(await asyncio.gather(*(claim(n, run_id) for n, run_id in enumerate(runs))))
            assert answers == {"hook_created": 1, "hook_conflict": len(runs) - 1}
            owner = (await worlds[0].hooks_get_by_token(token))["runId"]
            mixed = (_event("run_completed", output=1), _event("hook_created", "late", token=f"{token}2"))
            await _crowd(worlds, owner, *mixed)
            assert (await worlds[0].hooks_list({"runId": owner}))["data"] == []
            other = next(run_id for run_id in runs if run_id != owner)
            for name in (token, f"{token}2"):
                event = _event("hook_created", f"again_{name}", token=name)
                assert (await worlds[1].events_create(other, event))["hook"]["token"] == name

    asyncio.run(check())


def test_a_wait_is_over_once(pair: Open) -> None:
    async def check() -> None:
        async with pair() as worlds:
            run_id = await _begin(worlds[0], _START, _event("wait_created", "w", resumeAt=0))
            answers = await _crowd(worlds, run_id, _event("wait_completed", "w"))
            assert answers == {"wait_completed": 1, "conflict": _CROWD - 1}

    asyncio.run(check())
