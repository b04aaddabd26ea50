"""A stage for the handlers: a memory world, a captured queue, and races between two deliveries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from conformance.core.actor import Actor
from conformance.core.history import History, Message
from conformance.drivers.driver import Lane
from conformance.drivers.in_process import InProcessRig
from conformance.handlers import CapturedQueue, Policy, Runtime, deliver, drain, start
from conformance.memory.world import MemoryWorld
from conformance.spec.table import Outcome, Row
from conformance.spec.vocabulary import RUN_TERMINAL, TERMINAL_EVENTS, Entity, Event

Program = Callable[[Actor], Coroutine[Any, Any, Any]]

#: Where a race changes lanes: the lane that begins, then after how many gates it is the other's turn.
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
        self.rig = InProcessRig(make)
        self.history = History()
        self.rig.reset(0, self.history)
        self.suite = self.rig.actor("-")
        self.runtime = Runtime(policy=policy or Policy(), advance=self.rig.pass_time)
        self.queue = CapturedQueue(self.history, lambda: self.runtime.now(self.suite))

    def alone(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.rig.alone(coroutine)

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
        """Two programs, changing lanes as ``switches`` says; then whatever is left, first lane first."""
        self.history.phase = "race"
        lanes = [Lane("A", one(self.rig.actor("A"))), Lane("B", other(self.rig.actor("B")))]
        for lane in lanes:
            self.rig.start(lane)
        turn = switches[0]
        for gates in switches[1:]:
            for _ in range(gates):
                if lanes[turn].state == "held":
                    self.rig.release(lanes[turn])
            turn = 1 - turn
        for lane in (lanes[turn], lanes[1 - turn]):
            while lane.state == "held":
                self.rig.release(lane)

    def drain(self) -> bool:
        self.history.phase = "drain"
        quiet: bool = self.alone(drain(self.suite, self.queue, self.runtime))
        return quiet

    def run(self, run_id: str) -> Entity:
        run: Entity = self.alone(self.suite.run(run_id))
        return run

    def kinds(self, run_id: str) -> list[str]:
        """The types of the events in the log of a run."""
        return [event["eventType"] for event in self.rig.world.events[run_id]]


def orders(gates: int = 12) -> Iterator[Switches]:
    """Every order of two lanes with at most two changes of lane in the first ``gates`` gates."""
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
