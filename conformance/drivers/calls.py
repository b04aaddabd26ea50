"""The calls that actors have under way in their hosts, and the messages about them.

An actor has one call at a time. Between two messages of a host nothing of its actor is in flight.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conformance.core.errors import HostFailed
from conformance.drivers.driver import WaitLimits
from conformance.drivers.hosts import Hosts
from conformance.drivers.logical_clock import LogicalClock
from conformance.drivers.messages import RUNTIME_MESSAGES, Listener, Request


class Calls:
    """Sends the calls of actors to ``hosts``, and sorts what comes back by actor."""

    def __init__(self, hosts: Hosts, clock: LogicalClock, limits: WaitLimits) -> None:
        self._hosts = hosts
        self._clock = clock
        self._limits = limits
        #: the id of each actor's call, and the gate at which it is held
        self._ids: dict[str, int] = {}
        self._gates: dict[str, int] = {}
        #: messages that came while those of another call were waited for
        self._inbox: dict[tuple[str, int], deque[dict[str, Any]]] = {}
        self._stacks = False
        self._listener: Listener | None = None

    def begin(self, *, stacks: bool = False) -> None:
        """A schedule begins; ``stacks``: its gates say their line of code."""
        self.forget()
        self._stacks = stacks
        self._listener = None

    def forget(self) -> None:
        """No call is under way any more."""
        self._ids.clear()
        self._gates.clear()
        self._inbox.clear()

    def drop(self, actor: str) -> None:
        """The call of an actor is over, whatever comes of it."""
        self._ids.pop(actor)
        self._gates.pop(actor, None)

    def listen(self, listener: Listener) -> None:
        """Tell ``listener`` what the runtime does, until the next schedule begins."""
        self._listener = listener

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Nobody is told what the runtime does meanwhile."""
        listener, self._listener = self._listener, None
        try:
            yield
        finally:
            self._listener = listener

    # -- to hosts -------------------------------------------------------------------------------

    def send(self, actor: str, request: Request, *, gated: bool) -> None:
        """Begin a call of an actor; ``gated``: its operations are held."""
        host = self._hosts.of(actor)
        self._ids[actor] = ident = host.next_id()
        message: dict[str, Any] = {
            "type": "call",
            "id": ident,
            "actor": self._hosts.at(actor),
            "op": request.op,
            "args": request.args,
            "gated": gated,
            "clock": self._clock.now,
        }
        if self._stacks:
            message["stacks"] = True
        host.send(message)

    def go(self, actor: str, **more: str) -> None:
        """Release the gate at which the call of an actor is held."""
        gate = self._gates.pop(actor)
        self._hosts.of(actor).send({"type": "go", "gate": gate, "clock": self._clock.now, **more})

    def hold(self, actor: str, gate: int) -> None:
        """The call of an actor is held at a gate."""
        self._gates[actor] = gate

    # -- what is under way ----------------------------------------------------------------------

    def under_way(self, actor: str) -> bool:
        """Whether an actor has made a call in this schedule."""
        return actor in self._ids

    def is_held(self, actor: str) -> bool:
        """Whether the call of an actor is held at a gate."""
        return actor in self._gates

    @property
    def any_held(self) -> bool:
        """Whether the call of any actor is held at a gate."""
        return bool(self._gates)

    @property
    def any_unread(self) -> bool:
        """Whether a message has come that nobody has received yet."""
        return any(self._inbox.values())

    # -- from hosts -----------------------------------------------------------------------------

    def receive(self, actor: str, timeout: float) -> dict[str, Any] | None:
        """The next message about this actor's call, or None after ``timeout`` seconds.

        What the runtime reports meanwhile is passed on, and is not such a message.
        """
        deadline = self._limits.deadline
        deadline.check()
        host = self._hosts.of(actor)
        wanted = (self._hosts.at(actor), self._ids[actor])
        kept = self._inbox.get(wanted)
        if kept:
            return kept.popleft()
        until = time.monotonic() + deadline.within(timeout)
        late = False
        while True:
            message = None if late else host.receive(max(0.0, until - time.monotonic()))
            if message is None:
                deadline.check()
                return None
            # A runtime that never stops telling is silent about the call; a short look takes what is there.
            late = time.monotonic() >= until + self._limits.call
            # Reading the time moves it: who acts later must not see an earlier time than who acted before.
            self._clock.reach(message.get("clock", 0))
            reported = message["type"] in RUNTIME_MESSAGES
            ident = message["call"] if "call" in message else message["id"]
            if ident == wanted[1] and not reported:
                return message
            owner = next(
                (name for name, call in self._ids.items() if call == ident and self._hosts.of(name) is host),
                None,
            )
            if reported:
                if owner is not None and self._listener is not None:
                    self._listener(owner, message)
            elif owner is not None:
                key = (self._hosts.at(owner), ident)
                self._inbox.setdefault(key, deque()).append(message)

    def answer(self, actor: str, doing: str) -> dict[str, Any]:
        """As :meth:`receive`; raises :class:`HostFailed` when nothing comes within the limit of a call."""
        message = self.receive(actor, self._limits.call)
        if message is None:
            raise self.silent(actor, doing)
        return message

    def silent(self, actor: str, doing: str) -> HostFailed:
        """The error of a host that says nothing of an actor's call."""
        return HostFailed(f"actor {actor} gave no sign for {self._limits.call:g} s: {doing}")
