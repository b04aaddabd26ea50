"""Drive a host process: blocking messages over two pipes, each with a deadline.

One :class:`HostProcess` is used by one engine thread. A host that dies, hangs or speaks nonsense
raises :class:`~conformance.core.errors.HostFailed`; verdicts it was part of are inconclusive.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import subprocess
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Self

from conformance.core.deadline import Deadline
from conformance.core.environment import child_environment
from conformance.core.errors import ConformanceError, ConnectionRefused, HostFailed, NotSupported
from conformance.drivers.process.channel import Channel, OnLine
from conformance.drivers.process.guard import MARK, end_group, guard
from conformance.drivers.process.logbook import HostLog, LogBook
from conformance.drivers.process.opened import Opened, thrown_at
from conformance.drivers.process.output import Output
from conformance.drivers.process.wire import dumps

#: Booting a host and importing its world under load, in seconds.
BOOT: Final = 60.0
#: How long a host may take to close its world, in seconds.
CLOSE: Final = 5.0
#: How long a world may take to die in a process that lives on, in seconds.
DEATH: Final = 5.0
#: The code of a failure to open that is not a failure: these two do not go together.
_UNSUPPORTED: Final = "UNSUPPORTED"
#: what a host says it does while code of the World runs -> in words
_IN_WORLD: Final = {"world": "making its world", "read": "its first read, of a run that is not there"}

#: From the message of a host that refused a connection to the error that explains it.
Refused = Callable[[dict[str, Any]], ConformanceError]

_alive: weakref.WeakSet[HostProcess] = weakref.WeakSet()


class HostProcess:
    """A host, from start to exit. Make one with :meth:`start`."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        name: str,
        read_fd: int,
        write_fd: int,
        refused: Refused | None = None,
        on_line: OnLine | None = None,
    ) -> None:
        self.name = name
        self._explain = refused or self._refused_plainly
        self._process = process
        self._channel = Channel(read_fd, write_fd, on_line)
        #: what was read and not received: log lines too, for each is before the message that follows it
        self._messages: deque[dict[str, Any]] = deque()
        #: the host went on by itself after what was received last: what follows it is not of now
        self._went_on = False
        self._ids = 0
        #: messages that go with the next one
        self._unsent = b""
        self._opening = 0
        self._world: dict[str, Any] = {}
        #: until when the host may take to close, by the monotonic clock; 0.0: it was not asked to
        self._closing = 0.0
        self.logs = LogBook()
        self.failed: ConformanceError | None = None
        assert process.stdout is not None
        assert process.stderr is not None
        self.output = Output(process.stdout, process.stderr, self.logs.printed)
        _alive.add(self)
        guard.keep_group(process.pid)

    @classmethod
    def start(
        cls,
        command: Sequence[str],
        env: Mapping[str, str],
        name: str,
        refused: Refused | None = None,
        on_line: OnLine | None = None,
    ) -> Self:
        """Start ``command`` with the two pipes of the protocol and a small environment plus ``env``.

        ``name`` is for messages. ``refused`` makes the error of a connection that the host refused, from
        its message. ``on_line`` gets every line of the protocol that the host writes. Raises
        :class:`HostFailed` when the program cannot be started.
        """
        to_host, write_fd = os.pipe()
        read_fd, from_host = os.pipe()
        wiring = {"WORLD_HOST_IN": str(to_host), "WORLD_HOST_OUT": str(from_host), MARK: f"{guard.id}.host"}
        try:
            process = subprocess.Popen(
                list(command),
                env=child_environment({**env, **wiring}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(to_host, from_host),
                start_new_session=True,  # what its world starts ends with it
            )
        except (OSError, ValueError) as error:  # ValueError: a NUL character in a word or a variable
            os.close(write_fd)
            os.close(read_fd)
            what = error.strerror if isinstance(error, OSError) else error
            raise HostFailed(
                f"the host {name} could not be started: {what}", f"command: {command[0]}"
            ) from error
        finally:
            os.close(to_host)
            os.close(from_host)
        return cls(process, name, read_fd, write_fd, refused, on_line)

    # -- messages ----------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        return self._process.pid

    def fileno(self) -> int:
        """Readable when the host has something to say (look at :attr:`pending` first)."""
        return self._channel.fileno()

    @property
    def pending(self) -> bool:
        """A message was read already and waits for :meth:`receive`."""
        return bool(self._messages)

    def next_id(self) -> int:
        """A fresh request id."""
        self._ids += 1
        return self._ids

    def send_with_next(self, message: dict[str, Any]) -> None:
        """Send a message together with the next one that is sent."""
        self._unsent += dumps(message)

    def send(self, message: dict[str, Any], timeout: float = 30.0) -> None:
        """Send a message; bytes and dates in it are tagged. Raises :class:`HostFailed`."""
        self._check()
        lines, self._unsent = self._unsent + dumps(message), b""
        try:
            self._channel.write(lines, timeout, self._read)
        except TimeoutError:
            raise self._fail("does not read its messages") from None
        except BrokenPipeError:
            raise self._died() from None

    def receive(self, timeout: float) -> dict[str, Any] | None:
        """The next message that is not a log line, or None after ``timeout`` seconds.

        Raises :class:`HostFailed` when the host died or wrote something that is not a message.
        """
        message = self._next()
        if message is not None:
            return message
        self._check()
        deadline = time.monotonic() + timeout
        remaining = timeout
        while self._channel.wait(remaining):
            self._read()
            message = self._next()
            if message is not None:
                return message
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                break
        return None

    def _next(self) -> dict[str, Any] | None:
        """The next message that was read; the log lines before it are written down."""
        while self._messages:
            message = self._messages.popleft()
            if message["type"] != "log":
                self._went_on = message["type"] == "done" or bool(
                    message.get("passed") or message.get("more")
                )
                return message
            self.logs.message(message)
        return None

    def expect(self, ident: int, timeout: float, doing: str) -> dict[str, Any]:
        """The answer to request ``ident``, which must be the next message. Raises :class:`HostFailed`."""
        message = self.receive(timeout)
        if message is None:
            raise self._fail(
                f"gave no answer in {timeout:g} s to {doing}", "raise the time limit, or see its log"
            )
        if message.get("id") != ident:
            raise self._fail(f"answered {doing} with a {message['type']!r} that belongs to something else")
        return message

    # -- the life of a host ------------------------------------------------------------------

    def open(
        self, world: dict[str, Any], actors: Sequence[str], seed: int, clock: int, timeout: float
    ) -> Opened:
        """:meth:`begin_open` and :meth:`await_open`."""
        self.begin_open(world, actors, seed, clock)
        return self.await_open(timeout, timeout)

    def begin_open(self, world: dict[str, Any], actors: Sequence[str], seed: int, clock: int) -> None:
        """Ask for one world per actor."""
        self._world = world
        self._opening = self.next_id()
        self.send(
            {
                "type": "open",
                "id": self._opening,
                "world": world,
                "actors": list(actors),
                "seed": seed,
                "clock": clock,
            }
        )

    def await_open(self, limit: float, boot: float = BOOT, deadline: Deadline | None = None) -> Opened:
        """Wait until the worlds are made: ``limit`` seconds for their own code, ``boot`` for the host's.

        Raises :class:`HostFailed` when they cannot be made, :class:`NotSupported` when the runtime over
        them refuses such a world, and :class:`OutOfTime`. The host is killed then.
        """
        try:
            answer = self._await_opened(limit, boot, deadline or Deadline())
        except BaseException:
            self.kill()
            raise
        if answer["type"] == "failed":
            error = answer["error"]
            if error.get("code") == _UNSUPPORTED:
                self.kill()
                raise NotSupported(error["message"])
            cause = f" (cause: {error['cause']})" if error.get("cause") else ""
            at = thrown_at(error.get("stack") or "", str(self._world.get("root") or ""))
            raise self._fail(
                f"could not make its world: {error['name']}: {error['message']}{cause}{at and f', at {at}'}",
                "If it needs more: options with --world-option, variables with --world-env.",
            )
        return Opened.of(answer)

    def _await_opened(self, limit: float, boot: float, deadline: Deadline) -> dict[str, Any]:
        """The answer to ``open``. A host that says nothing of what it does has ``boot`` seconds for all."""
        last = time.monotonic() + 2 * boot + limit
        allowed, doing = boot, "open"
        while True:
            message = self.receive(deadline.within(min(allowed, last - time.monotonic())))
            if message is None:
                deadline.check()
                hint = "If it needs longer: --world-call-limit=60." if doing != "open" else ""
                raise self._fail(f"gave no answer in {allowed:g} s to {doing}", hint)
            if message["type"] != "opening":
                break
            in_world = message["doing"] in _IN_WORLD
            allowed, doing = (limit, _IN_WORLD[message["doing"]]) if in_world else (boot, "open")
        if message.get("id") != self._opening:
            raise self._fail(f"answered open with a {message['type']!r} that belongs to something else")
        return message

    def reset(self, seed: int, clock: int, timeout: float = 10.0) -> None:
        """A new schedule begins; ``clock`` in ms since 1970 never goes back."""
        ident = self.next_id()
        self.send({"type": "reset", "id": ident, "seed": seed, "clock": clock})
        self.expect(ident, timeout, "reset")

    def die(self) -> bool:
        """Have its world end as if this process was killed, while the process lives on: :meth:`reopen` makes
        another world in it. False when that cannot be done; then the process has to be killed."""
        until = time.monotonic() + DEATH
        try:
            ident = self.next_id()
            self.send({"type": "die", "id": ident}, DEATH)
            while (left := until - time.monotonic()) > 0:
                message = self.receive(left)
                if message is not None and message.get("id") == ident:
                    self.logs.take()  # it is dead: nobody hears what it said meanwhile
                    return bool(message["type"] == "done")
        except ConformanceError:
            pass  # as dead as can be
        return False

    def reopen(self, actors: Sequence[str], seed: int, clock: int) -> None:
        """Ask for a world in the place of the one that died; :meth:`await_open` waits for it."""
        self.begin_open(self._world, actors, seed, clock)

    def begin_close(self, timeout: float = CLOSE) -> None:
        """Ask the host to close, within ``timeout`` seconds. :meth:`close` waits for it."""
        if self._process.poll() is None and self.failed is None and not self._closing:
            self._closing = time.monotonic() + timeout
            with contextlib.suppress(HostFailed):  # it is killed, which is all that is left to do
                self.send({"type": "close", "id": self.next_id()}, timeout)

    def close(self, timeout: float = CLOSE) -> int | None:
        """Ask the host to close and wait for it; kill it when it does not. The exit status."""
        self.begin_close(timeout)
        if self._closing and self.failed is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(max(0.0, self._closing - time.monotonic()))
        self.kill()
        return self._process.returncode

    def hang_up(self) -> None:
        """The pipe to the host ends, as when the suite dies; the descriptor stays ours, for :meth:`kill`."""
        self._channel.hang_up()

    def status(self) -> int | None:
        """The exit status, None while it lives."""
        return self._process.poll()

    def kill(self) -> None:
        """End the process at once and give back its pipes. May be called twice."""
        _alive.discard(self)
        if not self._channel.closed:
            end_group(self._process.pid)
            self._process.wait()
            guard.forget_group(self._process.pid)
            self._channel.close()
        self.output.join(1.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take_logs(self) -> list[HostLog]:
        """The log lines since the last call, in order. Those behind what was received last are left for the
        next message if the host had gone on by then."""
        messages = self._messages
        while messages and not self._went_on and messages[0]["type"] == "log":
            self.logs.message(messages.popleft())
        return self.logs.take()

    # -- reading and failing -----------------------------------------------------------------

    def _read(self) -> None:
        if not self._heard():
            raise self._died()

    def _heard(self) -> bool:
        """Take what the host has written. False when its pipe ended."""
        try:
            for message in self._channel.read():
                if message["type"] == "refused":
                    self.kill()
                    self.failed = self._explain(message)
                    raise self.failed
                self._messages.append(message)
        except EOFError:
            return False
        except ValueError as error:
            raise self._fail(str(error)) from None
        return True

    def _check(self) -> None:
        if self.failed is not None:
            raise self.failed
        if self._channel.closed:
            raise HostFailed(f"the host {self.name} is closed already")

    def _refused_plainly(self, message: dict[str, Any]) -> ConformanceError:
        return ConnectionRefused(f"the host {self.name} refused a connection to {message['address']}")

    def _died(self) -> ConformanceError:
        # What it said last may explain its end.
        while not self._channel.closed and self._channel.wait(0) and self._heard():
            pass
        try:
            status: int | None = self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            status = None
        if status is None:
            return self._fail("closed its pipe")
        return self._fail(f"died of signal {-status}" if status < 0 else f"exited with status {status}")

    def _fail(self, what: str, hint: str = "") -> HostFailed:
        """Kill the host and say what it did, with the last it logged and the end of its stderr."""
        self.kill()
        read, self._messages = self._messages, deque()
        for message in read:
            if message["type"] == "log":
                self.logs.message(message)
            else:
                self._messages.append(message)
        said = "\n  | ".join(line[:500] for line in [what, *self.logs.tail, *self.output.tail])
        self.failed = HostFailed(f"the host {self.name} {said}", hint)
        return self.failed


def wait_any(hosts: Iterable[HostProcess], timeout: float) -> list[HostProcess]:
    """The hosts that have a message to :meth:`~HostProcess.receive` (or have died), after at most
    ``timeout`` seconds. Empty when there is none; log lines alone may make a host appear here."""
    found = list(hosts)
    ready = [host for host in found if host.pending]
    if ready:
        return ready
    readable, _, _ = select.select(found, [], [], max(0.0, timeout))
    return readable


@atexit.register
def _kill_all() -> None:
    for host in list(_alive):
        host.kill()
