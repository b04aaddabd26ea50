"""Holding I/O: one operation of an actor at a time is reported, released and answered.

An actor's *lane* has at most one operation in hand, reported or released. Further ones line up and are
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

from .clock import Clock
from .stack import where
from .wire import Channel

#: Turns of the event loop given to the code that waits for an answer, when something is lined up behind it.
_SETTLE = 12


class Call:
    """One operation of the World under way. ``open`` counts its released, unanswered operations."""

    def __init__(self, number: Any, actor: str, *, gated: bool, stacks: bool) -> None:
        self.number = number
        self.actor = actor
        self.gated = gated
        self.stacks = stacks
        self.open = 0
        self.finished = False
        self.quiet = asyncio.Event()
        self.quiet.set()


#: The call that the running code belongs to; tasks that the code starts inherit it.
current_call: ContextVar[Call | None] = ContextVar("current_call", default=None)
#: Inside a gate that the world declared itself: what it does there is part of that operation.
inside_gate: ContextVar[bool] = ContextVar("inside_gate", default=False)


class Operation:
    """One I/O operation. ``go`` is called when it is released."""

    __slots__ = ("access", "call", "go", "keys", "label", "where")

    def __init__(
        self, call: Call, label: str, access: str, keys: tuple[str, ...], go: Callable[[], None]
    ) -> None:
        self.call = call
        self.label = label
        self.access = access
        self.keys = keys
        self.go = go
        self.where: str | None = None


class _Lane:
    def __init__(self) -> None:
        self.in_hand: Operation | None = None
        self.line: deque[Operation] = deque()


class Gates:
    """The gates of a host. ``roots`` are the folders of the world's own code, for ``where``."""

    def __init__(self, channel: Channel, clock: Clock) -> None:
        self._channel = channel
        self._clock = clock
        self._lanes: dict[str, _Lane] = {}
        self._reported: dict[int, Operation] = {}
        self._count = 0
        self.blocking = True
        self.roots: tuple[Path, ...] = ()
        #: called when messages arrived while the host was blocked
        self.drain: Callable[[], None] = lambda: None

    def begin(self, actors: list[str]) -> None:
        """Make a lane for each actor. Several actors must not block each other."""
        self._lanes = {actor: _Lane() for actor in actors}
        self.blocking = len(actors) == 1

    def gated(self) -> Call | None:
        """The call whose I/O must be held here and now, if any."""
        call = current_call.get()
        if call is None or not call.gated or call.finished or inside_gate.get():
            return None  # not ours to hold; connections outlive the call that made them
        return call

    def ask(self, operation: Operation) -> None:
        """Report an operation, or line it up. ``operation.go`` runs once it is released."""
        if operation.call.stacks:
            operation.where = where(self.roots)
        lane = self._lanes[operation.call.actor]
        if lane.in_hand is None and not lane.line:
            self._report(lane, operation)
        else:
            lane.line.append(operation)

    def ask_now(self, call: Call, label: str, access: str, keys: tuple[str, ...]) -> None:
        """Hold code that cannot await: block until released, and count it as answered at once.

        Only for a host of one actor. A call that has an operation under way elsewhere is not overtaken
        by this: synchronous code cannot line up.
        """
        operation = Operation(call, label, access, keys, lambda: None)
        if call.stacks:
            operation.where = where(self.roots)
        self._hold(self._announce(operation), operation)

    def _report(self, lane: _Lane, operation: Operation) -> None:
        lane.in_hand = operation
        number = self._announce(operation)
        if self.blocking:
            self._hold(number, operation)
            self._release(operation)
        else:
            self._reported[number] = operation

    def _announce(self, operation: Operation) -> int:
        self._count += 1
        message = {
            "type": "gate",
            "gate": self._count,
            "call": operation.call.number,
            "actor": operation.call.actor,
            "label": operation.label,
            "access": operation.access,
            "keys": operation.keys,
        }
        if operation.where is not None:
            message["where"] = operation.where
        self._channel.send(message)
        return self._count

    def _hold(self, number: int, operation: Operation) -> None:  # noqa: ARG002 - reads well at the callers
        self._clock.move_to(self._channel.await_go(number).get("clock"))
        if self._channel.backlog:
            asyncio.get_running_loop().call_soon(self.drain)

    def released(self, message: dict[str, Any]) -> None:
        """A ``go`` that came through the event loop (only in a host of several actors)."""
        self._clock.move_to(message.get("clock"))
        self._release(self._reported.pop(message["gate"]))

    def _release(self, operation: Operation) -> None:
        operation.call.open += 1
        operation.call.quiet.clear()
        operation.go()

    def answered(self, operation: Operation) -> None:
        """The service has answered: the next operation in line may be reported soon."""
        call = operation.call
        call.open -= 1
        if call.open == 0:
            call.quiet.set()
        lane = self._lanes[call.actor]
        if lane.line:
            self._settle(lane, _SETTLE)
        else:
            lane.in_hand = None

    def _settle(self, lane: _Lane, turns: int) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(self._settle, lane, turns - 1)
        else:
            self._report(lane, lane.line.popleft())

    def declared(self, label: str, access: str, keys: tuple[str, ...]) -> Any:
        """What ``conformance.world.gate`` gives a world while it is hosted."""
        return _Declared(self, label, access, keys)


class _Declared:
    """``async with``: held on entry, answered on exit."""

    __slots__ = ("_access", "_gates", "_keys", "_label", "_operation", "_token")

    def __init__(self, gates: Gates, label: str, access: str, keys: tuple[str, ...]) -> None:
        self._gates = gates
        self._label = label
        self._access = access
        self._keys = keys
        self._operation: Operation | None = None

    async def __aenter__(self) -> None:
        call = self._gates.gated()
        if call is not None:
            turn = asyncio.Event()
            self._operation = Operation(call, self._label, self._access, self._keys, turn.set)
            self._gates.ask(self._operation)
            await turn.wait()  # does not suspend when the go has come already
        self._token = inside_gate.set(True)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        inside_gate.reset(self._token)
        if self._operation is not None:
            self._gates.answered(self._operation)
