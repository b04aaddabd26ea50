"""The relay driver: the real runtime over a world that is not of Node.

The handlers run in Node hosts that have no world, one for each actor: a runtime keeps things in its process
(5.x waits there for a body of the same step). Each operation they perform is asked of this driver, which has
it done on a driver of the world itself, in process or in hosts of its own. The gates of that driver are the
gates of the race.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Generator
from typing import Any

from conformance.core.actor import Actor
from conformance.core.deadline import Deadline
from conformance.core.faults import RaceFault
from conformance.core.history import History
from conformance.core.starts import Send, Start
from conformance.core.stored_values import plain
from conformance.drivers.driver import (
    ACTORS,
    CALL_LIMIT,
    PLAIN,
    SUITE,
    Driver,
    RacingActor,
    ScheduleOptions,
)
from conformance.drivers.messages import OpenHost, Request, RuntimeTraits, answer_in, sent
from conformance.drivers.remote import RemoteDriver
from conformance.spec.vocabulary import WorldError


class _Elsewhere:
    """A call of the world that the suite itself makes, alone."""

    __slots__ = ("args", "op")

    def __init__(self, op: str, args: tuple[Any, ...]) -> None:
        self.op = op
        self.args = args

    def __await__(self) -> Generator[_Elsewhere, Any, Any]:
        answer = yield self
        return answer


async def _perform(op: str, args: tuple[Any, ...]) -> Any:
    """Handlers run in the host; what the suite asks of the world goes there directly."""
    if op.startswith("runtime."):
        return await Request(op, args)
    return plain(await _Elsewhere(op, sent(op, args)))


class RelayDriver(RemoteDriver):
    """Handlers in hosts, opened by ``open_host``; their world on ``inner``, which it owns."""

    def __init__(self, open_host: OpenHost, inner: Driver, *, call_limit: float = CALL_LIMIT) -> None:
        super().__init__(open_host, runtime=True, call_limit=call_limit)
        self._inner = inner
        #: a handler that died leaves things in its process that others would wait for
        self._remembers = False
        #: operations that an actor's handler waits for, in the order in which it asked
        self._asked: dict[str, deque[dict[str, Any]]] = {}
        #: actors whose handler was sent a result, and has not resumed yet
        self._resuming: set[str] = set()
        #: the operation of each actor that is under way in the world, and its answer once it has one
        self._under_way: dict[str, RacingActor] = {}
        self._answers: dict[str, dict[str, Any]] = {}

    def work_until(self, deadline: Deadline) -> None:
        super().work_until(deadline)
        self._inner.work_until(deadline)

    def reset(self, seed: int, history: History, options: ScheduleOptions = PLAIN) -> RuntimeTraits | None:
        self._asked = {name: deque() for name in (SUITE, *ACTORS)}
        self._resuming.clear()
        self._under_way.clear()
        self._inner.reset(seed, history, options)
        traits = super().reset(seed, history, options)
        self._remembers = traits is not None and traits.inline
        self._agree_on_time()
        return traits

    @property
    def capabilities(self) -> frozenset[str]:
        return self._inner.capabilities

    @property
    def spec_version(self) -> int | None:
        return self._inner.spec_version

    @property
    def can_stand_still(self) -> bool:
        return self._inner.can_stand_still and self.hosts.stands_still

    def revive(self) -> None:
        super().revive()
        self._inner.revive()

    def close(self) -> None:
        super().close()
        self._inner.close()

    def actor(self, name: str) -> Actor:
        return Actor(name, self.history, _perform, self.now)

    def pass_time(self, milliseconds: float) -> None:
        super().pass_time(milliseconds)
        self._agree_on_time()

    def _agree_on_time(self) -> None:
        """Neither side may fall behind the other."""
        here, there = self.clock.now, self._inner.actor(SUITE).now()
        if there < here:
            self._inner.pass_time(here - there)
        self.clock.reach(int(there))

    # -- alone ----------------------------------------------------------------------------------

    def perform_alone(self, request: Any) -> tuple[Any, WorldError | None]:
        return self._done(request) if isinstance(request, _Elsewhere) else self._handled(request)

    def _done(self, request: _Elsewhere) -> tuple[Any, WorldError | None]:
        """The answer of the world to a call of the suite's."""
        self._agree_on_time()
        try:
            call = _call(self._inner.operation(SUITE, request.op, request.args))
            return self._inner.alone(call), None
        except WorldError as error:
            return None, error

    def _handled(self, request: Request) -> tuple[Any, WorldError | None]:
        """What came of a delivery with nothing racing."""
        self.calls.send(SUITE, request, gated=False)
        while True:
            message = self.calls.answer(SUITE, f"{request.op} with nothing racing")
            if message["type"] == "relay_call":
                self._agree_on_time()
                self._inner.alone(self._answer(SUITE, message))
                self._send_result(SUITE, message)
            elif message["type"] != "relay_resumed":
                return answer_in(message)

    # -- actors ----------------------------------------------------------------------------------

    def release(self, actor: RacingActor) -> None:
        self._agree_on_time()
        if isinstance(actor.gate, Start):
            if not self.calls.is_held(actor.name):
                self.advance(actor)
                return
            self.calls.go(actor.name)  # its runtime queues a message
            self.follow(actor)
            return
        self._inner.release(self._under_way[actor.name])
        self._mirror(actor)

    @property
    def faults(self) -> frozenset[RaceFault]:
        return self._inner.faults

    def crash(self, actor: RacingActor, *, done: bool) -> None:
        # The handler waits for an answer that never comes; what it would do with it never happens.
        self._agree_on_time()
        self._inner.crash(self._under_way.pop(actor.name), done=done)
        self._asked[actor.name].clear()
        self._resuming.discard(actor.name)
        actor.stop()
        if self._remembers:
            self.hosts.kill(actor.name)
            self.calls.drop(actor.name)
        else:
            self.calls.leave(actor.name)

    @property
    def kills_processes(self) -> bool:
        return self._remembers or self._inner.kills_processes

    def cut(self, actor: RacingActor, *, done: bool) -> None:
        self._agree_on_time()
        self._inner.cut(self._under_way[actor.name], done=done)
        self._mirror(actor)

    def restart(self) -> None:
        self._inner.restart()

    def reconnect(self) -> None:
        self._inner.reconnect()

    def replace_killed(self) -> frozenset[str]:
        return self.hosts.replace_killed() | self._inner.replace_killed()

    def recheck(self, actors: list[RacingActor]) -> None:
        self._inner.recheck([self._under_way[actor.name] for actor in actors])
        for actor in actors:
            if self._under_way[actor.name].state != "blocked":
                self._mirror(actor)

    def follow(self, actor: RacingActor) -> None:
        name = actor.name
        while True:
            message = self.calls.answer(name, "a handler that waits for no operation")
            self.logs.collect(name)
            match message["type"]:
                case "relay_call":
                    self._asked[name].append(message)
                case "relay_resumed":
                    self._resuming.discard(name)
                case "gate":
                    self.calls.hold(name, message["gate"])
                    actor.hold(Send())
                    return
                case "waits":
                    raise self.calls.silent(name, "a handler that waits for another one")
                case _:
                    self.advance(actor, *answer_in(message))
                    return
            if name not in self._resuming and self._asked[name]:
                break
        self._agree_on_time()
        under_way = self._under_way[name] = RacingActor(name, self._answer(name, self._asked[name][0]))
        self._inner.start(under_way)
        self._mirror(actor)

    def _mirror(self, actor: RacingActor) -> None:
        """The actor is where its operation is. When that is done, its handler gets the result and goes on."""
        under_way = self._under_way[actor.name]
        actor.gate, actor.state = under_way.gate, under_way.state
        if under_way.state != "done":
            return
        actor.state = "held"
        self._send_result(actor.name, self._asked[actor.name].popleft())
        self._resuming.add(actor.name)
        self.follow(actor)

    def abandon(self, actors: list[RacingActor]) -> None:
        busy = [actor for actor in actors if actor.state != "done"]
        self._inner.abandon([self._under_way[actor.name] for actor in busy if actor.name in self._under_way])
        for actor in busy:
            actor.stop()
        # The handlers wait for answers that never come: a fresh host is the sure way to be rid of them.
        super().revive()

    async def _answer(self, name: str, asked: dict[str, Any]) -> None:
        """Have an operation done, and keep what came of it."""
        try:
            value = await self._inner.operation(name, asked["op"], tuple(asked["args"]))
        except WorldError as error:
            self._answers[name] = {"error": _as_wire(error)}
        else:
            self._answers[name] = {"value": value}

    def _send_result(self, name: str, asked: dict[str, Any]) -> None:
        self._agree_on_time()
        result = {"type": "relay_result", "number": asked["number"], "clock": self.clock.now}
        self.hosts.of(name).send(result | self._answers.pop(name))


async def _call(operation: Awaitable[Any]) -> Any:
    return await operation


def _as_wire(error: WorldError) -> dict[str, Any]:
    found = {
        "name": error.name,
        "message": error.message,
        "status": error.status,
        "code": error.code,
        "retryAfter": error.retry_after,
        "cause": error.cause,
    }
    return {key: value for key, value in found.items() if value is not None}
