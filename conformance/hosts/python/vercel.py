"""Worlds of PyPI's ``vercel-workflow`` (``vercel.workflow._internal.world.World``) behind our protocol.

Their methods take and give pydantic models and want payloads as bytes; ours are the SDK's JSON shapes with
any payload. What they lack is made from what they have: steps and hooks of a run are found through its log,
and lists are cut into pages here, because their own local world takes no limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Any

from .calls import Call, current_call, enter_call
from .failures import UnsupportedError
from .wire import dumps, loads

#: Payload fields of ``eventData``; the models have them as bytes.
_PAYLOADS = ("input", "output", "result", "payload", "metadata")
#: Marks a payload that was not bytes when it came.
_MARK = b"\0json"
#: What a queue message of theirs can say.
_WORKFLOW_FIELDS = frozenset({"runId", "stepId", "stepName"})


class NotFoundError(Exception):
    """This line of worlds says it with a bare ``RuntimeError("… not found")``."""

    status = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.name = "WorkflowWorldError"
        self.message = message


@dataclass(frozen=True, slots=True)
class _Request:
    work: Coroutine[Any, Any, Any]
    call: Call | None
    done: asyncio.Future[Any]


class VercelWorld:
    """One ``vercel.workflow`` world as ``conformance.world.World``."""

    def __init__(self, inner: Any) -> None:
        from vercel.workflow._internal import world as models  # noqa: PLC0415 - slow to import - only where it is installed

        self.inner = inner
        self._models = models
        self.name = f"vercel-workflow:{type(inner).__name__}"
        self.version = _version()
        self.spec_version = int(models.SPEC_VERSION_CURRENT)
        # The SDK has one world per process, and parts of it ask for that one.
        models.set_world(inner)
        self._requests: asyncio.Queue[_Request] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None

    async def events_create(self, run_id: str | None, event: dict[str, Any]) -> dict[str, Any]:
        """Take one event; the world's own errors are passed on as they are."""
        data = event.get("eventData")
        if isinstance(data, dict):
            packed = {key: _pack(value) if key in _PAYLOADS else value for key, value in data.items()}
            event = {**event, "eventData": packed}
        return answer_of(
            await _said(self.inner.events_create(run_id, self._models.EventAdaptor.from_wire(event)))
        )

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        asked = params.get("pagination", {})
        options = self._models.PaginationOptions(sort_order=asked.get("sortOrder") or "asc")
        found = await _said(self.inner.events_list(params["runId"], pagination=options))
        return _page([event_of(event) for event in found.data], asked, "eventId")

    async def runs_get(self, run_id: str) -> Any:
        return plain(await _said(self.inner.runs_get(run_id)))

    async def steps_get(self, run_id: str, step_id: str) -> Any:
        return plain(await _said(self.inner.steps_get(run_id, step_id)))

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        events = (await self.events_list({"runId": params["runId"]}))["data"]
        ids = [event["correlationId"] for event in events if event["eventType"] == "step_created"]
        steps = [await self.steps_get(params["runId"], step_id) for step_id in dict.fromkeys(ids)]
        return _page(steps, params.get("pagination", {}), "stepId")

    async def hooks_get_by_token(self, token: str) -> Any:
        return plain(await _said(self.inner.hooks_get_by_token(token)))

    async def hooks_list(self, params: dict[str, Any]) -> dict[str, Any]:
        events = (await self.events_list({"runId": params["runId"]}))["data"]
        hooks = []
        for token in dict.fromkeys(
            e["eventData"]["token"] for e in events if e["eventType"] == "hook_created"
        ):
            try:
                hook = await self.hooks_get_by_token(token)
            except self._models.HookNotFoundError:
                continue  # disposed, which is what the list leaves out
            if hook["runId"] == params["runId"]:
                hooks.append(hook)
        return _page(hooks, params.get("pagination", {}), "hookId")

    async def queue(self, name: str, message: Any, options: dict[str, Any] | None = None) -> dict[str, Any]:
        if not (isinstance(message, dict) and "runId" in message):
            raise UnsupportedError("A message without a runId is none that vercel-workflow can queue.")
        given = options or {}
        kept = {key: value for key, value in message.items() if key in _WORKFLOW_FIELDS}
        payload = self._models.QueuePayloadAdaptor.from_wire(kept)
        delay = {"delay_seconds": given["delaySeconds"]} if given.get("delaySeconds") else {}
        key = given.get("idempotencyKey")
        sending = self.inner.queue(name, payload, idempotency_key=key, **delay)
        return {"messageId": await self._in_one_task(sending)}

    async def close(self) -> None:
        close = getattr(self.inner, "aclose", None)
        if close is not None:
            await self._in_one_task(close())
        if self._worker is not None:
            self._worker.cancel()

    async def _in_one_task(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Their embedded queue lives in a task group, which has to be left by the task that entered it."""
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        request = _Request(work, current_call(), asyncio.get_running_loop().create_future())
        self._requests.put_nowait(request)
        return await request.done

    async def _work(self) -> None:
        while True:
            request = await self._requests.get()
            enter_call(request.call)
            try:
                request.done.set_result(await request.work)
            except Exception as error:
                request.done.set_exception(error)


async def _said(asked: Awaitable[Any]) -> Any:
    """The answer, with this line's way of saying that something is missing put into words of the SDK's."""
    try:
        return await asked
    except RuntimeError as error:
        if "not found" in str(error):
            raise NotFoundError(str(error)) from error
        raise


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - slow to import

    return version("vercel-workflow")


def _pack(value: Any) -> bytes:
    return value if isinstance(value, bytes) else _MARK + dumps({"value": value})


def _unpack(value: Any) -> Any:
    packed = isinstance(value, bytes) and value.startswith(_MARK)
    return loads(value[len(_MARK) :])["value"] if packed else value


def answer_of(result: Any) -> dict[str, Any]:
    """What ``events.create`` answered, in the SDK's JSON shape."""
    parts = ("run", "step", "hook", "wait")
    answer = {name: plain(getattr(result, name)) for name in parts if getattr(result, name) is not None}
    if result.event is not None:
        answer["event"] = event_of(result.event)
    return answer


def plain(model: Any) -> Any:
    """A model as the SDK's JSON shape: camelCase, unset fields left out, payloads as they came."""
    if not hasattr(model, "model_dump"):
        return model
    fields: dict[str, Any] = model.model_dump(by_alias=True, exclude_none=True)
    return {key: _unpack(value) if key in _PAYLOADS else value for key, value in fields.items()}


def event_of(event: Any) -> dict[str, Any]:
    """An event of the log, with what the World added to it."""
    wire: dict[str, Any] = plain(event)
    if event.server_props is not None:
        wire |= event.server_props.model_dump(by_alias=True, exclude_none=True)
    if isinstance(wire.get("eventData"), dict):
        wire["eventData"] = {key: _unpack(value) for key, value in wire["eventData"].items()}
    return wire


def _page(found: list[Any], asked: dict[str, Any], key: str) -> dict[str, Any]:
    ids = [item[key] for item in found]
    start = ids.index(asked["cursor"]) + 1 if asked.get("cursor") in ids else 0
    limit = asked.get("limit") or 1000
    shown = found[start : start + limit]
    more = len(found) > start + limit
    return {"data": shown, "hasMore": more, "cursor": shown[-1][key] if shown else None}
