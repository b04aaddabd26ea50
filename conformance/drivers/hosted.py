"""The hosted driver: actors live in host processes, gates come over the wire.

The same programs as in process: where the memory world's coroutine would run, a request is yielded to
this driver, which sends it to the actor's host and resumes the program with the answer. Between two
messages of a host nothing of its actor is in flight (``docs/host-protocol.md``), so there is no settle
time: after a release, the actor's next message is what the release led to.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Final, Protocol

from conformance.core.actor import Actor
from conformance.core.deadline import Deadline
from conformance.core.errors import ConformanceError, HostFailed, NotSupported
from conformance.core.faults import RaceFault
from conformance.core.gates import Gate
from conformance.core.history import History, Level, LogLine
from conformance.core.starts import Start
from conformance.core.stored_values import as_stored, plain
from conformance.drivers.driver import ACTORS, SUITE, Driver, RacingActor
from conformance.spec.shapes import WrongAnswer
from conformance.spec.vocabulary import WorldError

#: A released actor of a world that takes locks is asked about after this long, in seconds.
GLANCE: Final = 0.02
#: Where the service cannot be asked who waits: silence for this long counts as blocked.
SILENCE: Final = 0.25

#: Log lines of one level that are kept of one schedule.
_MOST_LOGS: Final = 200

#: A host that could be opened before may fail so often in a row to open again, while a service restarts, say.
_MOST_FAILED_OPENINGS: Final = 3

#: Each schedule has a block of logical time of its own; it never goes back.
_BLOCK: Final = 100_000
_PER_RELEASE: Final = 100
#: When logical time begins (2026-01-01T00:00:00Z), and how far apart two drivers on one store begin, in ms.
_EPOCH: Final = 1_767_225_600_000
_APART: Final = 5 * 365 * 24 * 3_600_000


class HostLog(Protocol):
    """A line that a host sent."""

    @property
    def level(self) -> Level: ...
    @property
    def origin(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def actor(self) -> str | None: ...
    @property
    def by_design(self) -> bool: ...


class Introduced(Protocol):
    """What a host whose world is open says of its runtime."""

    @property
    def dialect(self) -> str: ...
    @property
    def inline(self) -> bool: ...


class Host(Protocol):
    """What this driver needs of :class:`conformance.drivers.process.host.HostProcess`."""

    def await_open(self, limit: float, *, deadline: Deadline) -> Introduced: ...
    def next_id(self) -> int: ...
    def send(self, message: dict[str, Any]) -> None: ...
    def receive(self, timeout: float) -> dict[str, Any] | None: ...
    def take_logs(self) -> list[Any]: ...
    def begin_close(self) -> None: ...
    def close(self) -> object: ...
    def kill(self) -> None: ...


#: Start a host and ask it to open a world for the given actors: ``open_host(["A"], seed, clock)``. Its
#: ``await_open`` waits until that is done.
OpenHost = Callable[[list[str], int, int], Host]
#: What a runtime reports while it works: ``operation_begun``, ``operation_ended``, ``message_queued`` or
#: ``step_begun``.
RuntimeMessage = dict[str, Any]
#: Gets ``(actor, message)`` of each, in order.
Listener = Callable[[str, RuntimeMessage], None]
_RUNTIME_MESSAGES: Final = frozenset({"operation_begun", "operation_ended", "message_queued", "step_begun"})

#: How many callers wait for a lock in the service now; None when it cannot be asked.
CountWaiting = Callable[[], int] | None


class Request:
    """A call that a program makes; the driver resumes the program with its answer."""

    __slots__ = ("args", "op")

    def __init__(self, op: str, args: tuple[Any, ...]) -> None:
        self.op = op
        self.args = args

    def __await__(self) -> Generator[Request, Any, Any]:
        answer = yield self
        return answer


class HostedDriver(Driver):
    """Actors in host processes. ``shared``: all in one; ``locks``: a call may wait for another actor.

    ``nth``: the number of this driver on its store, so that two drivers there make different ids.

    Hosts are started when first needed and kept. Raises :class:`HostFailed` when one dies or hangs, and
    :class:`OutOfTime` at the deadline.
    """

    can_run_free = True

    def __init__(
        self,
        open_host: OpenHost,
        *,
        shared: bool = False,
        locks: bool = False,
        waiting: CountWaiting = None,
        tidy: Callable[[], None] | None = None,
        nth: int = 0,
        runtime: bool = False,
        restart: Callable[[], None] | None = None,
    ) -> None:
        self._open_host = open_host
        #: restarts the service, where that can be done
        self._restart = restart
        self._shared = shared
        self.apart = not shared
        self._locks = locks
        self._waiting = waiting
        #: takes out of the store what earlier schedules left, where that makes the world slower
        self._tidy = tidy
        self._hosts: dict[str, Host] = {}
        self._inbox: dict[tuple[str, int], deque[dict[str, Any]]] = {}
        self._calls: dict[str, int] = {}
        self._gates: dict[str, int] = {}
        #: log lines of this schedule, by level
        self._flood: dict[str, int] = {}
        #: actors that wait for a lock in the service, and for another call of their own process
        self._stuck: set[str] = set()
        self._inside: set[str] = set()
        # Real time would make ids differ from run to run; the worlds only need it to move forward.
        self.clock = _EPOCH + nth * _APART
        self._made = nth << 20
        self._seed = 0
        self.history = History()
        #: the hosts run the real runtime too, which stores values in a form of its own
        self.runtime = runtime
        #: how that runtime tells errors apart: ``name`` or ``status``; known when a host is open
        self.dialect = ""
        #: whether its handlers run steps and go on by themselves, as in 5.x; known then, too
        self.inline = False
        self._listener: Listener | None = None
        #: whose hosts were killed and are wanted again; and whether any was started anew
        self._killed: set[str] = set()
        #: actors whose process would have ended of an error that nobody caught
        self._fallen: set[str] = set()
        self._fresh = False
        #: why hosts cannot be opened, and how often in a row that was so; whether they ever could
        self._unopened: ConformanceError | None = None
        self._failed_openings = 0
        self._could_open = False

    def listen(self, listener: Listener) -> None:
        """Tell ``listener`` what the runtime does, until the next reset."""
        self._listener = listener

    # -- hosts ----------------------------------------------------------------------------------

    def _host(self, actor: str) -> Host:
        name = self._at(actor)
        host = self._hosts.get(name)
        if host is None:
            host = self._start(name)
        return host

    def _at(self, actor: str) -> str:
        """Whose host it is: the suite is a guest of the first that lives."""
        if actor != SUITE:
            return actor
        return next((name for name in ACTORS if name in self._hosts), ACTORS[0])

    def _start(self, actor: str) -> Host:
        """Start the host of an actor; the first two at once, for no race needs fewer."""
        if self._unopened is not None and (
            not self._could_open or self._failed_openings >= _MOST_FAILED_OPENINGS
        ):
            # It would fail in the same way again, after as long a wait.
            raise self._unopened
        self._fresh = True
        groups = [list(ACTORS[:4])]
        if not self._shared:
            groups = [[name] for name in dict.fromkeys((actor, *ACTORS[:2])) if name not in self._hosts]
        try:
            self._open_all(groups)
        except (HostFailed, NotSupported) as error:
            self._unopened = error
            self._failed_openings += 1
            raise
        self._unopened, self._failed_openings, self._could_open = None, 0, True
        return self._hosts[actor]

    def _open_all(self, groups: list[list[str]]) -> None:
        """Open a host for each group of actors, all at once. When one cannot be opened, none is kept."""
        started: list[Host] = []
        try:
            for names in groups:
                started.append(self._open_host(names, self._host_seed(names[0]), self.clock))
            for host in started:
                self._introduce(host.await_open(self.call_limit, deadline=self.deadline))
        except BaseException:
            for host in started:
                host.kill()
            raise
        for names, host in zip(groups, started, strict=True):
            self._hosts |= dict.fromkeys(names, host)

    def _introduce(self, opened: Introduced) -> None:
        """Take down what a host says of its runtime."""
        self.dialect, self.inline = opened.dialect, opened.inline

    def _host_seed(self, actor: str) -> int:
        """A seed of its own for each host, or two hosts would mint the same ids."""
        return self._seed * len(ACTORS) + ACTORS.index(actor)

    def _all(self) -> list[Host]:
        return list(dict.fromkeys(self._hosts.values()))

    def reset(self, seed: int, history: History) -> None:
        self.history = history
        self._seed = seed
        self.clock += _BLOCK
        self._inbox.clear()
        self._flood.clear()
        self._calls.clear()
        self._gates.clear()
        self._stuck.clear()
        self._inside.clear()
        self._listener = None
        asked: dict[Host, int] = {}
        for name, host in self._hosts.items():
            if host not in asked:
                asked[host] = ident = host.next_id()
                host.send({"type": "reset", "id": ident, "seed": self._host_seed(name), "clock": self.clock})
        for host, ident in asked.items():
            until = time.monotonic() + self.call_limit
            while True:
                self.deadline.check()
                answer = host.receive(self.deadline.within(until - time.monotonic()))
                if answer is not None and answer.get("id") == ident:
                    break
                # What came instead is what an abandoned schedule left behind.
                if time.monotonic() >= until:
                    raise HostFailed(f"a host did not answer a reset in {self.call_limit:g} s")
        if not asked:
            self._start(ACTORS[0])
        if self._tidy is not None:
            self._tidy()
        self._drop_logs()

    def revive(self) -> None:
        for host in self._all():
            host.kill()
        self._hosts.clear()
        self._inbox.clear()

    def close(self) -> None:
        hosts = self._all()
        for host in hosts:
            host.begin_close()
        for host in hosts:
            host.close()
        self._hosts.clear()

    # -- actors and programs --------------------------------------------------------------------

    def actor(self, name: str) -> Actor:
        return Actor(name, self.history, _readable if self.runtime else Request, self._now)

    def _now(self) -> float:
        return float(self.clock)

    def pass_time(self, milliseconds: float) -> None:
        """Move the logical clock forward; hosts learn of it with the next message."""
        self.clock += int(milliseconds)

    def alone(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        answer: Any = None
        failure: WorldError | None = None
        while True:
            try:
                request = coroutine.throw(failure) if failure is not None else coroutine.send(answer)
            except StopIteration as stop:
                return stop.value
            finally:
                self._collect(SUITE)
            if isinstance(request, Start):
                answer = failure = None
                continue
            answer, failure = self.perform_alone(request)

    def perform_alone(self, request: Any) -> tuple[Any, WorldError | None]:
        """What came of one request of a program that runs alone."""
        self._send(SUITE, request, gated=False)
        message = self._receive(SUITE, self.call_limit)
        if message is None:
            raise self._silent(SUITE, f"{request.op} with nothing racing")
        return answer_in(message)

    def start(self, actor: RacingActor) -> None:
        self._advance(actor, None, None)

    def release(self, actor: RacingActor) -> None:
        if isinstance(actor.gate, Start):
            self._advance(actor, None, None)
            return
        self.note(self.history, actor)
        self._go(actor)
        self._follow(actor)

    @property
    def faults(self) -> frozenset[RaceFault]:
        found: set[RaceFault] = {"jump", "again", "cut", "lose"}
        if not self._shared:
            found |= {"kill", "die"}  # a process holds one actor, so that it can be killed alone
        if self._restart is not None:
            found.add("restart")
        return frozenset(found)

    def crash(self, actor: RacingActor, *, done: bool) -> None:
        self.note(self.history, actor)
        message = None
        if done:
            listener, self._listener = self._listener, None
            self._go(actor)
            message = self._await(actor)
            self._listener = listener
        actor.coroutine.close()
        actor.ended()
        if message is None or message["type"] == "gate":
            # In the middle of an operation, or of a handler that runs in there.
            self._kill(actor.name)
        else:
            self._host(actor.name).take_logs()
            self._calls.pop(actor.name)

    def _kill(self, name: str) -> None:
        self._hosts.pop(name).kill()
        self._killed.add(name)
        self._gates.pop(name, None)
        self._calls.pop(name)

    def _fell(self, name: str) -> bool:
        """Whether an error that nobody caught would have ended the process of an actor: a host lives on."""
        if not self.faulty or self._shared:
            return False
        known = len(self.history.logs)
        self._take_logs(self._host(name), name)
        return any(line.origin == "process" for line in self.history.logs[known:])

    def cut(self, actor: RacingActor, *, done: bool) -> None:
        self.note(self.history, actor)
        self._go(actor, cut="after" if done else "before")
        self._follow(actor)

    def restart(self) -> None:
        assert self._restart is not None, "this driver has no service that can be restarted"
        try:
            self._restart()
        except ConformanceError as error:
            raise HostFailed(f"the service did not come back: {error.what}") from error

    def _go(self, actor: RacingActor, **more: str) -> None:
        """Release an actor's gate."""
        self.clock += _PER_RELEASE
        gate = self._gates.pop(actor.name)
        self._host(actor.name).send({"type": "go", "gate": gate, "clock": self.clock, **more})

    def _advance(self, actor: RacingActor, answer: Any, failure: WorldError | None) -> None:
        """Resume an actor's program, and follow it to its next gate, its end, or a block."""
        if self._resume(actor, answer, failure, gated=True):
            self._follow(actor)

    def _resume(self, actor: RacingActor, answer: Any, failure: WorldError | None, *, gated: bool) -> bool:
        """Resume an actor's program up to its next call. False when it makes none: it has ended, or is
        held at a start."""
        try:
            request = actor.coroutine.throw(failure) if failure is not None else actor.coroutine.send(answer)
            while isinstance(request, Start) and not gated:
                request = actor.coroutine.send(None)
        except StopIteration:
            actor.ended()
            return False
        if isinstance(request, Start):
            actor.gate, actor.state = request, "held"
            return False
        self._send(actor.name, request, gated=gated)
        return True

    def _follow(self, actor: RacingActor) -> None:
        message = self._await(actor)
        if message is None and actor.name in self._fallen:
            self._fallen.discard(actor.name)
            self._kill(actor.name)
            actor.coroutine.close()
            actor.ended()
        elif message is None:
            actor.gate = None
            actor.state = "blocked"
            if actor.name not in self._inside:
                self._stuck.add(actor.name)
        else:
            self._take(actor, message)

    def _take(self, actor: RacingActor, message: dict[str, Any]) -> None:
        """An actor's next message has come: it is held at a gate, or its call has an answer."""
        self._collect(actor.name)
        if message["type"] == "gate":
            self._gates[actor.name] = message["gate"]
            actor.gate = Gate(
                message["label"],
                message["access"],
                tuple(message["keys"]),
                message.get("where"),
                cuts=message.get("cut", False),
            )
            actor.state = "held"
            return
        self._advance(actor, *answer_in(message))

    # -- locks ----------------------------------------------------------------------------------

    def _await(self, actor: RacingActor) -> dict[str, Any] | None:
        """The next message of a released actor; None when it waits for a lock or for another call of its
        process, or fell."""
        message = self._heard_of(actor)
        if message is not None and message["type"] == "waits":
            self._inside.add(actor.name)
            return None
        return message

    def _heard_of(self, actor: RacingActor) -> dict[str, Any] | None:
        if not self._locks and not self.faulty and not self._shared:
            message = self._receive(actor.name, self.call_limit)
            if message is None:
                raise self._silent(actor.name, "a released operation")
            return message
        if self._locks and self._waiting is None:
            return self._receive(actor.name, SILENCE)
        began = time.monotonic()
        while time.monotonic() < began + self.call_limit:
            message = self._receive(actor.name, GLANCE)
            if message is not None:
                return message
            if self._fell(actor.name):
                self._fallen.add(actor.name)
                return None
            if self._waiting is not None and self._waiting() > len(self._stuck):
                return None
            # In one process it may wait for a call that is held. Nobody can be asked whether it does.
            others = self._gates or any(self._inbox.values())
            if self._shared and others and time.monotonic() > began + SILENCE:
                self._inside.add(actor.name)
                return None
        raise self._silent(actor.name, "a released operation that waits for no lock")

    def replace_killed(self) -> bool:
        while self._killed:
            self._host(self._killed.pop())
        fresh, self._fresh = self._fresh, False
        return fresh

    def recheck(self, actors: list[RacingActor]) -> None:
        deadline = time.monotonic() + self.call_limit
        self._recheck_inside([actor for actor in actors if actor.name in self._inside], deadline)
        actors = [actor for actor in actors if actor.name in self._stuck]
        if not actors:
            return
        pause = SILENCE if self._waiting is None else 0.0
        while True:
            for actor in actors:
                message = self._receive(actor.name, pause) if actor.state == "blocked" else None
                if message is not None:
                    self._stuck.discard(actor.name)
                    self._take(actor, message)
            # Actors that wait for a lock in the service stay blocked; one that does not will speak soon.
            if self._waiting is None or self._waiting() >= len(self._stuck):
                return
            if time.monotonic() > deadline:
                raise self._silent(min(self._stuck), "a blocked operation that waits for no lock")
            pause = GLANCE

    def _recheck_inside(self, actors: list[RacingActor], deadline: float) -> None:
        """See whether actors go on that waited for others of their process; when none is held, one does."""
        while actors:
            waiting = []
            for actor in actors:
                message = self._receive(actor.name, GLANCE)
                if message is None or message["type"] == "waits":
                    waiting.append(actor)
                else:
                    self._inside.discard(actor.name)
                    self._take(actor, message)
            if self._gates or len(waiting) < len(actors) or self._stuck:
                return
            if time.monotonic() > deadline:
                raise self._silent(waiting[0].name, "a call that waits for no other")

    def abandon(self, actors: list[RacingActor]) -> None:
        busy = [
            actor
            for actor in actors
            if actor.state != "done" and actor.name in self._calls and not isinstance(actor.gate, Start)
        ]
        super().abandon(actors)
        deadline = time.monotonic() + self.call_limit
        for actor in busy:
            actor.state = "held"
        while busy and time.monotonic() < deadline:
            for actor in list(busy):
                if actor.name in self._gates:
                    go = {"type": "go", "gate": self._gates.pop(actor.name), "clock": self.clock}
                    self._host(actor.name).send(go)
                message = self._receive(actor.name, GLANCE)
                if message is None:
                    continue
                if message["type"] == "gate":
                    self._gates[actor.name] = message["gate"]
                elif message["type"] != "waits":
                    busy.remove(actor)
        self._gates.clear()
        if busy:
            raise self._silent(busy[0].name, "letting go of an abandoned schedule")

    # -- no gates -------------------------------------------------------------------------------

    def free(self, actors: list[RacingActor]) -> None:
        running = [actor for actor in actors if self._resume(actor, None, None, gated=False)]
        deadline = time.monotonic() + self.call_limit
        while running:
            for actor in list(running):
                message = self._receive(actor.name, 0.001)
                if message is None:
                    continue
                self._collect(actor.name)
                if not self._resume(actor, *answer_in(message), gated=False):
                    running.remove(actor)
            if time.monotonic() > deadline:
                raise self._silent(running[0].name, "a race with no gates")

    # -- messages -------------------------------------------------------------------------------

    def _send(self, actor: str, request: Request, *, gated: bool) -> None:
        host = self._host(actor)
        ident = host.next_id()
        self._calls[actor] = ident
        message: dict[str, Any] = {
            "type": "call",
            "id": ident,
            "actor": self._at(actor),
            "op": request.op,
            "args": request.args,
            "gated": gated,
            "clock": self.clock,
        }
        if self.stacks:
            message["stacks"] = True
        host.send(message)

    def _receive(self, actor: str, timeout: float) -> dict[str, Any] | None:
        """The next message about this actor's call, or None after ``timeout`` seconds.

        What the runtime reports meanwhile is passed on, and is not such a message.
        """
        self.deadline.check()
        host = self._host(actor)
        wanted = (self._at(actor), self._calls[actor])
        kept = self._inbox.get(wanted)
        if kept:
            return kept.popleft()
        until = time.monotonic() + self.deadline.within(timeout)
        late = False
        while True:
            message = None if late else host.receive(max(0.0, until - time.monotonic()))
            if message is None:
                self.deadline.check()
                return None
            # A runtime that never stops telling is silent about the call; a short look takes what is there.
            late = time.monotonic() >= until + self.call_limit
            # Reading the time moves it: who acts later must not see an earlier time than who acted before.
            self.clock = max(self.clock, message.get("clock", 0))
            happened = message["type"] in _RUNTIME_MESSAGES
            ident = message["call"] if "call" in message else message["id"]
            if ident == wanted[1] and not happened:
                return message
            owner = next(
                (name for name, call in self._calls.items() if call == ident and self._host(name) is host),
                None,
            )
            if happened:
                if owner is not None and self._listener is not None:
                    self._listener(owner, message)
            elif owner is not None:
                key = (self._at(owner), ident)
                self._inbox.setdefault(key, deque()).append(message)

    def _silent(self, actor: str, what: str) -> HostFailed:
        return HostFailed(f"actor {actor} gave no sign for {self.call_limit:g} s: {what}")

    def _collect(self, actor: str) -> None:
        for host in self._all():
            self._take_logs(host, actor)

    def _take_logs(self, host: Host, actor: str) -> None:
        history = self.history
        for line in host.take_logs():
            # A world that floods its log keeps its first lines, errors apart, so none is missed.
            flood = self._flood[line.level] = self._flood.get(line.level, 0) + 1
            if flood > _MOST_LOGS:
                continue
            actor = line.actor if self._shared and line.actor else actor
            history.logs.append(
                LogLine(
                    actor,
                    history.phase,
                    line.level,
                    line.origin,
                    line.text,
                    history.tick(),
                    line.by_design,
                )
            )

    def _drop_logs(self) -> None:
        for host in self._all():
            host.take_logs()


async def _readable(op: str, args: tuple[Any, ...]) -> Any:
    """A call whose arguments and answer hold values as the runtime stores them."""
    if op == "events.create":
        args = (args[0], as_stored(args[1]), *args[2:])
    return plain(await Request(op, args))


def answer_in(message: dict[str, Any]) -> tuple[Any, WorldError | None]:
    """The value or the refusal in a ``result`` or ``error`` message."""
    if message["type"] == "result":
        return message["value"], None
    return None, refusal(message["error"])


def refusal(error: dict[str, Any]) -> WorldError:
    """The refusal in an ``error`` or ``operation_ended``; an answer that has no JSON is a wrong one."""
    if error.get("code") == "UNSENDABLE":
        return WrongAnswer(f"what cannot be sent on: {error.get('message', '')}")
    status = error.get("status")
    return WorldError(
        str(error.get("name", "Error")),
        str(error.get("message", "")),
        status=status if isinstance(status, int) else None,
        code=error.get("code"),
        retry_after=error.get("retryAfter"),
        cause=None if error.get("cause") is None else str(error["cause"]),
        stack=error.get("stack"),
    )
