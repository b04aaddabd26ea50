"""What drivers know of hosts and of the messages between them (``docs/host-protocol.md``)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from conformance.core.deadline import Deadline
from conformance.core.history import Level
from conformance.core.stored_values import as_stored, plain
from conformance.spec.shapes import WrongAnswer
from conformance.spec.vocabulary import WorldError


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
    """What a host whose world is open says of the world, and of its runtime."""

    @property
    def dialect(self) -> str: ...
    @property
    def inline(self) -> bool: ...
    @property
    def capabilities(self) -> frozenset[str]: ...
    @property
    def spec_version(self) -> int | None: ...
    @property
    def goes_ahead(self) -> bool: ...
    @property
    def plays(self) -> bool: ...
    @property
    def stands_still(self) -> bool: ...
    @property
    def reads_at_once(self) -> bool: ...
    @property
    def dies(self) -> bool: ...


class HostConnection(Protocol):
    """What a driver needs of :class:`conformance.drivers.process.host.HostProcess`."""

    def await_open(self, limit: float, *, deadline: Deadline) -> Introduced: ...
    def next_id(self) -> int: ...
    def send(self, message: dict[str, Any]) -> None: ...
    def send_with_next(self, message: dict[str, Any]) -> None: ...
    @property
    def pending(self) -> bool: ...
    def receive(self, timeout: float) -> dict[str, Any] | None: ...
    def take_logs(self) -> list[Any]: ...
    def die(self) -> bool: ...
    def reopen(self, actors: Sequence[str], seed: int, clock: int) -> None: ...
    def begin_close(self) -> None: ...
    def close(self) -> object: ...
    def kill(self) -> None: ...


#: Start a host and ask it to open a world for the given actors: ``open_host(["A"], seed, clock)``. Its
#: ``await_open`` waits until that is done.
OpenHost = Callable[[list[str], int, int], HostConnection]


@dataclass(frozen=True, slots=True)
class RuntimeTraits:
    """What its hosts say of the real runtime in them. Lines of it are driven differently.

    ``dialect``: how it tells errors apart, ``name``, ``status`` or ``class``. ``inline``: its handlers run
    steps and go on by themselves, as in 5.x.
    """

    dialect: str
    inline: bool


#: What a runtime reports while it works: ``operation_begun``, ``operation_ended``, ``message_queued`` or
#: ``step_begun``.
RuntimeMessage = dict[str, Any]
RUNTIME_MESSAGES: Final = frozenset({"operation_begun", "operation_ended", "message_queued", "step_begun"})
#: Gets ``(actor, message)`` of each, in order.
Listener = Callable[[str, RuntimeMessage], None]


class Request:
    """A call that a program makes; the driver resumes the program with its answer."""

    __slots__ = ("args", "op")

    def __init__(self, op: str, args: tuple[Any, ...]) -> None:
        self.op = op
        self.args = args

    def __await__(self) -> Generator[Request, Any, Any]:
        answer = yield self
        return answer


@dataclass(frozen=True, slots=True)
class Coming:
    """A call that is sent together with others, to be made after the one before it.

    ``puts`` say what the host puts into ``args``: a text of an earlier answer, or a time. ``after``: it is
    made only if the one before it ended so, ``result`` or ``error``. ``later``: ms that pass before it.
    """

    op: str
    args: tuple[Any, ...]
    puts: Sequence[dict[str, Any]] = ()
    after: str = ""
    later: int = 0

    def to_json(self) -> dict[str, Any]:
        """As a message has it, but for its id."""
        call: dict[str, Any] = {"op": self.op, "args": self.args}
        if self.puts:
            call["put"] = self.puts
        if self.after:
            call["after"] = self.after
        if self.later:
            call["later"] = self.later
        return call


class Foretell:
    """The next calls of a program that runs alone, known before the first has an answer: a driver may send
    them together. They are performed one after the other, or at once where that makes no difference, and the
    program still makes each.

    ``calls``: operation and arguments of each. Only for calls that change nothing, for they are made even if
    the program goes another way.
    """

    __slots__ = ("calls",)

    def __init__(self, calls: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
        self.calls = calls

    def __await__(self) -> Generator[Foretell, Any, None]:
        yield self


async def readable(op: str, args: tuple[Any, ...]) -> Any:
    """A call whose arguments and answer hold values as the runtime stores them."""
    return plain(await Request(op, sent(op, args)))


def sent(op: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments of the suite's own with their values in the form that the runtime gives them."""
    if op == "events.create":
        return (args[0], as_stored(args[1]), *args[2:])
    if op == "events.createBatch":
        return (args[0], [{**entry, "event": as_stored(entry["event"])} for entry in args[1]], *args[2:])
    return args


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
