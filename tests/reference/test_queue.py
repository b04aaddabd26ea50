"""The queues of the reference worlds: keys, delays, leases."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from tests.needs import stores

from .stores import STORES

pytestmark = pytest.mark.parametrize("world", stores(sorted(STORES)), indirect=True)


def _name() -> str:
    return f"__wkf_step_{uuid.uuid4().hex}"


async def _in_time(world: Any, name: str) -> dict[str, Any]:
    """The next message, when it is due."""
    async with asyncio.timeout(10):
        while (message := await world.take(name)) is None:
            await asyncio.sleep(0.01)
    found: dict[str, Any] = message
    return found


def test_a_message_is_delivered_until_it_is_done(world: Any, loop: asyncio.Runner) -> None:
    async def check() -> None:
        name, body = _name(), {"runId": "r", "bytes": b"\0\xff"}
        sent = await world.queue(name, body)
        assert await world.take(_name()) is None
        first = await world.take(name, lease_seconds=60)
        assert first == {"messageId": sent["messageId"], "message": body, "attempt": 1}
        assert await world.take(name) is None
        await world.again(name, first["messageId"], 0)
        again = await world.take(name, lease_seconds=0.01)
        assert again is not None
        assert again["attempt"] == 2
        third = await _in_time(world, name)
        assert third["attempt"] == 3
        await world.done(name, third["messageId"])
        assert await world.take(name) is None

    loop.run(check())


def test_delay(world: Any, loop: asyncio.Runner) -> None:
    async def check() -> None:
        name = _name()
        await world.queue(name, "late", {"delaySeconds": 60})
        assert await world.take(name) is None
        await world.queue(name, "soon", {"delaySeconds": 0.05})
        assert (await _in_time(world, name))["message"] == "soon"

    loop.run(check())


def test_a_key_is_one_message_until_that_is_done(world: Any, loop: asyncio.Runner) -> None:
    async def check() -> None:
        name = _name()
        ids = await asyncio.gather(*(world.queue(name, n, {"idempotencyKey": "k"}) for n in range(4)))
        assert len({sent["messageId"] for sent in ids}) == 1
        other = await world.queue(name, 5, {"idempotencyKey": "other"})
        assert other not in ids
        elsewhere = await world.queue(_name(), 6, {"idempotencyKey": "k"})
        assert elsewhere not in ids
        await world.done(name, ids[0]["messageId"])
        anew = await world.queue(name, 7, {"idempotencyKey": "k"})
        assert anew not in ids

    loop.run(check())


def test_without_a_key_each_is_a_message(world: Any, loop: asyncio.Runner) -> None:
    async def check() -> None:
        name = _name()
        ids = await asyncio.gather(*(world.queue(name, 1) for _ in range(4)))
        assert len({sent["messageId"] for sent in ids}) == 4
        taken = await asyncio.gather(*(world.take(name) for _ in range(5)))
        assert len({message["messageId"] for message in taken if message}) == 4

    loop.run(check())
