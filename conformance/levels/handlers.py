"""The suite's hands at level ``handlers``: it starts workflows, holds the queue, and delivers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Final

from conformance.core.actor import Actor
from conformance.core.flows import EARLY, flow
from conformance.core.history import Delivery, History, Message
from conformance.core.scenario import Race
from conformance.handlers import (
    CapturedQueue,
    DeliveryFaults,
    Runtime,
    cancel,
    deliver,
    drain,
    resume_hook,
    start,
)
from conformance.levels.log_replay import FirstIds, Outcomes
from conformance.levels.storage import NoPrefixError, Suite
from conformance.spec.vocabulary import Json, WorldError

_Program = Callable[[Actor], Coroutine[Any, Any, Any]]
_ACTORS: Final = "ABC"


class HandlerSuite(Suite):
    """Starts workflows of the model and decides which message is delivered to whom."""

    def __init__(self, actor: Actor, unique: str, runtime: Runtime) -> None:
        super().__init__(actor, unique)
        self.runtime = runtime
        self.queue = CapturedQueue(actor.history, lambda: runtime.now(actor))
        #: run id -> workflow name, for the replays of the checks
        self.workflows: dict[str, str] = {}
        #: what callers from outside ask for in the race, by actor, and what was broken off and is asked again
        self._outside: dict[str, _Program] = {}
        self._again: list[_Program] = []

    def save(self) -> object:
        return super().save(), self.queue.save(), self.runtime.offset, self.workflows.copy()

    def rewind(self, saved: Any, history: History) -> None:
        names, queue, self.runtime.offset, workflows = saved
        super().rewind(names, history)
        self.queue.rewind(queue, history)
        self.workflows = workflows.copy()
        self._outside, self._again = {}, []

    async def start(self, workflow: str, arguments: Sequence[Json] = ()) -> str:
        """Start a workflow; its first message waits in the queue. The run's id."""
        return await self.start_by(self.actor, workflow, arguments)

    async def start_by(self, actor: Actor, workflow: str, arguments: Sequence[Json] = ()) -> str:
        """Start a workflow, on this actor; as :meth:`start` otherwise."""
        run_id = await start(actor, self.queue, workflow, arguments)
        self.workflows[run_id] = workflow
        return run_id

    def next_message(self) -> Message:
        """The oldest message that may be delivered; time passes until there is one."""
        ready = self.queue.pending()
        if not ready:
            due = self.queue.next_due()
            if due is None:
                raise NoPrefixError("a message is expected, and the queue is empty")
            self.runtime.jump(max(1.0, due - self.queue.now()))
            ready = self.queue.pending()
        return ready[0]

    async def deliver_by(self, actor: Actor, message: Message) -> Delivery:
        """Give a message to the handler it is for, on this actor."""
        return await deliver(actor, message, self.queue, self.runtime)

    async def deliver(self, message: Message) -> None:
        """Deliver one message, alone."""
        await self.deliver_by(self.actor, message)

    async def deliver_until(self, wanted: Callable[[Message], bool]) -> Message:
        """Deliver messages, alone and in order, until the next one is wanted; that one, taken out."""
        for _ in range(100):
            message = self.next_message()
            if wanted(message):
                return self.queue.take(message.id)
            await self.deliver_by(self.actor, message)
        raise NoPrefixError("it waits for a message that never comes")

    async def until_step(self) -> Message:
        """The next message that runs a step, taken out of the queue."""
        return await self.deliver_until(lambda message: message.queue == "step")

    async def until_continuation(self) -> Message:
        """The next message that continues a run after its first delivery, taken out of the queue."""
        return await self.deliver_until(
            lambda message: message.queue == "workflow" and message.origin not in ("start",)
        )

    def delivery(self, message: Message) -> _Program:
        """A program that delivers this message to the actor that runs it."""

        async def run(actor: Actor) -> None:
            await self.deliver_by(actor, message)

        return run

    def delivery_and_rest(self, message: Message) -> _Program:
        """A program that delivers this message and then, one by one, whatever comes of it."""

        async def run(actor: Actor) -> None:
            await self.deliver_by(actor, message)
            await self._drain(actor)

        return run

    async def race_of_flow(self, name: str, payload: Json) -> Race:
        """Two actors deliver what a flow (:mod:`conformance.core.flows`) queues, until nothing is left.

        Alone, it is started and gets its early payloads. Then its first wake-up and its first steps are dealt
        out to the actors; whatever comes of them goes to whom the schedule chooses.
        """
        plan = flow(name)
        tokens = [self.name("token") for _ in range(plan.hooks)]
        await self.start("flow", [plan.data, tokens, payload])
        dealt = [await self.until_step() for _ in range(plan.first_steps)]
        if not dealt:
            await self.deliver(self.next_message())
        for hook in plan.payloads.get(EARLY, ()):
            await self.resume_by(self.actor, tokens[hook], payload)
            await self.deliver(self.next_message())
        if plan.begins_with_a_sleep:
            dealt.insert(0, self.queue.take(self.next_message().id))
        programs: list[_Program] = []
        for number in range(plan.actors):
            hooks = plan.payloads.get(_ACTORS[number], ())
            mine = dealt[number::2] if number < 2 else []
            programs.append(self._of_flow([tokens[hook] for hook in hooks], payload, mine))
        return Race(programs, tokens=tokens, settled=plan.settled)

    def _of_flow(self, tokens: Sequence[str], payload: Json, messages: Sequence[Message]) -> _Program:
        """A program that hands a payload to each hook, delivers these messages, and whatever is left."""

        async def run(actor: Actor) -> None:
            for token in tokens:
                with suppress(WorldError):  # the run may be over, and its hooks with it
                    await self.resume_by(actor, token, payload)
            for message in messages:
                await self.deliver_by(actor, message)
            await self._drain(actor, waits=True)

        return run

    # -- callers from outside ---------------------------------------------------------------------

    def starting(self, workflow: str, arguments: Sequence[Json] = ()) -> _Program:
        """A program that starts a workflow from outside. Asked again, it starts another run: nobody has
        learned the id of the first one."""

        async def ask(actor: Actor) -> None:
            await self.start_by(actor, workflow, arguments)

        return self._from_outside(ask)

    def cancellation(self, run_id: str) -> _Program:
        """A program that cancels a run from outside."""

        async def ask(actor: Actor) -> None:
            await self.cancel_by(actor, run_id)

        return self._from_outside(ask)

    def resumption(self, token: str, payload: Json) -> _Program:
        """A program that hands a payload to the hook that holds a token, from outside."""

        async def ask(actor: Actor) -> None:
            await self.resume_by(actor, token, payload)

        return self._from_outside(ask)

    def _from_outside(self, ask: _Program) -> _Program:
        """A program of a caller that has no message. No queue makes up for it when it is broken off: whoever
        wanted something asks again."""

        async def run(actor: Actor) -> None:
            self._outside[actor.name] = ask
            try:
                await ask(actor)
            except WorldError as error:
                # Its connection may also break because the service is restarted.
                if actor.history.faults and error.answer == "unexpected":
                    self.break_off(actor.name)
                raise
            finally:
                self._outside.pop(actor.name, None)

        return run

    def is_asking(self, actor: str) -> bool:
        """Whether an actor is a caller from outside that has no answer yet."""
        return actor in self._outside

    def break_off(self, actor: str) -> None:
        """A caller from outside dies or loses its connection now: after the race the same is asked again."""
        ask = self._outside.pop(actor, None)
        if ask is not None:
            self._again.append(ask)

    async def cancel_by(self, actor: Actor, run_id: str) -> None:
        """Cancel a run, on this actor."""
        await cancel(actor, self.queue, run_id)

    async def resume_by(self, actor: Actor, token: str, payload: Json) -> None:
        """Hand a payload to the hook that holds a token, on this actor."""
        await resume_hook(actor, self.queue, token, payload)

    async def drain(self, faults: DeliveryFaults | None = None) -> bool:
        """Ask again what was broken off, then deliver everything that is left, alone. False when it never
        ends."""
        for ask in self._again:
            with suppress(WorldError):  # it may have taken effect before; the answer is in the history
                await ask(self.actor)
        return await self._drain(self.actor, faults)

    async def first_ids(self, history: History) -> FirstIds | Outcomes | None:  # noqa: ARG002 - the model draws its own
        """What the runtime drew as first id of every run in a history, or what it makes of the logs itself;
        None when the model drew the ids."""
        return None

    async def _drain(
        self, actor: Actor, faults: DeliveryFaults | None = None, *, waits: bool = False
    ) -> bool:
        return await drain(actor, self.queue, self.runtime, self.deliver_by, faults=faults, waits=waits)
