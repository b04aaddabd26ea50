"""The model of the runtime's handlers: level ``handlers``.

What the real runtime does with a queue message, in plain Python, over any world, with every call made
through an :class:`~conformance.core.actor.Actor`. No event loop: all coroutines here await nothing
but the actor's calls. ``docs/handler-model.md`` says what is modelled and from where.

Setting up::

    runtime = Runtime(advance=driver.pass_time)          # workflows, policy, logical time
    queue = CapturedQueue(history, lambda: runtime.now(actor))

Making things happen (all raise :class:`WorldError` only for refusals of a prefix)::

    run_id   = await start(actor, queue, "sequence", [2, "payload"])
    hook     = await resume_hook(actor, queue, token, payload)
    await cancel(actor, queue, run_id)
    delivery = await deliver(actor, message, queue, runtime)   # never raises WorldError
    quiet    = await drain(actor, queue, runtime, limit=200)   # False: it never gets quiet

The scheduler's view of the queue: ``queue.pending()``, ``queue.delayed()``, ``queue.take(id)``,
``queue.lose(message)``; a message given to two ``deliver`` calls is delivered twice, and closing the
coroutine of a delivery is a crash of its handler.

Replaying a log without any world (for checks): ``replay(workflow, run, events, now) -> Outcome``, one of
``Completed``, ``Threw``, ``Suspended``, ``Diverged``; values that compare by what they say.
"""

from conformance.handlers.context import Context
from conformance.handlers.handlers import DeliveryFaults, cancel, deliver, drain, resume_hook, start
from conformance.handlers.outcome import Completed, Diverged, Outcome, Suspended, Threw
from conformance.handlers.queue import CapturedQueue
from conformance.handlers.replay import replay
from conformance.handlers.runtime import Policy, Runtime
from conformance.handlers.sites import Hook
from conformance.handlers.workflow import StepBody, Workflow
from conformance.handlers.workflows import STEPS, WORKFLOWS

__all__ = [
    "STEPS",
    "WORKFLOWS",
    "CapturedQueue",
    "Completed",
    "Context",
    "DeliveryFaults",
    "Diverged",
    "Hook",
    "Outcome",
    "Policy",
    "Runtime",
    "StepBody",
    "Suspended",
    "Threw",
    "Workflow",
    "cancel",
    "deliver",
    "drain",
    "replay",
    "resume_hook",
    "start",
]
