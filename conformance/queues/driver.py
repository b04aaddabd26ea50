"""Hosts on one store and one real queue: their calls, the deliveries that come to them, and waiting for both.

One thread drives a driver. Every wait has a deadline, and an event ends it early.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.core.closing import close_all
from conformance.core.deadline import Deadline
from conformance.core.errors import ConformanceError, HostFailed, NotSupported
from conformance.drivers.messages import refusal
from conformance.drivers.process.host import HostProcess, wait_any
from conformance.drivers.process.logbook import HostLog
from conformance.drivers.process.opened import Opened
from conformance.provision.catalog.launch import Launch
from conformance.spec.shapes import read_answer
from conformance.spec.vocabulary import WorldError

_CALL_TIMEOUT: Final = 30.0
#: The longest single wait on the pipes.
_TURN: Final = 0.5

RuntimeMessage = dict[str, Any]


@dataclass(slots=True)
class Delivery:
    """One HTTP request of the queue, at host ``host``. ``at`` is when it came, in seconds since 1970."""

    host: str
    number: int
    path: str
    queue: str
    message_id: str
    attempt: int
    payload: Any
    at: float
    #: not answered yet
    open: bool = True


@dataclass(slots=True)
class Asked:
    """A call of a host, and what came of it once ``done``. ``at`` is when it was asked (s since 1970)."""

    host: str
    op: str
    at: float
    done: bool = False
    value: Any = None
    error: WorldError | None = None


@dataclass(slots=True)
class Seen:
    """What one probe or one stress race has seen so far."""

    deliveries: list[Delivery] = field(default_factory=list)
    #: what hosts with a runtime report: ``event_asked`` and ``step_ran``, with ``host``, ``at`` in seconds
    messages: list[RuntimeMessage] = field(default_factory=list)
    #: how the requests of the queue were answered: messages of type ``delivery_ended``
    responses: list[RuntimeMessage] = field(default_factory=list)
    logs: list[HostLog] = field(default_factory=list)
    timeline: list[str] = field(default_factory=list)


#: Decides what becomes of a delivery.
OnDelivery = Callable[[Delivery], None]


class QueueDriver:
    """``names`` of the hosts, the first ``A``. Hosts start when first used; the call limit of the plan is for
    their world to be made. Every wait raises :class:`OutOfTime` at the deadline."""

    def __init__(self, launched: Launch, names: Sequence[str]) -> None:
        self.launched = launched
        self.names = tuple(names)
        self.label = launched.plan.code.target.label
        self.seen = Seen()
        self.opened: Opened | None = None
        self._on_delivery: OnDelivery = self.finish
        #: when a host last said something, in seconds of the monotonic clock
        self.last_sign = 0.0
        self._deadline = Deadline()
        #: why a host could not be opened, while none ever could
        self._unopened: ConformanceError | None = None
        self._hosts: dict[str, HostProcess] = {}
        self._asked: dict[tuple[str, int], Asked] = {}
        self._began = time.time()
        self._numbers = 0

    def work_until(self, deadline: Deadline) -> None:
        """What is done on this driver from now on ends at ``deadline``."""
        self._deadline = deadline

    # -- hosts ----------------------------------------------------------------------------------

    def ready(self, names: Sequence[str] | None = None) -> None:
        """Start the hosts that are not there, and end those that are not among ``names`` (default: all).

        Raises :class:`HostFailed`.
        """
        wanted = self.names if names is None else names
        for name in [name for name in self._hosts if name not in wanted]:
            self._hosts.pop(name).close()
        for name in wanted:
            if name not in self._hosts:
                self._start(name)

    def _start(self, name: str) -> None:
        if self._unopened is not None:
            raise self._unopened  # it would fail in the same way again, after as long a wait
        host = self.launched.start_host([name], 0, 0)
        try:
            self.opened = host.await_open(self.launched.plan.call_limit, deadline=self._deadline)
        except BaseException as error:
            host.kill()
            if self.opened is None and isinstance(error, HostFailed | NotSupported):
                self._unopened = error
            raise
        self._hosts[name] = host

    def kill(self, name: str) -> None:
        """End a host at once, as a crash does."""
        self._hosts.pop(name).kill()
        self.note(f"{name} is killed")

    def close(self) -> None:
        """End every host, then drop what they stored. Safe to repeat. Raises :class:`LeftBehind`."""
        close_all(self.drop_hosts, self.launched.close)

    def drop_hosts(self) -> None:
        """End every host; :meth:`ready` starts new ones. Safe to repeat."""
        while self._hosts:
            self._hosts.popitem()[1].kill()

    # -- one probe ------------------------------------------------------------------------------

    def begin(self, names: Sequence[str] | None = None, on_delivery: OnDelivery | None = None) -> None:
        """Forget what was seen, with these hosts up. What is still under way is answered as done.

        ``on_delivery`` decides what becomes of each delivery that comes from now on; by default it is done.
        """
        self.ready(names)
        self._on_delivery = self.finish
        self.drain(0.0)
        self._on_delivery = on_delivery or self.finish
        self.seen = Seen()
        self._began = time.time()

    def unique(self, what: str) -> str:
        """An id that no other message of this driver has."""
        self._numbers += 1
        return f"{what}{int(self._began * 1000)}{self._numbers:04d}"

    def now(self) -> float:
        """The time by the clock that deliveries are stamped with, in seconds since 1970."""
        return time.time()

    def note(self, text: str, at: float | None = None) -> None:
        """A line of the timeline."""
        seconds = (time.time() if at is None else at) - self._began
        self.seen.timeline.append(f"{seconds:8.3f} s  {text}")

    # -- messages to hosts ----------------------------------------------------------------------

    def ask(self, name: str, op: str, *args: Any) -> Asked:
        """Begin a call of a host; several may be open at once."""
        host = self._hosts[name]
        ident = host.next_id()
        asked = self._asked[name, ident] = Asked(name, op, time.time())
        host.send({"type": "call", "id": ident, "actor": name, "op": op, "args": list(args), "gated": False})
        return asked

    def call(self, name: str, op: str, *args: Any) -> Any:
        """The answer of a call. Raises :class:`WorldError` and, when none comes, :class:`HostFailed`."""
        asked = self.ask(name, op, *args)
        if not self.until(lambda: asked.done, _CALL_TIMEOUT):
            raise HostFailed(f"the host {self.label} {name} gave no answer in {_CALL_TIMEOUT:g} s to {op}")
        if asked.error is not None:
            raise asked.error
        return read_answer(op, args, asked.value, [])

    def finish(self, delivery: Delivery) -> None:
        """The handler of a delivery is done."""
        self._answer(delivery, {}, "done")

    def fail(self, delivery: Delivery, text: str = "the probe fails this delivery") -> None:
        """The handler of a delivery throws."""
        self._answer(delivery, {"error": text}, "fails")

    def later(self, delivery: Delivery, seconds: int) -> None:
        """The handler of a delivery asks for another one."""
        self._answer(delivery, {"timeoutSeconds": seconds}, f"asks for another in {seconds} s")

    def _answer(self, delivery: Delivery, how: dict[str, Any], text: str) -> None:
        if not delivery.open:
            return
        delivery.open = False
        host = self._hosts.get(delivery.host)
        if host is not None:
            self.note(f"{delivery.host} delivery of {delivery.message_id} {text}")
            host.send({"type": "delivery_result", "delivery": delivery.number, **how})

    # -- waiting --------------------------------------------------------------------------------

    def until(self, fulfilled: Callable[[], bool], seconds: float) -> bool:
        """Wait for something to come about, so many seconds at most; whether it did.

        Raises :class:`HostFailed` when a host dies meanwhile.
        """
        deadline = time.monotonic() + seconds
        while not fulfilled():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._turn(min(left, _TURN))
        return True

    def drain(self, seconds: float) -> None:
        """Take what comes in so many seconds: nothing says that no more will."""
        deadline = time.monotonic() + seconds
        self._turn(0.0)
        while (left := deadline - time.monotonic()) > 0:
            self._turn(min(left, _TURN))

    def quiet_for(self) -> float:
        """Seconds since a host last said something."""
        return time.monotonic() - self.last_sign

    def _turn(self, timeout: float) -> None:
        self._deadline.check()
        hosts = dict(self._hosts)
        names = {id(host): name for name, host in hosts.items()}
        for host in wait_any(hosts.values(), self._deadline.within(timeout)):
            name = names[id(host)]
            while (message := host.receive(0.0)) is not None:
                self.last_sign = time.monotonic()
                self._take(name, message)
                if self._hosts.get(name) is not host:
                    break  # what it said made somebody kill it
        for host in hosts.values():
            self.seen.logs += host.take_logs()

    def _take(self, name: str, message: RuntimeMessage) -> None:
        match message["type"]:
            case "delivery_begun":
                self._delivery(name, message)
            case "delivery_ended":
                self.seen.responses.append({**message, "host": name})
            case "event_asked" | "step_ran":
                self.seen.messages.append({**message, "host": name, "at": message["at"] / 1000})
            case "result" | "error":
                asked = self._asked.pop((name, message["id"]), None)
                if asked is not None:
                    asked.done = True
                    if message["type"] == "error":
                        asked.error = refusal(message["error"])
                    else:
                        asked.value = message["value"]

    def _delivery(self, name: str, message: RuntimeMessage) -> None:
        delivery = Delivery(
            name,
            message["delivery"],
            message["path"],
            message["queue"],
            message["messageId"],
            message["attempt"],
            message["payload"],
            message["at"] / 1000,
        )
        self.seen.deliveries.append(delivery)
        self.note(
            f"{name} delivery of {delivery.message_id} to /{delivery.path}, attempt {delivery.attempt}",
            delivery.at,
        )
        self._on_delivery(delivery)
