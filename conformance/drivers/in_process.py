"""The in-process driver: actors are coroutines over one memory world, stepped by hand.

No event loop and no threads: a schedule of eight gates is a few dozen function calls.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from conformance.core.actor import Actor
from conformance.core.faults import RaceFault
from conformance.core.gates import Ended, end, run_alone
from conformance.core.history import History, LogLine
from conformance.drivers.driver import CALL_LIMIT, PLAIN, Driver, RacingActor, ScheduleOptions
from conformance.memory.world import MemoryWorld
from conformance.spec.vocabulary import NOT_IMPLEMENTED, WorldError

#: What the suite calls on a World; the memory world's own queue is the suite's.
OPERATIONS = (
    "events.create",
    "events.createBatch",
    "events.list",
    "runs.get",
    "steps.get",
    "steps.list",
    "hooks.get",
    "hooks.getByToken",
    "hooks.list",
    "runs.list",
    "events.get",
    "events.listByCorrelationId",
    "stream.write",
    "stream.close",
    "stream.chunks",
    "stream.read",
    "stream.open",
    "stream.poll",
    "stream.rest",
    "stream.cancel",
)


def _method(op: str) -> str:
    """``hooks.getByToken`` -> ``hooks_get_by_token``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in op.replace(".", "_"))


async def _absent(*_: Any) -> Any:
    """An operation that a World does not have."""
    raise WorldError("NotImplemented", "the World does not have it", code=NOT_IMPLEMENTED)


def _taking(method: Callable[..., Any], op: str) -> Callable[..., Any]:
    """A read of one thing, which may be asked for without its data: this World always gives all."""
    if not op.endswith(".get") and op != "hooks.getByToken":
        return method
    return lambda *args: method(*[arg for arg in args if not isinstance(arg, dict)])


class InProcessDriver(Driver):
    """Actors over one :class:`MemoryWorld` (or a broken variant of it)."""

    speed = 3

    def __init__(
        self, make: Callable[[], MemoryWorld] = MemoryWorld, *, call_limit: float = CALL_LIMIT
    ) -> None:
        super().__init__(call_limit)
        self.world = make()
        self._methods: dict[str, Callable[..., Coroutine[Any, Any, Any]]] = {
            op: _taking(getattr(self.world, _method(op), _absent), op) for op in OPERATIONS
        }
        self.history = History()
        self._faulty = False
        #: what is thrown at whoever waits for the answer of the operation that goes ahead next
        self._doom: BaseException | None = None

    @property
    def capabilities(self) -> frozenset[str]:
        return self.world.capabilities

    @property
    def spec_version(self) -> int | None:
        return self.world.spec_version

    @property
    def can_stand_still(self) -> bool:
        return True

    @property
    def faults(self) -> frozenset[RaceFault]:
        return frozenset({"kill", "die", "cut", "lose", "jump", "again"})

    def reset(
        self,
        seed: int,  # noqa: ARG002 - ids here are counters
        history: History,
        options: ScheduleOptions = PLAIN,
    ) -> None:
        self.world.reset()
        self.history = history
        self._faulty = options.faulty
        self.world.still = options.still

    def save(self) -> object:
        return self.world.save(), self._faulty

    def rewind(self, saved: Any, history: History) -> None:
        world, self._faulty = saved
        self.world.restore(world)
        self.history = history

    def actor(self, name: str) -> Actor:
        return Actor(name, self.history, self._doomed if self._faulty else self._perform, self._now)

    def operation(
        self,
        name: str,  # noqa: ARG002 - all share one world
        op: str,
        args: tuple[Any, ...],
    ) -> Awaitable[Any]:
        return (self._doomed if self._faulty else self._perform)(op, args)

    def _now(self) -> float:
        return float(self.world.now)

    def _perform(self, op: str, args: tuple[Any, ...]) -> Coroutine[Any, Any, Any]:
        return self._methods[op](*args) if op in self._methods else _not_there(op)

    async def _doomed(self, op: str, args: tuple[Any, ...]) -> Any:
        """As :meth:`_perform`; whoever is to die, or to lose its connection, does not learn the answer."""
        try:
            return await self._perform(op, args)
        finally:
            doom, self._doom = self._doom, None
            if doom is not None:
                raise doom

    def pass_time(self, milliseconds: float) -> None:
        """Move the logical clock forward."""
        self.world.now += int(milliseconds)

    def alone(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        result = run_alone(coroutine)
        self._collect("-")
        return result

    def start(self, actor: RacingActor) -> None:
        self._advance(actor)

    def release(self, actor: RacingActor) -> None:
        self.note(self.history, actor)
        self._advance(actor)

    def crash(self, actor: RacingActor, *, done: bool) -> None:
        self.note(self.history, actor)
        with suppress(Ended, StopIteration):
            if done:
                self._doom = Ended()
                actor.coroutine.send(None)
                self._doom = None
            end(actor.coroutine)  # in the middle of an operation
        self.world.logs.clear()
        actor.ended()

    def cut(self, actor: RacingActor, *, done: bool) -> None:
        self.note(self.history, actor)
        # As Worlds say it since line 5.x, where a runtime takes any other error for one of the workflow's.
        lost = WorldError("WorkflowWorldError", "the connection was lost", code="TRANSPORT")
        if not done:
            self._advance(actor, lost)
            return
        self._doom = lost
        self._advance(actor)
        if self._doom is not None:  # the operation takes more than one gate
            self._doom = None
            self._advance(actor, lost)

    def _advance(self, actor: RacingActor, thrown: WorldError | None = None) -> None:
        try:
            actor.gate = actor.coroutine.send(None) if thrown is None else actor.coroutine.throw(thrown)
        except StopIteration:
            actor.ended()
        if self.world.logs:
            self._collect(actor.name)

    def _collect(self, actor: str) -> None:
        history = self.history
        for level, text in self.world.logs:
            history.logs.append(LogLine(actor, history.phase, level, "world", text, history.tick()))
        self.world.logs.clear()

    def close(self) -> None:
        self.world.reset()


async def _not_there(op: str) -> Any:
    raise WorldError("NotImplemented", f"the World has no {op}", code=NOT_IMPLEMENTED)
