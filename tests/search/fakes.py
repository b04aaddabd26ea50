"""Hosts in this process, over a tiny service with a lock: all that the hosted driver sees, and no process."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.core.deadline import Deadline
from conformance.core.errors import HostFailed
from conformance.core.history import LogLine
from conformance.drivers.hosted import HostedDriver

#: What an operation does: ``("gate", label)``, or ``("lock", name)``, which may have to wait.
Steps = Generator[tuple[str, str], None, Any]


class RefusedError(Exception):
    """An operation that the world refuses with a conflict."""


@dataclass
class Service:
    """What all hosts share: what was written in which order, and who has and who wants the lock."""

    written: list[str] = field(default_factory=list)
    owner: str = ""
    queue: deque[tuple[FakeHost, int]] = field(default_factory=deque)

    #: whether it refuses what can be refused
    closed = False
    #: whether one that was given the lock is counted once more, and wakes up then
    late = False
    woken: tuple[FakeHost, int] | None = None

    def waiting(self) -> int:
        if self.woken is None:
            return len(self.queue)
        (host, call), self.woken = self.woken, None
        host.go_on(call)
        return len(self.queue) + 1

    def unlock(self) -> None:
        self.owner = ""
        if self.queue:
            host, call = self.queue.popleft()
            self.owner = host.calls[call][0]
            if self.late:
                self.woken = host, call
            else:
                host.go_on(call)


class FakeHost:
    """One host process, as :class:`conformance.drivers.messages.Host` wants it."""

    def __init__(self, service: Service, actors: list[str], *, goes_ahead: bool = False) -> None:
        self.service = service
        self.actors = actors
        self.out: deque[dict[str, Any]] = deque()
        self.calls: dict[int, tuple[str, Steps]] = {}
        self.held: dict[int, int] = {}
        self.logs: list[LogLine] = []
        self.sent: list[dict[str, Any]] = []
        self.ended = ""
        self.dead = False
        self.goes_ahead = self.plays = goes_ahead
        self.reads_at_once = False
        self.stands_still = False
        #: how many gates of a call may pass
        self.ahead: dict[int, int] = {}
        self._ids = 0

    #: how its runtime tells errors apart, and whether that runs steps by itself: it has none
    dialect = ""
    inline = False
    capabilities: frozenset[str] = frozenset()
    dies = False
    spec_version: int | None = None

    def await_open(self, limit: float, *, deadline: Deadline) -> FakeHost:  # noqa: ARG002 - it is open
        return self

    def die(self) -> bool:
        return False

    def reopen(self, actors: Sequence[str], seed: int, clock: int) -> None:
        raise NotImplementedError

    def next_id(self) -> int:
        self._ids += 1
        return self._ids

    def send_with_next(self, message: dict[str, Any]) -> None:
        self.send(message)

    def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        match message["type"]:
            case "reset":
                self.out.append({"type": "result", "id": message["id"], "value": None})
            case "halt":
                self.ahead.pop(message["call"], None)
                self.out.append({"type": "done", "id": message["id"]})
            case "call":
                steps = getattr(self, "do_" + message["op"].removeprefix("toy."))(
                    message["actor"], *message["args"]
                )
                self.calls[message["id"]] = (message["actor"], steps)
                self._allow(message["id"], message)
                self.go_on(message["id"], gated=message["gated"])
            case "calls":
                self._perform(message)
            case "go":
                call = self.held.pop(message["gate"])
                self._allow(call, message)
                self.go_on(call)

    def _perform(self, message: dict[str, Any]) -> None:
        """Calls one after the other, while each may be made after what came before it."""
        ended = None
        for nth, call in enumerate(message["calls"]):
            if nth and call.get("after", ended) != ended:
                return
            if nth:
                self.out[-1]["more"] = True
            self.send({"type": "call", "actor": message["actor"], "gated": False, **call})
            self.sent.pop()
            ended = self.out[-1]["type"]

    def _allow(self, call: int, message: dict[str, Any]) -> None:
        self.ahead[call] = message.get("ahead", {"gates": 0})["gates"]

    def go_on(self, call: int, *, gated: bool = True) -> None:
        """Run an operation up to its next gate, its end, or a lock that another has."""
        actor, steps = self.calls[call]
        try:
            while True:
                kind, name = next(steps)
                if kind == "silence":
                    return
                if kind == "lock":
                    if self.service.owner:
                        self.service.queue.append((self, call))
                        return
                    self.service.owner = actor
                elif gated:
                    gate = self.next_id()
                    passed = self.ahead.get(call, 0) > 0
                    self.out.append(
                        {
                            "type": "gate",
                            "call": call,
                            "gate": gate,
                            "label": name,
                            "access": "write",
                            "keys": ["x"],
                            "passed": passed,
                        }
                    )
                    if not passed:
                        self.held[gate] = call
                        return
                    self.ahead[call] -= 1
        except StopIteration as stop:
            self.out.append({"type": "result", "id": call, "value": stop.value})
        except RefusedError as error:
            refusal = {"name": "WorkflowAPIError", "message": str(error), "status": 409}
            self.out.append({"type": "error", "id": call, "error": refusal})

    @property
    def pending(self) -> bool:
        return bool(self.out)

    def receive(self, timeout: float) -> dict[str, Any] | None:  # noqa: ARG002 - nothing here takes time
        if self.dead:
            raise HostFailed("the host died")
        return self.out.popleft() if self.out else None

    def take_logs(self) -> list[LogLine]:
        taken, self.logs = self.logs, []
        return taken

    def begin_close(self) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        self.ended = "closed"

    def kill(self) -> None:
        self.ended = "killed"

    # -- operations -----------------------------------------------------------------------------

    def do_put(self, actor: str, key: str) -> Steps:
        """One write."""
        yield "gate", f"SET {key}"
        self.service.written.append(f"{actor}:{key}")
        return key

    def do_locked(self, actor: str) -> Steps:
        """A write under the lock: whoever comes second waits inside the service."""
        yield "gate", "BEGIN"
        yield "lock", "row"
        yield "gate", "UPDATE"
        self.service.written.append(actor)
        yield "gate", "COMMIT"
        self.service.unlock()
        return actor

    def do_keep(self, actor: str) -> Steps:
        """Takes the lock, and never gives it back."""
        yield "gate", "BEGIN"
        yield "lock", "row"
        return actor

    def do_unless_closed(self, actor: str) -> Steps:
        """Refused while the service is closed."""
        yield "gate", "SET"
        if self.service.closed:
            raise RefusedError(f"closed for {actor}")

    def do_refuse(self, actor: str) -> Steps:
        yield "gate", "SET"
        raise RefusedError(f"not for {actor}")

    def do_shout(self, actor: str) -> Steps:
        yield "gate", "SET"
        self.logs.append(LogLine(actor, "race", "error", "world", f"{actor} shouts"))
        return None

    def do_vanish(self, actor: str) -> Steps:  # noqa: ARG002 - as the others
        """Never answers."""
        yield "gate", "SET"
        yield "silence", ""

    def do_die(self, actor: str) -> Steps:  # noqa: ARG002 - as the others
        yield "gate", "SET"
        self.dead = True
        return None


class Farm:
    """A driver over fake hosts, and what became of them."""

    def __init__(self, **options: Any) -> None:
        self.service = Service()
        self.hosts: list[FakeHost] = []
        if options.pop("asks", False):
            options["waiting"] = self.service.waiting
        self._goes_ahead = options.pop("goes_ahead", False)
        self.driver = HostedDriver(self._open, **{"call_limit": 0.1, **options})

    def _open(self, actors: list[str], seed: int, clock: int) -> FakeHost:  # noqa: ARG002 - the driver's shape
        host = FakeHost(self.service, actors, goes_ahead=self._goes_ahead)
        self.hosts.append(host)
        return host

    def host(self, actor: str) -> FakeHost:
        """The living host of an actor."""
        return next(host for host in reversed(self.hosts) if actor in host.actors)
