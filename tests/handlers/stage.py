"""A stage for the handlers: a memory world, a captured queue, and races between two deliveries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from conformance.core.actor import Actor
from conformance.core.history import History, Message
from conformance.drivers.driver import RacingActor
from conformance.drivers.in_process import InProcessDriver
from conformance.handlers import CapturedQueue, Policy, Runtime, deliver, drain, start
from conformance.memory.world import MemoryWorld
from conformance.spec.table import Outcome, Row
from conformance.spec.vocabulary import RUN_TERMINAL, TERMINAL_EVENTS, Entity, Event

Program = Callable[[Actor], Coroutine[Any, Any, Any]]

#: Where a race changes actors: the actor that begins, then after how many gates it is the other's turn.
Switches = tuple[int, ...]


class LosesStart(MemoryWorld):
    """A conditional update: who saw a pending run and comes second is refused, which the spec accepts."""

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        row = self.look_up(run_id, event)
        if event["eventType"] == "run_started" and row is not seen and row.run == ("running",):
            self.refuse(Outcome("conflict"), row, event)
        return super().commit(run_id, event, seen)


class Stage:
    """One schedule. ``alone`` runs things one after another, ``race`` holds them at every gate."""

    def __init__(self, policy: Policy | None = None, make: Callable[[], MemoryWorld] = MemoryWorld) -> None:
        self.driver = InProcessDriver(make)
        self.history = History()
        self.driver.reset(0, self.history)
        self.suite = self.driver.actor("-")
        self.runtime = Runtime(policy=policy or Policy(), advance=self.driver.pass_time)
        self.queue = CapturedQueue(self.history, lambda: self.runtime.now(self.suite))

    def alone(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.driver.alone(coroutine)

    def start(self, name: str, *args: Any) -> str:
        """A run with its first message waiting. Its id."""
        run_id: str = self.alone(start(self.suite, self.queue, name, args))
        return run_id

    def take(self) -> Message:
        """The oldest message, taken out; time passes if it must."""
        if not self.queue.pending():
            due = self.queue.next_due()
            assert due is not None
            self.runtime.jump(due - self.queue.now())
        return self.queue.take(self.queue.pending()[0].id)

    def step(self) -> None:
        """Deliver the oldest message, alone."""
        self.alone(deliver(self.suite, self.take(), self.queue, self.runtime))

    def deliveries(self, *messages: Message | None) -> Program:
        """A program that delivers these messages in turn; None is whatever is the oldest by then."""

        async def program(actor: Actor) -> None:
            for message in messages:
                pending = self.queue.pending()
                if message is None and not pending:
                    return
                await deliver(actor, message or pending[0], self.queue, self.runtime)

        return program

    def race(self, one: Program, other: Program, switches: Switches) -> None:
        """Two programs, changing actors as ``switches`` says; then whatever is left, first actor first."""
        self.history.phase = "race"
        actors = [
            RacingActor("A", one(self.driver.actor("A"))),
            RacingActor("B", other(self.driver.actor("B"))),
        ]
        for actor in actors:
            self.driver.start(actor)
        turn = switches[0]
        for gates in switches[1:]:
            for _ in range(gates):
                if actors[turn].state == "held":
                    self.driver.release(actors[turn])
            turn = 1 - turn
        for actor in (actors[turn], actors[1 - turn]):
            while actor.state == "held":
                self.driver.release(actor)

    def drain(self) -> bool:
        self.history.phase = "drain"
        quiet: bool = self.alone(drain(self.suite, self.queue, self.runtime))
        return quiet

    def run(self, run_id: str) -> Entity:
        run: Entity = self.alone(self.suite.run(run_id))
        return run

    def kinds(self, run_id: str) -> list[str]:
        """The types of the events in the log of a run."""
        return [event["eventType"] for event in self.driver.world.events[run_id]]


def orders(gates: int = 12) -> Iterator[Switches]:
    """Every order of two actors with at most two changes of actor in the first ``gates`` gates."""
    for first in (0, 1):
        for before in range(gates):
            for after in range(1, gates):
                yield first, before, after


def symptoms(stage: Stage, *run_ids: str, ends: str = "completed") -> set[str]:
    """What a user would notice once the queue is empty: nothing, when all is well."""
    history = stage.history
    found: set[str] = set()
    if not stage.drain():
        found.add("never quiet")
    for run_id in run_ids:
        status = stage.run(run_id)["status"]
        if status not in RUN_TERMINAL:
            found.add("hang")
        elif status != ends:
            found.add("wrong end")
        terminal = [kind for kind in stage.kinds(run_id) if kind in TERMINAL_EVENTS]
        if len(terminal) > 1:
            found.add("ended twice")
    if any(line.level == "error" and not line.by_design for line in history.logs):
        found.add("error line")
    if any(delivery.failed is not None for delivery in history.deliveries):
        found.add("failed delivery")
    continuations = Counter(
        m.about for m in history.messages if m.origin in ("step_completed", "step_failed")
    )
    if any(count > 1 for count in continuations.values()):
        found.add("second continuation")
    queued = Counter(m.step_id for m in history.messages if m.origin == "suspension" and not m.absorbed)
    if any(count > 1 for count in queued.values()):
        found.add("step queued twice")
    started = Counter(
        call.event["correlationId"]
        for call in history.calls
        if call.op == "events.create" and call.event["eventType"] == "step_started" and call.answer == "ok"
    )
    for step_id, count in Counter(body.step_id for body in history.bodies).items():
        if count > started[step_id]:
            found.add("body without a start")
    return found
