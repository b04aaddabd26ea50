"""Deliveries, and the calls from outside that make messages: start, resume a hook, cancel, drain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from conformance.core.actor import Actor
from conformance.core.gates import Ended
from conformance.core.history import Delivery, Message
from conformance.core.starts import Take
from conformance.handlers.job import Job, continuation, sends
from conformance.handlers.queue import CapturedQueue
from conformance.handlers.runtime import Runtime
from conformance.handlers.step_executor import handle_step
from conformance.handlers.workflow_handler import handle_workflow
from conformance.spec.vocabulary import Entity, Json, WorldError, not_found

DEPLOYMENT = "conformance"


class DeliveryFaults(Protocol):
    """What a queue does wrong with the next delivery of a drain."""

    def pick(self, ready: Sequence[Message]) -> Message:
        """The message that is delivered, of those that may be (oldest first)."""

    def lateness(self) -> float:
        """By how many ms it comes late."""

    def delivered(self) -> bool:
        """It is over; true when its message is to come again all the same."""


async def deliver(actor: Actor, message: Message, queue: CapturedQueue, runtime: Runtime) -> Delivery:
    """Give a message to the handler it is for, on this actor.

    An error that escapes the handler fails the delivery: the queue logs it and delivers again. Ending
    the coroutine while it waits for a call is a crash of the handler: the message is visible again at
    once. Giving the same message to two actors is how a queue delivers twice.
    """
    history = actor.history
    queue.begin(message)
    delivery = Delivery(message, actor.name, history.phase, history.tick())
    history.deliveries.append(delivery)
    job = Job(actor, message, queue, runtime, delivery)
    try:
        end = await (handle_workflow(job) if message.queue == "workflow" else handle_step(job))
    except WorldError as error:
        delivery.failed = error
        delivery.outcome = "failed"
        await sends(actor)
        queue.fail(message, error, delivery)
    except Ended:
        delivery.outcome = "died"
        queue.lose(message)
        raise
    else:
        delivery.outcome = end.outcome
        if end.later is None:
            queue.finish(message)
        else:
            await sends(actor)
            queue.later(message, end.later, end.about, actor.name)
    finally:
        delivery.ended = history.tick()
    return delivery


async def start(
    actor: Actor,
    queue: CapturedQueue,
    workflow_name: str,
    arguments: Sequence[Json] = (),
    *,
    run_id: str | None = None,
) -> str:
    """Create a run and queue its first message; gives its id. Without ``run_id`` the world names it.

    The runtime does both at once; the run before the message is one of its orders.
    """
    data = {"deploymentId": DEPLOYMENT, "workflowName": workflow_name, "input": list(arguments)}
    answer = await actor.create(run_id, {"eventType": "run_created", "eventData": data})
    created: str = answer["run"]["runId"]
    await continuation(actor, queue, created, workflow_name, origin="start")
    return created


async def resume_hook(actor: Actor, queue: CapturedQueue, token: str, payload: Json) -> Entity:
    """Hand a payload to the hook that holds ``token``, and continue its run; gives the hook.

    Raises :class:`WorldError` as the caller of ``resumeHook`` would see it (not found, above all).
    """
    hook: Entity | None = await actor.call("hooks.getByToken", token)
    if hook is None:
        raise not_found("no hook with that token")
    run = await actor.run(hook["runId"])
    data = {"token": token, "payload": payload}
    await actor.create(
        hook["runId"], {"eventType": "hook_received", "correlationId": hook["hookId"], "eventData": data}
    )
    await continuation(
        actor, queue, hook["runId"], run["workflowName"], origin="hook_received", about=hook["hookId"]
    )
    return hook


async def cancel(actor: Actor, queue: CapturedQueue, run_id: str) -> None:  # noqa: ARG001 - as the others
    """Cancel a run. Nothing is queued: whoever is under way learns of it at the next call."""
    await actor.run(run_id)
    await actor.create(run_id, {"eventType": "run_cancelled"})


async def drain(
    actor: Actor,
    queue: CapturedQueue,
    runtime: Runtime,
    deliver_by: Callable[[Actor, Message], Awaitable[object]] | None = None,
    limit: int = 200,
    faults: DeliveryFaults | None = None,
    *,
    waits: bool = False,
) -> bool:
    """Deliver what is there, oldest first, one at a time, until nothing is left; let time pass when needed.

    ``deliver_by`` gives a message to other handlers than the model's, ``faults`` says what goes wrong with
    which delivery. With ``waits`` an actor that finds nothing waits for what others may still queue. What
    would fail again waits for others, who may change that: a queue delivers it again seconds later. False
    when ``limit`` deliveries were not enough: the queue never gets quiet.
    """
    for _ in range(limit):
        if queue.poisoned:
            return False
        if actor.history.phase == "race":
            await Take(lambda: not queue.stuck and (bool(queue) or not queue.in_hand or not waits))
        if faults is not None and queue and (late := faults.lateness()):
            runtime.jump(late)
        ready = queue.pending()
        if not ready:
            due = queue.next_due()
            if due is None:
                return True
            runtime.jump(max(1.0, due - queue.now()))
            ready = queue.pending()
            if not ready:
                continue
        message = ready[0] if faults is None else faults.pick(ready)
        if deliver_by is not None:
            await deliver_by(actor, message)
        else:
            await deliver(actor, message, queue, runtime)
        if faults is not None and faults.delivered():
            queue.repeat(message)
    return not queue
