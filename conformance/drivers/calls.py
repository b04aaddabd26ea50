"""The calls that actors have under way in their hosts, and the messages about them.

An actor has one call at a time. Between two messages of a host nothing of its actor is in flight.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from conformance.core.errors import HostFailed
from conformance.drivers.driver import WaitLimits
from conformance.drivers.hosts import Hosts
from conformance.drivers.logical_clock import LogicalClock
from conformance.drivers.messages import RUNTIME_MESSAGES, Coming, HostConnection, Listener, Request


class Calls:
    """Sends the calls of actors to ``hosts``, and sorts what comes back by actor."""

    def __init__(self, hosts: Hosts, clock: LogicalClock, limits: WaitLimits) -> None:
        self._hosts = hosts
        self._clock = clock
        self._limits = limits
        #: the id of each actor's call, and the gate at which it is held
        self._ids: dict[str, int] = {}
        #: what the last call of each actor asks for
        self._asked: dict[str, Request] = {}
        self._gates: dict[str, int] = {}
        #: actors whose host has let the operation of that gate go ahead, and those whose host may do so
        self._passed: set[str] = set()
        self._may_pass: set[str] = set()
        #: messages that came while those of another call were waited for
        self._inbox: dict[tuple[str, int], deque[dict[str, Any]]] = {}
        #: calls that were sent together and are not asked for yet, and whose they are
        self._foretold: deque[tuple[int, Coming]] = deque()
        self._foretold_of = ""
        self._at_once = False
        self._stacks = False
        #: whether hosts may let operations go ahead by themselves: nobody must wait unseen for another
        self.unasked = True
        self._listener: Listener | None = None
        #: calls of handlers that died while their processes live on
        self._left: set[tuple[HostConnection, int]] = set()

    def begin(self, *, stacks: bool = False) -> None:
        """A schedule begins; ``stacks``: its gates say their line of code."""
        self._settle()
        self.forget()
        self._stacks = stacks
        self._listener = None

    def forget(self) -> None:
        """No call is under way any more."""
        self._ids.clear()
        self._gates.clear()
        self._passed.clear()
        self._may_pass.clear()
        self._foretold.clear()
        self._inbox.clear()

    def drop(self, actor: str) -> None:
        """The call of an actor is over, whatever comes of it."""
        self._ids.pop(actor)
        self._gates.pop(actor, None)
        self._passed.discard(actor)
        self._may_pass.discard(actor)

    def leave(self, actor: str) -> None:
        """As :meth:`drop`, where the process of the actor lives on. A gate at which it comes to wait opens,
        so that it can do other work, and nobody is told what it does for this call."""
        host = self._hosts.of(actor)
        call = self._hosts.at(actor), self._ids[actor]
        self._left.add((host, self._ids[actor]))
        if actor in self._gates:
            self._open(host, self._gates[actor])
        for message in self._inbox.pop(call, ()):
            self._pass_by(host, message)
        self.drop(actor)

    def _pass_by(self, host: HostConnection, message: dict[str, Any]) -> None:
        """A message about a call that was left. Its answer is the last one."""
        if message["type"] == "gate":
            self._open(host, message["gate"])
        elif message["type"] in ("result", "error"):
            self._left.discard((host, message["id"]))

    def _open(self, host: HostConnection, gate: int, **more: Any) -> None:
        host.send({"type": "go", "gate": gate, "clock": self._clock.now, **more})

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

    def send(self, actor: str, request: Request, *, gated: bool, ahead: int = 0) -> None:
        """Begin a call of an actor; ``gated``: its operations are held, but for the first ``ahead``."""
        self._settle()
        host = self._hosts.of(actor)
        self._ids[actor] = ident = host.next_id()
        self._asked[actor] = request
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
        host.send(message | self._allow(actor, ahead))

    def send_together(self, actor: str, coming: Sequence[Coming], *, at_once: bool = False) -> None:
        """Have calls performed that an actor will make, one after the other or at once, and not held."""
        self._settle()
        host = self._hosts.of(actor)
        self._foretold_of, self._at_once = actor, at_once
        self._foretold.extend([(host.next_id(), each) for each in coming])
        calls = [{"id": ident, **each.to_json()} for ident, each in self._foretold]
        message = {"type": "calls", "actor": self._hosts.at(actor), "calls": calls, "clock": self._clock.now}
        host.send(message | {"atOnce": True} if at_once else message)

    def foretold(self, actor: str, request: Request) -> bool:
        """Whether a call that an actor makes now was sent already. Those before it are not made any more."""
        for nth, (_, each) in enumerate(self._foretold):
            if (each.op, each.args) == (request.op, request.args):
                for _ in range(nth + 1):
                    self.next_foretold(actor)
                self._asked[actor] = request
                return True
        return False

    @property
    def any_foretold(self) -> bool:
        """Whether a call was sent, or is yet to be performed by its host, that nobody has made."""
        return bool(self._foretold)

    def next_foretold(self, actor: str) -> bool:
        """Whether the next call of an actor was sent already. Its answer is the next."""
        if self._foretold:
            self._asked.pop(actor, None)
            self._ids[actor], _ = self._foretold.popleft()
            return True
        return False

    def _settle(self) -> None:
        """Nothing that was sent together is under way any more: another call would be performed beside it."""
        while self.next_foretold(self._foretold_of):
            self.answer(self._foretold_of, "a call that was sent with others")

    def go(self, actor: str, *, ahead: int = 0, **more: str) -> None:
        """Release the gate at which the call of an actor is held, and its next ``ahead`` gates."""
        gate = self._gates.pop(actor)
        if self._passed:
            self._alone(actor)
            self._passed.discard(actor)
            return
        self._open(self._hosts.of(actor), gate, **more, **self._allow(actor, ahead))

    def hold(self, actor: str, gate: int, *, passed: bool = False) -> None:
        """The call of an actor is held at a gate. ``passed``: its host has let it go ahead already, as it
        may, so the actor has to be released next."""
        self._gates[actor] = gate
        if passed:
            self._passed.add(actor)

    def halt(self, actor: str) -> None:
        """From now on the host lets no operation of an actor's call go ahead by itself."""
        if actor not in self._may_pass:
            return
        self._may_pass.discard(actor)
        host = self._hosts.of(actor)
        ident = host.next_id()
        host.send({"type": "halt", "id": ident, "call": self._ids[actor]})
        until = time.monotonic() + self._limits.call
        while (left := until - time.monotonic()) > 0:
            self._limits.deadline.check()
            message = host.receive(self._limits.deadline.within(left))
            if message is not None and message.get("id") == ident:
                return
            if message is not None:
                self._sort(host, message)
        raise self.silent(actor, "no operation is to go ahead by itself")

    @property
    def goes_ahead(self) -> bool:
        """Whether a host may let operations go ahead by itself."""
        return self.unasked and self._hosts.go_ahead

    def _allow(self, actor: str, ahead: int) -> dict[str, Any]:
        """What a message says of the gates that may pass."""
        if ahead <= 0 or not self.goes_ahead:
            self._may_pass.discard(actor)
            return {}
        self._may_pass.add(actor)
        return {"ahead": {"gates": ahead, "ms": self._clock.per_release}}

    def _alone(self, actor: str) -> None:
        """Whoever has been let past its gate comes before all others: that was certain when it was let."""
        if actor not in self._passed:
            raise AssertionError(f"{actor} was released while {min(self._passed)} is past its gate")

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

    def has_unread(self, actor: str) -> bool:
        """Whether a message about the call of an actor has come that nobody has received yet."""
        return bool(self._inbox.get((self._hosts.at(actor), self._ids[actor])))

    def has_spoken(self, actor: str) -> bool:
        """As :meth:`has_unread`; looks at what its host has sent by now, too."""
        if self.has_unread(actor):
            return True
        message = self.receive(actor, 0.0)
        if message is not None:
            self._keep(actor, self._ids[actor], message)
        return message is not None

    # -- from hosts -----------------------------------------------------------------------------

    def receive(self, actor: str, timeout: float) -> dict[str, Any] | None:
        """The next message about this actor's call, or None after ``timeout`` seconds.

        What the runtime reports meanwhile is passed on, and is not such a message.
        """
        host, ident = self._hosts.of(actor), self._ids[actor]
        if self._inbox:
            kept = self._inbox.get((self._hosts.at(actor), ident))
            if kept:
                return kept.popleft()
        if host.pending:
            message = host.receive(0.0)
            if message is not None and self._sort(host, message, ident):
                return message
        deadline = self._limits.deadline
        deadline.check()
        until = time.monotonic() + deadline.within(timeout)
        late = False
        while True:
            message = None if late else host.receive(max(0.0, until - time.monotonic()))
            if message is None:
                deadline.check()
                return None
            # A runtime that never stops telling is silent about the call; a short look takes what is there.
            late = time.monotonic() >= until + self._limits.call
            if self._sort(host, message, ident):
                return message

    def _sort(self, host: HostConnection, message: dict[str, Any], wanted: int = -1) -> bool:
        """Whether a message is about the wanted call. Another is told to the listener, or kept."""
        # Reading the time moves it: who acts later must not see an earlier time than who acted before.
        if "clock" in message:
            self._clock.reach(message["clock"])
        reported = message["type"] in RUNTIME_MESSAGES
        ident = message["call"] if "call" in message else message["id"]
        if ident == wanted and not reported:
            return True
        if self._hosts.has_reset(host, ident):
            return False
        if (host, ident) in self._left:
            self._pass_by(host, message)
            return False
        owner = next(
            (name for name, call in self._ids.items() if call == ident and self._hosts.of(name) is host),
            None,
        )
        if reported:
            if owner is not None and self._listener is not None:
                self._listener(owner, message)
        elif owner is not None:
            self._keep(owner, ident, message)
        elif any(ident == coming for coming, _ in self._foretold):
            self._keep(self._foretold_of, ident, message)
        return False

    def _keep(self, owner: str, ident: int, message: dict[str, Any]) -> None:
        self._inbox.setdefault((self._hosts.at(owner), ident), deque()).append(message)

    def answer(self, actor: str, doing: str) -> dict[str, Any]:
        """As :meth:`receive`; raises :class:`HostFailed` when nothing comes within the limit of a call."""
        message = self.receive(actor, self._limits.call)
        if message is None:
            raise self.silent(actor, doing)
        if self._foretold and not self._at_once and not message.get("more"):
            self._foretold.clear()  # the host does not go on by itself
        return message

    def silent(self, actor: str, doing: str) -> HostFailed:
        """The error of a host that says nothing of an actor's call."""
        request = self._asked.get(actor) if self.under_way(actor) else None
        asked = f", in {_word(request)}" if request is not None else ""
        return HostFailed(f"actor {actor} gave no sign for {self._limits.call:g} s: {doing}{asked}")


def _word(request: Request) -> str:
    """What a call asks for, in one word: the type of its event, or the operation."""
    kinds = [each["eventType"] for each in request.args if isinstance(each, dict) and "eventType" in each]
    return str(kinds[0]) if kinds else request.op
