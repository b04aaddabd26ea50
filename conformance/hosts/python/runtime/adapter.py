"""A World of our own protocol as one of ``vercel-workflow``'s: the same store, said in its models.

With it that runtime runs over any ``conformance.world.World``, the correct ones that come with the suite
among them. So a defect of the runtime and a defect of one of its Worlds can be distinguished. It adds nothing
and guards nothing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextvars import ContextVar
from typing import Any

from vercel.workflow._internal import world as models

from .errors import as_vercel

#: What their models demand and a World of our protocol may leave out; the runtime looks at none of it.
_OF_HOOKS = {"ownerId": "", "projectId": "", "environment": ""}
_TIMES = ("updatedAt", "completedAt", "startedAt", "createdAt")
_ENDED = ("completed", "failed", "cancelled")

#: What the World below last answered in this task, in its own form, which is reported to the engine.
answered_below: ContextVar[Any] = ContextVar("answered_below", default=None)


class AdaptedWorld(models.World):
    """``inner`` is a ``conformance.world.World``."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def get_deployment_id(self) -> str:
        return "conformance"

    async def events_create(self, run_id: str | None, data: Any) -> models.EventResult:
        event = wire_event(data)
        try:
            answer = await self._inner.events_create(run_id, event)
        except Exception as error:
            raise as_vercel(error, event) from error
        answered_below.set(answer)
        return models.EventResult(
            event=_made(models.EventAdaptor, answer.get("event")),
            run=_made(models.WorkflowRunAdaptor, whole(answer.get("run"))),
            step=_made(models.WorkflowStepAdaptor, whole(answer.get("step"))),
            hook=answer.get("hook"),
            wait=answer.get("wait"),
        )

    async def events_list(
        self, run_id: str, *, pagination: models.PaginationOptions | None = None
    ) -> models.PaginatedResult[models.Event]:
        asked = {} if pagination is None else pagination.model_dump(by_alias=True, exclude_none=True)
        try:
            page = await self._inner.events_list({"runId": run_id, "pagination": asked})
        except Exception as error:
            raise as_vercel(error) from error
        answered_below.set(page)
        return models.PaginatedResult[models.Event].model_construct(
            data=[models.EventAdaptor.from_wire(event) for event in page["data"]],
            cursor=page.get("cursor"),
            has_more=bool(page.get("hasMore")),
        )

    async def runs_get(self, run_id: str) -> models.WorkflowRun:
        try:
            run = await self._inner.runs_get(run_id)
        except Exception as error:
            raise as_vercel(error) from error
        answered_below.set(run)
        return models.WorkflowRunAdaptor.from_wire(whole(run))

    async def steps_get(self, run_id: str, step_id: str) -> models.WorkflowStep:
        try:
            step = await self._inner.steps_get(run_id, step_id)
        except Exception as error:
            raise as_vercel(error) from error
        answered_below.set(step)
        return models.WorkflowStepAdaptor.from_wire(whole(step))

    async def hooks_get_by_token(self, token: str) -> models.Hook:
        try:
            hook = await self._inner.hooks_get_by_token(token)
        except Exception as error:
            raise as_vercel(error, token=token) from error
        answered_below.set(hook)
        return models.Hook.from_wire({**_OF_HOOKS, **(whole(hook) or {})})

    # The host takes the queue for itself, and no workflow of the suite's has a stream.

    async def queue(self, *args: Any, **named: Any) -> str:
        raise NotImplementedError

    def create_queue_handler(self, *args: Any) -> Any:
        raise NotImplementedError

    async def streams_write(self, run_id: str, name: str, chunk: bytes) -> None:
        raise NotImplementedError

    async def streams_close(self, run_id: str, name: str) -> None:
        raise NotImplementedError

    def streams_get(
        self, run_id: str, name: str, start_index: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        raise NotImplementedError

    async def streams_list(self, run_id: str) -> list[str]:
        raise NotImplementedError

    async def streams_get_chunks(self, run_id: str, name: str, **page: Any) -> models.StreamChunksPage:
        raise NotImplementedError

    async def streams_get_info(self, run_id: str, name: str) -> models.StreamInfo:
        raise NotImplementedError


def wire_event(data: Any) -> dict[str, Any]:
    """An event that is asked for, in the SDK's JSON shape."""
    event: dict[str, Any] = data.model_dump(by_alias=True, exclude_none=True)
    return event


def _made(adaptor: Any, wire: Any) -> Any:
    return None if wire is None else adaptor.from_wire(wire)


def whole(entity: dict[str, Any] | None) -> dict[str, Any] | None:
    """A run, step or hook with every field that their models demand."""
    if entity is None:
        return None
    last = next((entity[name] for name in _TIMES if entity.get(name) is not None), 0)
    times = {"createdAt": last, "updatedAt": last}
    if entity.get("status") in _ENDED:
        times["completedAt"] = last
    given = {name: value for name, value in entity.items() if value is not None}
    return {"deploymentId": "", **times, **given}
