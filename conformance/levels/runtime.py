"""The suite's hands at level ``runtime``: the same as at level ``handlers``, with the real runtime at work.

A delivery is one call of the host, inside which the real handlers run. What they ask of the world, what they
queue and which bodies they run comes over the wire while they do, and is written into the same history as
the model's: so the checks and the scenarios are the same for both levels.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.core.actor import Actor
from conformance.core.gates import Ended
from conformance.core.history import Body, Call, Delivery, History, Message
from conformance.core.stored_values import plain
from conformance.drivers.messages import RuntimeMessage, refusal
from conformance.drivers.remote import RemoteDriver
from conformance.handlers import Runtime
from conformance.handlers.classify import by_name, by_status
from conformance.levels.handlers import HandlerSuite
from conformance.levels.log_replay import FirstIds, Outcomes
from conformance.spec.clock import millis
from conformance.spec.shapes import WrongAnswer
from conformance.spec.vocabulary import Answer, Json, WorldError

_Program = Callable[[Actor], Coroutine[Any, Any, Any]]

_WORKFLOW: Final = "__wkf_workflow_"
_STEP: Final = "__wkf_step_"
#: Finishing a step is what a continuation is about.
_STEP_ENDS: Final = ("step_completed", "step_failed")


@dataclass(slots=True)
class Work:
    """What one actor is doing now: a delivery, or something from outside (``start``, ``hook_received``)."""

    origin: str = ""
    delivery: Delivery | None = None
    #: calls of the world that have no answer yet, by number
    open: dict[int, Call] = field(default_factory=dict)
    #: every ``events.create`` that was answered, in that order
    creates: list[Call] = field(default_factory=list)


class RuntimeSuite(HandlerSuite):
    """Starts workflows of the runtime's bundle and decides which message is delivered to whom.

    This is line 4.x of ``@workflow/core``. Other lines differ in what a delivery says of itself
    (:meth:`metadata_of`), how a handler ends (:meth:`handler_failed`, :meth:`handler_ended`), what a queued
    message is (:meth:`message_of`) and what the host reports (:meth:`operation_begun`,
    :meth:`operation_ended`, :meth:`body_ran`). ``work`` is what each actor is doing now.
    """

    def __init__(
        self, driver: RemoteDriver, actor: Actor, unique: str, runtime: Runtime, dialect: str
    ) -> None:
        super().__init__(actor, unique, runtime)
        #: how the runtime tells errors apart
        self._dialect = dialect
        self.work: dict[str, Work] = {}
        driver.listen(self._happened)

    # -- what the suite does --------------------------------------------------------------------

    async def start_by(self, actor: Actor, workflow: str, arguments: Sequence[Json] = ()) -> str:
        self.work[actor.name] = Work("start")
        started = await actor.perform("runtime.start", (workflow, list(arguments)))
        run_id: str = started["runId"]
        self.workflows[run_id] = workflow
        return run_id

    async def deliver_by(self, actor: Actor, message: Message) -> Delivery:
        """Give a message to the real handler, on this actor; as the model's ``deliver`` otherwise."""
        history, queue = actor.history, self.queue
        queue.begin(message)
        delivery = Delivery(message, actor.name, history.phase, history.tick())
        history.deliveries.append(delivery)
        work = self.work[actor.name] = Work(delivery=delivery)
        metadata = self.metadata_of(message)
        try:
            end = await actor.perform(
                "runtime.deliver", (message.body["queue"], message.body["payload"], metadata)
            )
        except WorldError as error:
            self.handler_failed(delivery, error, work)
        except Ended:
            delivery.outcome = "died"
            queue.lose(message)
            raise
        else:
            delivery.outcome = _outcome(work)
            self.handler_ended(message, end, actor.name)
        finally:
            delivery.ended = history.tick()
        return delivery

    def metadata_of(self, message: Message) -> dict[str, Any]:
        """What a delivery says of itself."""
        return {"attempt": message.attempt, "messageId": message.id}

    def handler_failed(self, delivery: Delivery, error: WorldError, work: Work) -> None:
        """A handler threw: the message comes again."""
        delivery.failed = error
        delivery.outcome = "unrecognised" if self._is_unrecognised(error, work) else "failed"
        self.queue.fail(delivery.message, error, delivery)

    def handler_ended(self, message: Message, end: dict[str, Any], actor: str) -> None:
        """A handler returned ``end``: it is done with the message, or wants it again later."""
        later = end.get("timeoutSeconds")
        if later is None:
            self.queue.finish(message)
        else:
            self.queue.later(message, float(later), message.step_id, actor)

    async def cancel_by(self, actor: Actor, run_id: str) -> None:
        self.work[actor.name] = Work("cancel")
        await actor.perform("runtime.cancel", (run_id,))

    async def resume_by(self, actor: Actor, token: str, payload: Json) -> None:
        self.work[actor.name] = Work("hook_received")
        await actor.perform("runtime.resumeHook", (token, payload))

    async def first_ids(self, history: History) -> FirstIds | Outcomes:
        """Asked of the runtime itself, for every ``startedAt`` that any caller got."""
        entities = [
            call.value.get("run") for call in history.calls if call.op == "events.create" and call.value
        ]
        entities += [snapshot.run for snapshot in history.snapshots]
        found: dict[tuple[str, float], str] = {}
        for run in entities:
            started_at = millis(run.get("startedAt")) if run else None
            if started_at is None or (run["runId"], started_at) in found:
                continue
            asked = (run["runId"], run["workflowName"], started_at, run.get("deploymentId"))
            found[run["runId"], started_at] = await self.actor.perform("runtime.firstId", asked)
        return found

    def _is_unrecognised(self, error: WorldError, work: Work) -> bool:
        """The world refused as it should, in words that this release of the runtime does not know."""
        expected: tuple[Answer, ...] = ("conflict", "gone", "too_early")
        if work.creates and work.creates[-1].event["eventType"] == "hook_disposed":
            expected = (*expected, "not_found")
        if error.answer not in expected:
            return False
        if self._dialect == "status":
            return error.name != "WorkflowAPIError" or by_status(error) == "unexpected"
        return by_name(error) == "unexpected"

    # -- what the host reports ------------------------------------------------------------------

    def _happened(self, actor: str, message: RuntimeMessage) -> None:
        work = self.work.setdefault(actor, Work())
        match message["type"]:
            case "operation_begun":
                self.operation_begun(actor, work, message)
            case "operation_ended":
                self.operation_ended(actor, work, message)
            case "message_queued":
                self._queued(actor, work, message)
            case "step_begun":
                history = self.actor.history
                step = message["runId"], message["stepId"], message["attempt"]
                self.body_ran(work, Body(actor, history.phase, *step, history.tick()))

    def body_ran(self, work: Work, body: Body) -> None:  # noqa: ARG002 - whether it counts may depend on that
        """A step's body ran."""
        self.actor.history.bodies.append(body)

    def operation_begun(self, actor: str, work: Work, message: RuntimeMessage) -> None:
        """The runtime called the world."""
        history = self.actor.history
        call = Call(actor, history.phase, message["op"], tuple(plain(message["args"])), history.tick())
        history.calls.append(call)
        work.open[message["number"]] = call

    def operation_ended(
        self,
        actor: str,  # noqa: ARG002 - of another line
        work: Work,
        message: RuntimeMessage,
    ) -> None:
        """The world answered."""
        call = work.open.pop(message["number"], None)
        if call is None:
            return  # of a schedule that was abandoned
        if "error" in message:
            call.refused(refusal(message["error"]), self.actor.history)
        else:
            try:
                call.take(plain(message["value"]), self.actor.history)
            except WrongAnswer as wrong:
                call.refused(wrong, self.actor.history)
        call.ended = self.actor.history.tick()
        if call.op == "events.create":
            self.created(work, call)

    def created(self, work: Work, call: Call) -> None:
        """The world answered the creation of an event."""
        work.creates.append(call)
        if work.delivery is not None and call.error is None and call.event["eventType"] != "run_started":
            work.delivery.progressed = True

    def _queued(self, actor: str, work: Work, message: RuntimeMessage) -> None:
        queue, payload, options = message["queue"], message["payload"], message["options"]
        body = {"queue": queue, "payload": payload}
        delay = float(options.get("delaySeconds") or 0.0)
        sent = self.message_of(work, queue, payload, options)
        sent.key = options.get("idempotencyKey")
        sent.delay, sent.actor, sent.body = delay, actor, body
        self.queue.send(sent)

    def message_of(
        self,
        work: Work,
        queue: str,
        payload: dict[str, Any],
        options: dict[str, Any],  # noqa: ARG002 - of another line
    ) -> Message:
        """What was queued, and why."""
        if queue.startswith(_STEP):
            step_id = payload["stepId"]
            sent = Message("", "step", payload["workflowRunId"], step_id, origin="suspension", about=step_id)
        elif payload.get("stepId") is not None:  # a runtime with one queue for both
            step_id = payload["stepId"]
            sent = Message("", "step", payload["runId"], step_id, origin="suspension", about=step_id)
        else:
            sent = Message("", "workflow", payload["runId"])
            sent.origin, sent.about = _why(work, payload)
        return sent


def _why(work: Work, payload: dict[str, Any]) -> tuple[str, str | None]:
    """Why a workflow is to go on, in the words of the model: the event before it, or what the suite does."""
    if payload.get("replayDivergence"):
        return "recovery", None
    delivery = work.delivery
    if delivery is None:
        last = work.creates[-1].event if work.creates else {}
        return work.origin or last.get("eventType", ""), last.get("correlationId")
    step_id = delivery.message.step_id
    last_create = work.creates[-1] if work.creates else None
    if last_create is None:
        return "", step_id
    kind: str = last_create.event["eventType"]
    if last_create.error is not None and kind not in _STEP_ENDS:
        kind = f"{kind}:{last_create.answer}"
    return kind, step_id


def _outcome(work: Work) -> str:
    """Why the handler ended: the last event it asked for, and how that was refused, if it was."""
    if not work.creates:
        return "log:ended"
    last = work.creates[-1]
    kind: str = last.event["eventType"]
    if kind in ("hook_created", "hook_disposed", "step_created", "wait_created"):
        return "suspended"
    return kind if last.error is None else f"{kind}:{last.answer}"
