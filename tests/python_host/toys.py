"""Small worlds for the tests of the Python host. Loaded by path, as a user's file would be."""

# What os offers is what has to be held:
# ruff: noqa: PTH105, PTH118, PTH123, PTH208
from __future__ import annotations

import asyncio
import logging
import os
import random
import secrets
import tempfile
import time
import uuid
from datetime import UTC, date, datetime
from typing import Any

from conformance.spec.vocabulary import conflict
from conformance.world import gate

_log = logging.getLogger("toy")


class Toy:
    """Declares its gates; its operations are named like real ones so that the wire's names fit."""

    name = "toy"
    version = "1.2.3"
    spec_version = 2

    def __init__(self, greeting: str = "hello") -> None:
        self._greeting = greeting
        self._done: list[str] = []
        self.closed = False

    async def open(self) -> None:
        async with gate("handshake"):
            self._done.append("opened")
        self._heart = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        """What goes on in the background must change nothing."""
        while True:
            async with gate("heartbeat"):
                await asyncio.sleep(0.0005)
            time.time()
            random.random()
            uuid.uuid4()

    async def _io(self, label: str) -> None:
        async with gate(label, "write", [label]):
            await asyncio.sleep(0.001)
            self._done.append(label)

    async def runs_get(self, run_id: str) -> Any:
        """Two operations, one after the other."""
        await self._io(f"{run_id}1")
        await self._io(f"{run_id}2")
        return {"runId": run_id, "done": self._done, "greeting": self._greeting}

    async def steps_list(self, _params: Any) -> Any:
        """Three at once, and the first of them is followed by another."""

        async def first() -> None:
            await self._io("a")
            await self._io("a2")

        await asyncio.gather(first(), self._io("b"), self._io("c"))
        return self._done

    async def hooks_get(self, _hook_id: str) -> Any:
        """A group of tasks: one fails, and the others are given up while they wait for their turn."""

        async def failing() -> None:
            await self._io("fails")
            raise conflict("it failed")

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(failing())
                group.create_task(self._io("given up"))
                group.create_task(self._io("given up as well"))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def hooks_get_by_token(self, token: str) -> Any:
        _log.info("asked for a token")
        _log.error("no such token")
        await self._io("token")
        raise conflict(f"{token} is taken, see redis://user:secret@host/1")

    async def hooks_list(self, _params: Any) -> Any:
        raise KeyError("driver")

    async def events_create(self, run_id: str | None, event: Any) -> Any:
        """Gives back what came, and leaves a straggler behind it."""
        straggler = asyncio.create_task(self._io("straggler"))
        await asyncio.sleep(0)
        self._straggler = straggler
        return {"run": run_id, "event": event}

    async def events_list(self, _params: Any) -> Any:
        """All that time and chance have to say."""
        return [
            time.time(),
            time.time_ns(),
            datetime.now(UTC),
            datetime.now(UTC).timestamp(),
            datetime.utcnow().isoformat(),
            date.today().isoformat(),
            time.gmtime()[:6],
            random.random(),
            random.Random().random(),
            os.urandom(4),
            secrets.token_hex(4),
            uuid.uuid4().hex,
            uuid.uuid1().hex[:8],
            next(tempfile._get_candidate_names()),  # type: ignore[attr-defined]
        ]

    async def close(self) -> None:
        print("closed")


class Failing:
    def __init__(self) -> None:
        raise ValueError("cannot reach redis://user:secret@host/1")


class Network:
    """No declared gates: a client of an echo server, with two connections."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        self._streams = [await asyncio.open_connection("127.0.0.1", self._port) for _ in range(2)]

    async def _ask(self, which: int, *lines: str) -> str:
        reader, writer = self._streams[which]
        for line in lines:  # several writes, one request
            writer.write(line.encode())
        return (await reader.readline()).decode().strip()

    async def runs_get(self, run_id: str) -> Any:
        return [await self._ask(0, run_id, " one", "\n"), await self._ask(0, f"{run_id} two\n")]

    async def steps_list(self, _params: Any) -> Any:
        return await asyncio.gather(self._ask(0, "left\n"), self._ask(1, "right", "\n"))


class Files:
    """Synchronous files, one gate each."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    async def runs_get(self, run_id: str) -> Any:
        path = os.path.join(self._folder, run_id)
        with open(f"{path}.tmp", "w") as file:
            file.write(run_id)
        os.replace(f"{path}.tmp", path)
        with open(path) as file:
            return [file.read(), sorted(os.listdir(self._folder))]

    async def steps_list(self, _params: Any) -> Any:
        """A file by its number."""
        number = os.open(os.path.join(self._folder, "n"), os.O_WRONLY | os.O_CREAT)
        os.write(number, b"one")
        os.close(number)
        with os.fdopen(os.open(os.path.join(self._folder, "f"), os.O_WRONLY | os.O_CREAT), "w") as file:
            file.write("two")
