"""Replaying a log: from what happened, where the workflow stands now. Pure, and fast.

The real events consumer walks the log in order and offers each event to the call sites that are open;
the workflow reacts to each result before the next one is handed to it (its delivery barriers see to
that), and an event that nobody takes once all reactions are done is a divergence. Here that is said
directly: one event, all reactions, next event.

What follows from it, duplicates included:

- A second ``step_created``, ``step_started``, ``step_retrying``, ``wait_created`` or ``hook_created``
  of an open call site is taken without effect (a second ``wait_created`` moves the time).
- After ``step_completed``, ``step_failed``, ``wait_completed`` or ``hook_disposed`` the call site is
  closed: *any* later event with its id, so also a duplicate of these, fits nowhere and diverges.
- ``hook_received`` may come many times and is kept until someone awaits it.
- A workflow that has returned or raised is finished: what is left of the log is not looked at.

Events of the run itself are passed over. The real consumer takes only ``run_created`` and
``run_started``, and would diverge at a terminal event; the workflow handler never replays a log that
has one, so passing over it only serves the checks, which replay finished logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from conformance.model.clock import millis
from conformance.model.context import Context, DivergenceError
from conformance.model.ids import Ids
from conformance.model.outcome import (
    Completed,
    Diverged,
    HookItem,
    Item,
    Outcome,
    StepItem,
    Suspended,
    Threw,
    WaitItem,
    describe,
)
from conformance.model.pending import Task
from conformance.model.workflow import Workflow
from conformance.spec.events import Entity, Event


def replay(workflow: Workflow, run: Entity, events: Iterable[Event], now: float) -> Outcome:
    """Replay ``events`` (a log in listing order) of ``run`` (its entity, started) at ``now`` (ms).

    ``run`` needs ``runId``, ``workflowName``, ``startedAt`` and ``input`` (a list of arguments). The
    outcome depends on ``now`` only in the ``resume_at`` of sleeps that the log does not know yet.
    """
    started_at = millis(run.get("startedAt"))
    if started_at is None:
        return Threw("Error", f'Workflow run "{run["runId"]}" has no "startedAt" timestamp')
    ctx = Context(Ids(run["runId"], run["workflowName"], started_at), now)
    main = ctx.spawn(workflow.fn(ctx, *arguments(run)))
    try:
        return _walk(ctx, main, events)
    finally:
        for task in ctx.tasks:
            task.coroutine.close()


def arguments(run: Entity) -> Sequence[Any]:
    """The arguments a run was started with: its input, which is a list; anything else is one argument."""
    given = run.get("input")
    if given is None:
        return ()
    return given if isinstance(given, list) else (given,)


def _walk(ctx: Context, main: Task, events: Iterable[Event]) -> Outcome:
    sites = ctx.sites
    ready = ctx.ready
    for event in events:
        if ready:
            _react(ready)
        if main.settled:
            break
        kind: str = event["eventType"]
        if kind.startswith("run_"):
            continue
        key = event.get("correlationId")
        site = sites.get(key) if key is not None else None
        if site is None:
            return Diverged(f"no call site waits for {kind} of {key}", event)
        try:
            closed = site.take(event, ctx.items)
        except DivergenceError as reason:
            return Diverged(str(reason), event)
        if closed and key is not None:
            del sites[key]
    _react(ready)
    if not main.settled:
        return _suspended(ctx.items.values())
    if main.error is not None:
        return Threw(*describe(main.error), tuple(ctx.items.values()))
    return Completed(main.value, tuple(ctx.items.values()))


def _react(ready: list[Task]) -> None:
    """Run every branch that something was settled for, first come, first served."""
    at = 0
    while at < len(ready):
        ready[at].push()
        at += 1
    ready.clear()


def _suspended(items: Iterable[Item]) -> Suspended:
    steps: list[StepItem] = []
    hooks: list[HookItem] = []
    waits: list[WaitItem] = []
    for item in items:
        if isinstance(item, StepItem):
            steps.append(item)
        elif isinstance(item, HookItem):
            hooks.append(item)
        else:
            waits.append(item)
    return Suspended(tuple(steps), tuple(hooks), tuple(waits))
