"""Replaying a log: from what happened, where the workflow stands now. Pure, and fast.

As in the real runtime, the log is walked in order and each event is offered to the call site with its
id. The walk reads ahead for as long as call sites take what comes; then the results that were taken are
handed to the workflow one at a time, and whatever call sites its reaction opens let the walk go on.
When nothing is left to hand over, the outcome is there: the workflow is finished, or the log is used up
and it suspends, or the next event fits nowhere and the replay diverges.

What follows from it, duplicates included:

- A second ``step_created``, ``step_started``, ``step_retrying``, ``wait_created`` or ``hook_created``
  of an open call site is taken without effect (a second ``wait_created`` moves the time).
- After ``step_completed``, ``step_failed``, ``wait_completed`` or ``hook_disposed`` the call site is
  closed: *any* later event with its id, so also a duplicate of these, fits nowhere and diverges.
- ``hook_received`` may come many times and is kept until someone awaits it.
- An event that its call site finds strange (another step's name, another kind) diverges when it is read,
  even if what was read before would have finished the workflow.
- A workflow that has returned or raised is finished: what fits nowhere after that is not looked at.
- Disposing of a hook that someone waits for suspends the workflow as soon as it has nothing else to
  do, before the consumer gives up on an event that nobody takes: then that event is not looked at.

Events of the run itself are passed over. The real consumer takes only ``run_created`` and
``run_started``, and would diverge at a terminal event; the workflow handler never replays a log that
has one, so passing over it only serves the checks, which replay finished logs.

``tests/handlers/real_replays.json`` holds what the real runtime made of some hundred logs, whole and spoiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from conformance.handlers.context import Context
from conformance.handlers.ids import Ids
from conformance.handlers.outcome import (
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
from conformance.handlers.pending import Task
from conformance.handlers.sites import DivergenceError
from conformance.handlers.workflow import Workflow
from conformance.spec.clock import millis
from conformance.spec.vocabulary import Entity, Event


def replay(
    workflow: Workflow, run: Entity, events: Sequence[Event], now: float, ids: Ids | None = None
) -> Outcome:
    """Replay ``events`` (a log in listing order) of ``run`` (its entity, started) at ``now`` (ms).

    ``run`` needs ``runId``, ``workflowName``, ``startedAt`` and ``input`` (a list of arguments). The
    outcome depends on ``now`` only in the ``resume_at`` of sleeps that the log does not know yet. ``ids`` are
    those of the run when the real runtime drew them.
    """
    started_at = millis(run.get("startedAt"))
    if started_at is None:
        return Threw("Error", f'Workflow run "{run["runId"]}" has no "startedAt" timestamp')
    ctx = Context(ids or Ids.of_run(run["runId"], run["workflowName"], started_at), now)
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


def _walk(ctx: Context, main: Task, events: Sequence[Event]) -> Outcome:
    deferred = ctx.open.deferred
    at = 0
    _react(ctx.ready)
    while not main.settled:
        try:
            at = _read_ahead(ctx, events, at)
        except _StrangeError as strange:
            return Diverged(strange.reason, strange.event)
        one = deferred.next()
        if one is None or one.target is None:
            break
        one.target.settle(one.value, one.error)
        _react(ctx.ready)
    items = ctx.open.items
    if main.error is not None:
        return Threw(*describe(main.error), tuple(items.values()))
    if main.settled:
        return Completed(main.value, tuple(items.values()))
    if at < len(events) and not ctx.open.abandoned:
        event = events[at]
        return Diverged(f"no call site waits for {event['eventType']} of {event.get('correlationId')}", event)
    return _suspended(items.values())


class _StrangeError(Exception):
    def __init__(self, reason: str, event: Event) -> None:
        super().__init__(reason)
        self.reason = reason
        self.event = event


def _read_ahead(ctx: Context, events: Sequence[Event], at: int) -> int:
    """Take events for as long as open call sites want them; the place of the first that nobody wants."""
    sites = ctx.open.sites
    while at < len(events):
        event = events[at]
        if not event["eventType"].startswith("run_"):
            key = event.get("correlationId")
            site = sites.get(key) if key is not None else None
            if site is None or key is None:
                return at
            try:
                if site.take(event, at):
                    del sites[key]
            except DivergenceError as reason:
                raise _StrangeError(str(reason), event) from None
        at += 1
    return at


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
