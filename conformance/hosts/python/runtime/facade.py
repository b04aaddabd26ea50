"""The World that the runtime is given: the World under test of whichever actor is running, with each of its
operations reported to the engine, and with a queue that delivers nothing by itself.

The runtime keeps one World for a process, so this one object looks up the actor at each operation.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from vercel.workflow._internal import world as models

from ..calls import Call, current_call
from ..failures import describe
from ..gates import Gates
from ..vercel import answer_of, event_of, plain
from ..wire import Channel
from .adapter import answered_below, wire_event
from .errors import said

#: Pages with more behind them that one call may read. A run of the suite has a few hundred events.
_MOST_PAGES = 200


class EndlessPagesError(Exception):
    """A World promises more, page after page."""


class Facade(models.World):
    """``worlds`` has a ``vercel.workflow`` World for each actor."""

    def __init__(self, channel: Channel, gates: Gates, worlds: dict[str, models.World]) -> None:
        self._channel = channel
        self._gates = gates
        self._worlds = worlds
        self._numbers = 0
        self._messages = 0
        #: the handlers that the runtime made, by prefix of the queue
        self.handlers: dict[str, Callable[..., Awaitable[Any]]] = {}

    def _world(self) -> models.World:
        call = current_call()
        return next(iter(self._worlds.values())) if call is None else self._worlds[call.actor]

    # -- reported to the engine -----------------------------------------------------------------

    async def _reported(
        self, op: str, args: list[Any], asked: Callable[[], Awaitable[Any]], shown: Callable[[Any], Any]
    ) -> Any:
        call = current_call()
        if call is None:
            return await asked()  # nobody waits for what a delivery left behind
        self._numbers += 1
        about = {"call": call.number, "actor": call.actor, "number": self._numbers}
        self._channel.send({"type": "operation_begun", **about, "op": op, "args": args})
        answered_below.set(None)
        try:
            value = await asked()
        except Exception as error:
            self._answered(call, about, {"error": describe(said(error), stacks=call.stacks)})
            raise
        below = answered_below.get()
        self._answered(call, about, {"value": shown(value) if below is None else below})
        return value

    def _answered(self, call: Call, about: dict[str, Any], what: dict[str, Any]) -> None:
        if not call.finished:
            self._channel.send({"type": "operation_ended", **about, **what})

    async def events_create(self, run_id: str | None, data: Any) -> Any:
        world = self._world()
        return await self._reported(
            "events.create",
            [run_id, wire_event(data)],
            lambda: world.events_create(run_id, data),
            answer_of,
        )

    async def events_list(self, run_id: str, *, pagination: models.PaginationOptions | None = None) -> Any:
        world = self._world()
        asked = {} if pagination is None else pagination.model_dump(by_alias=True, exclude_none=True)

        async def read() -> Any:
            page = await world.events_list(run_id, pagination=pagination)
            self._count(page)
            return page

        return await self._reported(
            "events.list",
            [{"runId": run_id, "pagination": asked}],
            read,
            lambda page: {
                "data": [event_of(event) for event in page.data],
                "cursor": page.cursor,
                "hasMore": page.has_more,
            },
        )

    def _count(self, page: Any) -> None:
        """The runtime reads on for as long as there is more: pages that never end are refused here."""
        call = current_call()
        if call is None or not page.has_more:
            return
        call.pages += 1
        if call.pages > _MOST_PAGES:
            raise EndlessPagesError(f"events.list promised more after each of {call.pages} pages")

    async def runs_get(self, run_id: str) -> Any:
        world = self._world()
        return await self._reported("runs.get", [run_id], lambda: world.runs_get(run_id), plain)

    async def steps_get(self, run_id: str, step_id: str) -> Any:
        world = self._world()
        return await self._reported(
            "steps.get", [run_id, step_id], lambda: world.steps_get(run_id, step_id), plain
        )

    async def hooks_get_by_token(self, token: str) -> Any:
        world = self._world()
        return await self._reported(
            "hooks.getByToken", [token], lambda: world.hooks_get_by_token(token), plain
        )

    # -- the queue is the engine's --------------------------------------------------------------

    async def queue(
        self,
        queue_name: str,
        message: Any,
        *,
        deployment_id: str | None = None,
        idempotency_key: str | None = None,
        **more: Any,
    ) -> str:
        call = current_call()
        if call is None:
            raise RuntimeError(f"a message for {queue_name} was queued by no delivery")
        options: dict[str, Any] = {"deploymentId": deployment_id, "idempotencyKey": idempotency_key}
        options["delaySeconds"] = more.get("delay_seconds")
        queued = {
            "type": "message_queued",
            "call": call.number,
            "actor": call.actor,
            "queue": queue_name,
            "payload": message.model_dump(by_alias=True, exclude_none=True),
            "options": {name: value for name, value in options.items() if value is not None},
        }
        await self._gates.queues(call, lambda: self._channel.send(queued))
        self._messages += 1
        return f"msg_host_{self._messages}"

    def create_queue_handler(self, queue_name_prefix: str, handler: Any) -> Any:
        self.handlers[queue_name_prefix] = handler

        async def nobody_calls(_request: Any) -> Any:
            return models.HTTPResponse(404, b"", {})

        return nobody_calls

    # -- as the World has it --------------------------------------------------------------------

    async def get_deployment_id(self) -> str:
        try:
            return await self._world().get_deployment_id()
        except ValueError:  # a World that reads it from the environment of a deployment
            return "conformance"

    def get_environment(self) -> str | None:
        return self._world().get_environment()

    async def run_key(self, run_id: str, *, deployment_id: str | None = None) -> bytes | None:
        return await self._world().run_key(run_id, deployment_id=deployment_id)

    async def streams_write(self, run_id: str, name: str, chunk: bytes) -> None:
        await self._world().streams_write(run_id, name, chunk)

    async def streams_close(self, run_id: str, name: str) -> None:
        await self._world().streams_close(run_id, name)

    def streams_get(
        self, run_id: str, name: str, start_index: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        return self._world().streams_get(run_id, name, start_index)

    async def streams_list(self, run_id: str) -> list[str]:
        return await self._world().streams_list(run_id)

    async def streams_get_chunks(self, run_id: str, name: str, **page: Any) -> models.StreamChunksPage:
        return await self._world().streams_get_chunks(run_id, name, **page)

    async def streams_get_info(self, run_id: str, name: str) -> models.StreamInfo:
        return await self._world().streams_get_info(run_id, name)
