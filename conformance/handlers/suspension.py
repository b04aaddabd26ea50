"""The suspension handler: make everything a suspended replay has asked for, and queue its steps.

The runtime makes the hooks of a suspension in parallel, then the disposals, then steps and waits in
parallel. Here they are made one after another, in the order in which the requests go out. That is one of the
real orders: nothing says when the requests of a parallel batch arrive, so each may have been answered
before the next one reached the world. What it leaves out are orders *within* one handler's batch;
those touch different entities (each call site has an id of its own), so between two handlers every
pair of creations still meets in both orders. When one of a batch fails, the others have already been
sent; so the rest is made too, and the first error is raised at the end of the batch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from math import ceil
from typing import TypeVar

from conformance.core.history import Message
from conformance.handlers.job import End, Job, sends
from conformance.handlers.outcome import HookItem, StepItem, Suspended, WaitItem
from conformance.spec.clock import date, millis
from conformance.spec.vocabulary import Entity, WorldError

T = TypeVar("T")


class _DropRestError(Exception):
    """A broken handler leaves after a conflict (policy ``drop_rest``)."""


async def suspend(job: Job, run: Entity, suspended: Suspended) -> End:
    """Record and queue what the replay waits for. Waits and hook conflicts ask for another delivery."""
    conflicts: list[str] = []

    async def make_hook(item: HookItem) -> None:
        if not item.has_created and await _hook_conflicts(job, item):
            conflicts.append(item.id)

    async def make_other(item: WaitItem | StepItem) -> None:
        if isinstance(item, StepItem):
            if not item.has_created:
                await _create_step(job, item)
            await _queue_step(job, run, item)
        elif not item.has_created:
            await _create_wait(job, item)

    try:
        await _batch(suspended.hooks, make_hook)
        await _batch(suspended.disposals, lambda item: _dispose(job, item))
        # One batch in the runtime too, in which the requests of the waits go out first: a step's
        # arguments are put in order before it is asked for.
        others: list[WaitItem | StepItem] = [*suspended.waits, *suspended.steps]
        await _batch(others, make_other)
    except _DropRestError:
        return End("suspended:dropped")
    if conflicts and job.policy.hook_conflict_wakes:
        return End("suspended", 0.0, conflicts[0])
    if suspended.waits:
        nearest = min(suspended.waits, key=lambda wait: wait.resume_at)
        left = max(1000.0, nearest.resume_at - job.now())
        return End("suspended", float(ceil(left / 1000)), nearest.id)
    return End("suspended")


async def _batch(items: Sequence[T], make: Callable[[T], Awaitable[None]]) -> None:
    first: WorldError | None = None
    for item in items:
        try:
            await make(item)
        except WorldError as error:
            first = first or error
    if first is not None:
        raise first


async def _hook_conflicts(job: Job, item: HookItem) -> bool:
    """Create a hook; True when its token is held elsewhere (the replay must see the event for that)."""
    data = {"token": item.token, "isWebhook": False}
    try:
        answer = await job.create({"eventType": "hook_created", "correlationId": item.id, "eventData": data})
    except WorldError as error:
        kind = job.answer(error)
        if kind == "conflict":
            _lost_creation(job, "Hook already exists, continuing", error)
            return False
        if kind == "gone":
            job.lost("Workflow run already completed, skipping hook", error)
            return False
        raise
    event = answer.get("event") or {}
    return bool(event.get("eventType") == "hook_conflict")


async def _dispose(job: Job, item: HookItem) -> None:
    data = {"token": item.token}
    try:
        await job.create({"eventType": "hook_disposed", "correlationId": item.id, "eventData": data})
    except WorldError as error:
        if job.answer(error) not in ("conflict", "gone", "not_found"):
            raise
        job.lost("Hook already disposed, or its run finished", error)


async def _create_step(job: Job, item: StepItem) -> None:
    """Create a step, if no other handler has. The runtime does not expect a finished run here: raised."""
    data = {"stepName": item.name, "workflowName": job.workflow_name, "input": item.args}
    try:
        await job.create({"eventType": "step_created", "correlationId": item.id, "eventData": data})
    except WorldError as error:
        if job.answer(error) != "conflict":
            raise
        _lost_creation(job, "Step already exists, continuing", error)


async def _create_wait(job: Job, item: WaitItem) -> None:
    data = {"resumeAt": date(item.resume_at)}
    try:
        await job.create({"eventType": "wait_created", "correlationId": item.id, "eventData": data})
    except WorldError as error:
        if job.answer(error) != "conflict":
            raise
        _lost_creation(job, "Wait already exists, continuing", error)


def _lost_creation(job: Job, text: str, error: WorldError) -> None:
    on_conflict = job.policy.on_created_conflict
    if on_conflict == "raise":
        raise error
    job.lost(text, error)
    if on_conflict == "drop_rest":
        raise _DropRestError


async def _queue_step(job: Job, run: Entity, item: StepItem) -> None:
    """Queue the step, whoever created it: the key keeps a second message from being delivered."""
    started_at = millis(run.get("startedAt"))
    body = {
        "workflowName": job.workflow_name,
        "workflowRunId": job.run_id,
        "workflowStartedAt": started_at,
        "stepId": item.id,
        "stepName": item.name,  # in the runtime the name of the queue says it
    }
    await sends(job.actor)
    job.queue.send(
        Message(
            "",
            "step",
            job.run_id,
            step_id=item.id,
            key=item.id if job.policy.step_key else None,
            origin="suspension",
            about=item.id,
            actor=job.actor.name,
            body=body,
        )
    )
