"""One delivery at work: what a handler needs in hand, and how it may end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from conformance.core.actor import Actor
from conformance.core.history import Delivery, Level, Message
from conformance.core.starts import Send
from conformance.handlers.queue import CapturedQueue
from conformance.handlers.runtime import Policy, Runtime
from conformance.spec.vocabulary import Answer, Event, WorldError


class End(NamedTuple):
    """Why a handler ended; ``later``: it asks for another delivery in so many seconds, about ``about``."""

    outcome: str
    later: float | None = None
    about: str | None = None


@dataclass(slots=True)
class Job:
    """A message in the hands of an actor."""

    actor: Actor
    message: Message
    queue: CapturedQueue
    runtime: Runtime
    delivery: Delivery

    @property
    def policy(self) -> Policy:
        return self.runtime.policy

    @property
    def run_id(self) -> str:
        return self.message.run_id

    @property
    def workflow_name(self) -> str:
        name: str = self.message.body["workflowName"]
        return name

    def now(self) -> float:
        """The time in ms that this handler sees."""
        return self.runtime.now(self.actor)

    async def create(self, event: Event, *, progress: bool = True) -> dict[str, Any]:
        """``events.create`` for this run; a success counts as progress made by this delivery.

        Raises :class:`WorldError` as the world gives it.
        """
        answer = await self.actor.create(self.message.run_id, event)
        if progress:
            self.delivery.progressed = True
        return answer

    def answer(self, error: WorldError) -> Answer:
        """The kind of refusal, in the dialect of this runtime."""
        return self.runtime.policy.classify(error)

    def log(self, level: Level, text: str, *, by_design: bool = False) -> None:
        self.actor.log(level, text, by_design=by_design)

    def lost(self, text: str, error: WorldError) -> None:
        """Say that a race was lost, and go on or leave: nothing is wrong."""
        self.actor.log(self.runtime.policy.lost_race, f"{text}: {error.message}")

    async def carry_on(self, origin: str, about: str | None, **body: Any) -> None:
        """Queue a continuation of this run's workflow."""
        await continuation(
            self.actor, self.queue, self.run_id, self.workflow_name, origin=origin, about=about, **body
        )


async def sends(actor: Actor) -> None:
    """Held in a race until the scheduler lets the actor queue what comes next."""
    if actor.history.phase == "race":
        await Send()


async def continuation(
    actor: Actor,
    queue: CapturedQueue,
    run_id: str,
    workflow_name: str,
    *,
    origin: str,
    about: str | None = None,
    **body: Any,
) -> Message:
    """Queue a message that makes a workflow replay again. It never carries an idempotency key."""
    payload = {"runId": run_id, "workflowName": workflow_name, **body}
    await sends(actor)
    return queue.send(
        Message("", "workflow", run_id, origin=origin, about=about, actor=actor.name, body=payload)
    )
