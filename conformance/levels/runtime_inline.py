"""The suite's hands on the runtime of line 5.x: one handler, which runs steps where it replays the workflow.

There is no queue of steps. A step gets a message of its own when a suspension has more than run inline,
or when it is tried again; and whoever finishes the last pending step goes on by itself. What the scenarios
deliver twice is made before the race, of what the runtime does anyway
(``conformance/hosts/node/runtime/harness5.mjs``):

- ``until_step``: the first attempt of the step fails, so that its second has a message.
- ``until_continuation`` and ``deliver``: the handler dies when it has finished a step; its message comes
  again, and whoever gets it goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from conformance.core.actor import Actor
from conformance.core.batches import BatchCalls
from conformance.core.history import Body, Call, Delivery, Message
from conformance.core.stored_values import plain
from conformance.drivers.messages import RuntimeMessage, refusal
from conformance.drivers.remote import RemoteDriver
from conformance.handlers import Runtime
from conformance.levels.runtime import RuntimeSuite, Work
from conformance.levels.storage import NoPrefixError
from conformance.spec.vocabulary import WorldError

_BATCH: Final = "events.createBatch"
_MOST: Final = 100
#: How the runtime ends a delivery whose replay took too long; no World is to blame for that.
_OUT_OF_TIME: Final = "ReplayTimeoutRetryError"


class InlineSuite(RuntimeSuite):
    """As :class:`RuntimeSuite`, for a runtime that says ``inline``."""

    def __init__(
        self, driver: RemoteDriver, actor: Actor, unique: str, runtime: Runtime, dialect: str
    ) -> None:
        super().__init__(driver, actor, unique, runtime, dialect)
        actor.history.inline = True
        #: what deliveries are asked for now, see above
        self._asks: dict[str, bool] = {}
        #: how many attempts a step had before the race that the scenario does not know of
        self._handicap = 0
        #: how often each message was delivered
        self._delivered: dict[str, int] = {}
        #: bodies that run before their start was answered, by actor and step
        self._early: dict[tuple[str, str], Body] = {}
        #: batches that have no answer yet, by actor and number
        self._batches: dict[tuple[str, int], BatchCalls] = {}

    # -- what scenarios ask for -----------------------------------------------------------------

    async def deliver(self, message: Message) -> None:
        with self._asking(dies=True):
            await super().deliver(message)

    async def until_step(self) -> Message:
        self._handicap = 1
        with self._asking(flaky=True):
            for _ in range(_MOST):
                waiting = [*self.queue.pending(), *self.queue.delayed()]
                found = next((message for message in waiting if message.queue == "step"), None)
                if found is not None:
                    self.runtime.jump(found.delay * 1000)
                    return self.queue.take(found.id)
                await self.deliver_by(self.actor, self.next_message())
        raise NoPrefixError("it waits for a message that never comes")

    async def until_continuation(self) -> Message:
        with self._asking(dies=True):
            return await self.deliver_until(lambda message: message.origin != "start" or message.attempt > 1)

    @contextmanager
    def _asking(self, **asks: bool) -> Iterator[None]:
        self._asks = asks
        try:
            yield
        finally:
            self._asks = {}

    def metadata_of(self, message: Message) -> dict[str, Any]:
        """A second delivery is a second attempt, also while the first is still at work: the runtime takes the
        first attempt for the only handler there is."""
        times = self._delivered[message.id] = self._delivered.get(message.id, 0) + 1
        said = {"attempt": max(message.attempt, times), "messageId": message.id, "handicap": self._handicap}
        return {**said, **self._asks}

    def handler_failed(self, delivery: Delivery, error: WorldError, work: Work) -> None:
        if error.name != _OUT_OF_TIME:
            super().handler_failed(delivery, error, work)
            return
        # It asks for its message again, by design, when the clock says that a replay took minutes.
        delivery.outcome = "out of time"
        self.queue.lose(delivery.message)

    def handler_ended(self, message: Message, end: dict[str, Any], actor: str) -> None:
        if not end.get("died"):
            super().handler_ended(message, end, actor)
            return
        delivery = self.work[actor].delivery
        assert delivery is not None, "whatever died was a delivery"
        delivery.outcome = "died"
        self.queue.lose(message)

    # -- what the host reports ------------------------------------------------------------------

    def message_of(self, work: Work, queue: str, payload: dict[str, Any], options: dict[str, Any]) -> Message:
        run_id, step_id = payload["runId"], payload.get("stepId")
        if step_id is not None:
            again = any(_is(call, "step_retrying", step_id) for call in work.creates)
            origin = "retry" if again else "suspension"
            return Message("", "step", run_id, step_id, origin=origin, about=step_id)
        if payload.get("replayDivergence") or work.delivery is None:
            return super().message_of(work, queue, payload, options)
        waits_for = payload.get("waitContinuation")
        if waits_for is not None:
            return Message("", "workflow", run_id, origin="timeout", about=waits_for["correlationId"])
        backstop = ":backstop:" in (options.get("idempotencyKey") or "")
        return Message("", "workflow", run_id, origin="backstop" if backstop else "again")

    def body_ran(self, work: Work, body: Body) -> None:
        """The first delivery of a run bets that its starts are taken, and runs bodies before they are.
        A bet that is lost is the runtime's own: it throws the result away, and nothing ran for the world."""
        if any(_is(call, "step_started", body.step_id) and call.done for call in work.creates):
            super().body_ran(work, body)
        else:
            self._early[body.actor, body.step_id] = body

    def operation_begun(self, actor: str, work: Work, message: RuntimeMessage) -> None:
        if message["op"] != _BATCH:
            super().operation_begun(actor, work, message)
            return
        run_id, entries, *_ = plain(message["args"])
        events = [entry["event"] for entry in entries]
        self._batches[actor, message["number"]] = BatchCalls(self.actor.history, actor, run_id, events)

    def operation_ended(self, actor: str, work: Work, message: RuntimeMessage) -> None:
        batch = self._batches.pop((actor, message["number"]), None)
        if batch is None:
            super().operation_ended(actor, work, message)
        elif "error" in message:
            self._answered_all(work, batch.refused(refusal(message["error"])))
        else:
            self._answered_all(work, batch.answered(plain(message["value"])))

    def _answered_all(self, work: Work, calls: list[Call]) -> None:
        for call in calls:
            self.created(work, call)

    def created(self, work: Work, call: Call) -> None:
        super().created(work, call)
        if call.event["eventType"] != "step_started":
            return
        early = self._early.pop((call.actor, call.event["correlationId"]), None)
        if early is not None and call.done:
            self.actor.history.bodies.append(early)


def _is(call: Call, kind: str, step_id: str) -> bool:
    return bool(call.event["eventType"] == kind and call.event.get("correlationId") == step_id)
