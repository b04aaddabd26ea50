"""A World that is somewhere else. The host sends each of its operations to the engine (``relay_call``). The
engine has it done in another host or in its own process, holds its gates, and sends the answer
(``relay_result``).

``relay_resumed`` says that the code that waited for an answer has run. The engine then knows what that code
did, before anything else goes ahead.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ..calls import Call, current_call
from ..clock import Clock
from ..wire import Channel

#: Code that never stops scheduling more of itself is not waited for.
_MOST_TURNS = 1000


class AnsweredError(Exception):
    """A refusal, as the engine says that it was."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error.get("message", ""))
        self.name = error.get("name", "Error")
        self.message = error.get("message", "")
        self.status = error.get("status")
        self.code = error.get("code")
        self.retry_after = error.get("retryAfter")
        self.cause = error.get("cause")


class Relay:
    """The operations that have no answer yet. One relay for a host, for all its actors."""

    def __init__(self, channel: Channel, clock: Clock) -> None:
        self._channel = channel
        self._clock = clock
        self._pending: dict[int, tuple[Call, asyncio.Future[Any]]] = {}
        self._numbers = 0

    async def relay_call(self, op: str, *args: Any) -> Any:
        """Have an operation done."""
        call = current_call()
        if call is None:
            raise RuntimeError(f"{op} was called outside a delivery")
        self._numbers += 1
        number = self._numbers
        call.begun()
        future = asyncio.get_running_loop().create_future()
        self._pending[number] = (call, future)
        self._send("relay_call", call, number, op=op, args=args)
        return await future

    def relay_result(self, message: dict[str, Any]) -> None:
        """The engine has the answer."""
        waiting = self._pending.pop(message["number"], None)
        if waiting is None:
            return
        call, future = waiting
        if future.done():
            pass  # a task group gave up waiting for it: as if it had been on its way
        elif "error" in message:
            future.set_exception(AnsweredError(message["error"]))
        else:
            future.set_result(message.get("value"))
        self._settle(call, message["number"], _MOST_TURNS)

    def _settle(self, call: Call, number: int, turns: int) -> None:
        loop: Any = asyncio.get_running_loop()
        if turns == _MOST_TURNS or (turns and loop._ready):  # somebody still has something to run
            loop.call_soon(self._settle, call, number, turns - 1)
            return
        self._send("relay_resumed", call, number)
        call.ended()

    def _send(self, kind: str, call: Call, number: int, **more: Any) -> None:
        about = {"call": call.number, "actor": call.actor, "number": number, "clock": self._clock.now}
        self._channel.send({"type": kind, **about, **more})


class RelayedWorld:
    """A ``conformance.world.World`` whose operations the engine has done elsewhere."""

    name = "relayed"
    version = ""

    def __init__(self, relay: Relay) -> None:
        self._relay_call = relay.relay_call

    async def events_create(self, run_id: str | None, event: dict[str, Any]) -> Any:
        return await self._relay_call("events.create", run_id, event)

    async def events_list(self, params: dict[str, Any]) -> Any:
        return await self._relay_call("events.list", params)

    async def runs_get(self, run_id: str) -> Any:
        return await self._relay_call("runs.get", run_id)

    async def steps_get(self, run_id: str, step_id: str) -> Any:
        return await self._relay_call("steps.get", run_id, step_id)

    async def steps_list(self, params: dict[str, Any]) -> Any:
        return await self._relay_call("steps.list", params)

    async def hooks_get(self, hook_id: str) -> Any:
        return await self._relay_call("hooks.get", hook_id)

    async def hooks_get_by_token(self, token: str) -> Any:
        return await self._relay_call("hooks.getByToken", token)

    async def hooks_list(self, params: dict[str, Any]) -> Any:
        return await self._relay_call("hooks.list", params)
