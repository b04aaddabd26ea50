"""Holding I/O: one operation of an actor at a time is reported, released and answered.

An actor has at most one operation in hand, reported or released. Further ones line up and are
reported in the order they arose, each after the answer to the one before it has come and the code waiting
for that answer has run. With one actor the host *blocks* while a gate is held: its next message is then the
next gate or the result, with no settling time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any

from .calls import Call, current_call
from .clock import Clock
from .stack import Origin, where
from .wire import Channel

#: Code that never stops scheduling more of itself is not waited for.
_MOST_TURNS = 1000

#: Inside a gate that the world declared itself: what it does there is part of that operation.
_inside: ContextVar[bool] = ContextVar("inside_gate", default=False)


class Operation:
    """One I/O operation. ``go`` is called when it is released."""

    __slots__ = ("access", "call", "cut", "cuts", "go", "keys", "label", "origin", "rest")

    def __init__(
        self,
        call: Call,
        label: str,
        access: str,
        keys: tuple[Any, ...],
        go: Callable[[], None],
        *,
        cuts: bool = False,
        rest: bool = False,
    ) -> None:
        self.call = call
        self.label = label
        self.access = access
        self.keys = keys
        self.go = go
        self.origin: Origin | None = None
        #: its connection can be cut, and the engine wants that: ``before`` it is sent, ``after`` it was made
        self.cuts = cuts
        self.cut: str | None = None
        #: the rest of what the operation before it began
        self.rest = rest


class _ActorState:
    def __init__(self) -> None:
        self.in_hand: Operation | None = None
        self.line: deque[Operation] = deque()
        self.calls = 0


class Gates:
    """The gates of a host. ``roots`` are the folders of the world's own code, for ``where``."""

    def __init__(self, channel: Channel, clock: Clock) -> None:
        self._channel = channel
        self._clock = clock
        self._actors: dict[str, _ActorState] = {}
        self._reported: dict[int, Operation] = {}
        self._count = 0
        self._blocking = True
        self.roots: tuple[Path, ...] = ()
        #: called when messages arrived while the host was blocked
        self.drain: Callable[[], None] = lambda: None

    def begin(self, actors: list[str]) -> None:
        """Make a state for each actor. Several actors must not block each other."""
        self._actors = {actor: _ActorState() for actor in actors}
        self._blocking = len(actors) == 1

    def opened(self, call: Call) -> None:
        """A call of an actor begins."""
        self._actors[call.actor].calls += 1

    def closed(self, call: Call) -> None:
        """A call of an actor has been answered."""
        self._actors[call.actor].calls -= 1

    # -- asking -------------------------------------------------------------------------------------

    def mine(self) -> Call | None:
        """The call whose I/O this is, if it is to be counted, and held when the call is gated."""
        return None if _inside.get() else current_call()

    def ask(self, operation: Operation, *, first: bool = False) -> None:
        """Report an operation, or line it up, ``first`` or last. ``operation.go`` runs at its release."""
        call = operation.call
        call.begun()
        if not call.one_at_a_time:
            operation.go()
            return
        if call.gated and call.stacks:
            operation.origin = where(self.roots, call.coroutine)
        actor = self._actors[call.actor]
        if actor.in_hand is None and not actor.line:
            self._report(actor, operation)
        elif first:
            actor.line.appendleft(operation)
        else:
            actor.line.append(operation)

    async def queues(self, call: Call, send: Callable[[], None]) -> None:
        """Queue a message; in a race when the engine says so: nobody else knows of it until then."""
        if not call.gated:
            send()
            return
        turn = asyncio.Event()
        operation = Operation(call, "queue a message", "write", ("@queue",), turn.set)
        self.ask(operation, first=True)
        try:
            await turn.wait()
        except asyncio.CancelledError:
            self.withdraw(operation, released=turn.is_set())
            raise
        send()
        self.answered(operation)

    def ask_now(
        self, call: Call, label: str, access: str, keys: tuple[Any, ...], *, rest: bool = False
    ) -> None:
        """Hold code that cannot await: block until released, and count it as answered at once.

        Only in a host of one actor. What the call has under way elsewhere goes on meanwhile in the service:
        synchronous code cannot line up behind it.
        """
        if call.gated:
            operation = Operation(call, label, access, keys, lambda: None, rest=rest)
            if call.stacks:
                operation.origin = where(self.roots, call.coroutine)
            self._hold(self._announce(operation))

    # -- reporting and releasing --------------------------------------------------------------------

    def _report(self, actor: _ActorState, operation: Operation) -> None:
        actor.in_hand = operation
        if not operation.call.gated:
            operation.go()
            return
        number = self._announce(operation)
        if self._blocking:
            operation.cut = self._hold(number)
            operation.go()
        else:
            self._reported[number] = operation

    def _announce(self, operation: Operation) -> int:
        self._count += 1
        message = {
            "type": "gate",
            "clock": self._clock.now,
            "gate": self._count,
            "call": operation.call.number,
            "actor": operation.call.actor,
            "label": operation.label,
            "access": operation.access,
            "keys": operation.keys,
        }
        if operation.cuts:
            message["cut"] = True
        if operation.rest:
            message["rest"] = True
        if operation.origin is not None:
            message["where"], frames = operation.origin
            if frames:
                message["frames"] = frames
        self._channel.send(message)
        return self._count

    def _hold(self, number: int) -> str | None:
        """Block until gate ``number`` is released; how its connection is to be cut, if it is."""
        go = self._channel.await_go(number)
        self._clock.move_to(go.get("clock"))
        if self._channel.backlog:
            asyncio.get_running_loop().call_soon(self.drain)
        cut: str | None = go.get("cut")
        return cut

    def released(self, message: dict[str, Any]) -> None:
        """A ``go`` that came through the event loop (only in a host of several actors)."""
        self._clock.move_to(message.get("clock"))
        operation = self._reported.pop(message["gate"])
        operation.cut = message.get("cut")
        operation.go()

    # -- answers ------------------------------------------------------------------------------------

    def answered(self, operation: Operation) -> None:
        """The service has answered: the next operation in line may be reported when all is quiet."""
        call = operation.call
        call.ended()
        if not call.one_at_a_time:
            return
        actor = self._actors[call.actor]
        if actor.line or actor.calls > 1:
            self._settle(actor, _MOST_TURNS)
        else:
            actor.in_hand = None

    def withdraw(self, operation: Operation, *, released: bool) -> None:
        """Nobody waits for an operation any more, and it was not made."""
        line = self._actors[operation.call.actor].line
        if operation in line:
            line.remove(operation)
            operation.call.ended()
        elif released:
            self.answered(operation)
        else:  # it is reported, so its go will come
            operation.go = lambda: self.answered(operation)

    def _settle(self, actor: _ActorState, turns: int) -> None:
        loop: Any = asyncio.get_running_loop()
        if turns == _MOST_TURNS or (turns and loop._ready):  # somebody still has something to run
            loop.call_soon(self._settle, actor, turns - 1)
        elif actor.line:
            self._report(actor, actor.line.popleft())
        else:
            actor.in_hand = None

    def declared(self, label: str, access: str, keys: tuple[Any, ...]) -> Any:
        """What ``conformance.world.gate`` gives a world while it is hosted."""
        return _Declared(self, label, access, keys)


class _Declared:
    """``async with``: held on entry, answered on exit."""

    __slots__ = ("_access", "_gates", "_keys", "_label", "_operation", "_token")

    def __init__(self, gates: Gates, label: str, access: str, keys: tuple[Any, ...]) -> None:
        self._gates = gates
        self._label = label
        self._access = access
        self._keys = keys
        self._operation: Operation | None = None

    async def __aenter__(self) -> None:
        call = self._gates.mine()
        if call is not None:
            turn = asyncio.Event()
            operation = Operation(call, self._label, self._access, self._keys, turn.set, cuts=True)
            self._gates.ask(operation)
            try:
                await turn.wait()  # does not suspend when the go has come already
            except asyncio.CancelledError:
                self._gates.withdraw(operation, released=turn.is_set())
                raise
            if operation.cut == "before":
                self._gates.answered(operation)
                raise ConnectionResetError("the connection was cut")
            self._operation = operation
        self._token = _inside.set(True)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _inside.reset(self._token)
        if self._operation is not None:
            self._gates.answered(self._operation)
            if self._operation.cut == "after" and error is None:
                raise ConnectionResetError("the connection was cut")
