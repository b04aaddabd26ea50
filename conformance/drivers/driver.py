"""What the engine asks of a driver: start programs, hold their gates, release one at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Coroutine, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from conformance.core.actor import Actor
from conformance.core.deadline import Deadline
from conformance.core.faults import RaceFault
from conformance.core.gates import Gate, end
from conformance.core.history import GateStep, History
from conformance.core.starts import Start
from conformance.drivers.messages import RuntimeTraits

ActorState = Literal["held", "blocked", "done"]

#: The actor of the suite's own calls (given, drain, then, read).
SUITE = "-"
ACTORS = "ABCDEFGH"
#: How long an actor that no lock explains may give no sign, in seconds, unless a user says otherwise.
CALL_LIMIT: Final = 15.0


class RacingActor:
    """One racing program. ``held`` at ``gate``, ``blocked`` inside the service, or ``done``.

    ``ahead``: how many operations may follow its next release at once, because nobody else is to go first. A
    driver may let its host go on by so many without asking; what is recorded is the same.
    """

    __slots__ = ("ahead", "coroutine", "gate", "name", "state")

    def __init__(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.name = name
        self.coroutine = coroutine
        self.gate: Gate | None = None
        self.state: ActorState = "held"
        self.ahead = 0

    def hold(self, gate: Gate) -> None:
        """It waits at a gate."""
        self.gate, self.state = gate, "held"

    def block(self) -> None:
        """It waits inside the service."""
        self.gate, self.state = None, "blocked"

    def ended(self) -> None:
        self.gate, self.state = None, "done"

    def stop(self) -> None:
        """End its program where it is."""
        end(self.coroutine)
        self.ended()


@dataclass(frozen=True, slots=True)
class ScheduleOptions:
    """How one schedule is run. ``faulty``: something goes wrong in it (slower). ``stacks``: ask for the line
    of code behind every gate (slow: for the schedules that are shown). ``still``: all of it happens within
    one millisecond. ``abroad``: the second actor is on a machine in another time zone.
    """

    faulty: bool = False
    stacks: bool = False
    still: bool = False
    abroad: bool = False


PLAIN: Final = ScheduleOptions()


@dataclass(slots=True)
class WaitLimits:
    """How long a driver waits: ``call`` seconds for an actor that no lock explains, which is a host failure
    then; and for nothing once the ``deadline`` is over."""

    call: float = CALL_LIMIT
    deadline: Deadline = field(default_factory=Deadline)


class Driver(ABC):
    """The actors of one world, ready to race. Drivers: :mod:`in_process`, :mod:`hosted` and :mod:`relay`.

    A driver is kept for a whole test run; ``reset`` begins a fresh case in it. Used by one thread.
    ``call_limit``: the longest wait for an actor that no lock explains, in seconds.
    """

    #: how many times as fast as a hosted driver, for budgets
    speed: int = 1
    #: whether actors can run at once, with no gates
    can_run_free: bool = False
    #: whether each actor has connections to the service of its own
    apart: bool = False

    @property
    def goes_ahead(self) -> bool:
        """Whether its hosts let operations go ahead unasked: then :attr:`RacingActor.ahead` is looked at."""
        return False

    @property
    def can_stand_still(self) -> bool:
        """Whether a schedule can happen within one millisecond (:attr:`ScheduleOptions.still`)."""
        return False

    @property
    def can_go_abroad(self) -> bool:
        """Whether the second actor can be in another time zone (:attr:`ScheduleOptions.abroad`)."""
        return False

    def __init__(self, call_limit: float = CALL_LIMIT, *, nth: int = 0) -> None:
        self.limits = WaitLimits(call_limit)
        self._made = nth << 20

    @property
    def deadline(self) -> Deadline:
        """When the work on this driver has to end: then waits and schedules raise :class:`OutOfTime`."""
        return self.limits.deadline

    def work_until(self, deadline: Deadline) -> None:
        """What is done on this driver from now on ends at ``deadline``."""
        self.limits.deadline = deadline

    @property
    def capabilities(self) -> frozenset[str]:
        """What the world declares that it can do, by the names of its interface. Known after a reset."""
        return frozenset()

    @property
    def spec_version(self) -> int | None:
        """The spec version that the world declares; None when it declares none. Known after a reset."""
        return None

    def unique(self) -> str:
        """An ending for names, different for every prefix of this driver: some worlds keep ids globally."""
        self._made += 1
        return self.ending

    @property
    def ending(self) -> str:
        """What :meth:`unique` gave last."""
        return f"{self._made:x}"

    @abstractmethod
    def reset(self, seed: int, history: History, options: ScheduleOptions = PLAIN) -> RuntimeTraits | None:
        """Begin a new schedule: fresh names, the clock and randomness of ``seed``. What there is to know of
        the real runtime that runs over the world here; None when none does."""

    def save(self) -> object | None:
        """The world as it is now, to go back to; None when this driver cannot go back."""
        return None

    def rewind(self, saved: Any, history: History) -> None:
        """Go back to what was saved, options of the schedule included, and record into ``history``
        from here on."""
        raise NotImplementedError

    @abstractmethod
    def actor(self, name: str) -> Actor:
        """The actor of an actor (or of the suite), recording into the history of the last reset."""

    @abstractmethod
    def operation(self, name: str, op: str, args: tuple[Any, ...]) -> Awaitable[Any]:
        """An operation of the world as an actor performs it, its values as they are stored. May raise
        :class:`WorldError`."""

    @abstractmethod
    def alone(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a program to its end with no gates; its result. May raise what the program raises."""

    def set_up(
        self,
        key: Hashable,  # noqa: ARG002 - where calls go to hosts
        program: Coroutine[Any, Any, Any],
    ) -> Any:
        """As :meth:`alone`, for the program that prepares a case. Programs of one ``key`` make the same
        calls, as a rule, with the ending that :meth:`unique` gave last. Raises :class:`Unforeseen`
        when that was not so: then the schedule begins anew, with :meth:`reset`.
        """
        return self.alone(program)

    @abstractmethod
    def pass_time(self, milliseconds: float) -> None:
        """Move the logical clock of every actor forward."""

    @abstractmethod
    def start(self, actor: RacingActor) -> None:
        """Run an actor's program up to its first gate."""

    @abstractmethod
    def release(self, actor: RacingActor) -> None:
        """Let a held actor's operation go ahead, and run on to its next gate, its end, or a block."""

    @property
    def faults(self) -> frozenset[RaceFault]:
        """What can be made to go wrong in a race on this driver. A clock and a queue there always are."""
        return frozenset({"jump", "again"})

    def crash(self, actor: RacingActor, *, done: bool) -> None:
        """End a held actor's handler as if its process had died: before its operation, or with it ``done``.

        What the operation has done stays done. What the handler did after it (a message queued, a body run)
        has not happened.
        """
        raise NotImplementedError

    def cut(self, actor: RacingActor, *, done: bool) -> None:
        """Cut the connection of a held actor's operation, before it is sent or with it ``done``, and go on.

        The caller gets what the world makes of a lost connection.
        """
        raise NotImplementedError

    def prepare(self) -> None:
        """Make the World, as the first schedule would. Raises what :meth:`reset` raises."""
        self.reset(0, History())

    def restart(self) -> None:
        """Restart the service; what was stored stays. Raises :class:`HostFailed` when it stays away."""
        raise NotImplementedError

    def reconnect(self) -> None:
        """Every actor gets a new process. After a restart whoever had nothing to do still holds a connection
        that is gone, which its next call would find out."""
        raise NotImplementedError

    @property
    def can_die_softly(self) -> bool:
        """Whether a handler can die as if its process was killed while that lives on. Known after a reset."""
        return False

    @property
    def kills_processes(self) -> bool:
        """Whether the death of a handler is that of a process, which takes long to start anew. Known after a
        reset."""
        return False

    @property
    def died_softly(self) -> int:
        """How many handlers have died so."""
        return 0

    @property
    def in_soft_deaths(self) -> bool:
        """Whether handlers die softly now, where they can."""
        return False

    @contextmanager
    def soft_deaths(self) -> Iterator[None]:
        """Meanwhile handlers die softly, where they can. At other times their processes are killed."""
        yield

    def replace_killed(self) -> frozenset[str]:
        """Put a new host in the place of each that was killed. The actors whose hosts were started, now or
        since the last time this was asked: what is new to a host, it may do differently."""
        return frozenset()

    def recheck(self, actors: list[RacingActor]) -> None:  # noqa: B027 - most drivers have nothing that blocks
        """See whether blocked actors have come free."""

    def revive(self) -> None:  # noqa: B027 - in process there is nothing to bring back
        """Bring back what a failure took down, so that the next case can run."""

    def renew(self) -> bool:
        """Begin anew on an empty store, as at first. False where that cannot be done: nothing changes."""
        return False

    def abandon(self, actors: list[RacingActor]) -> None:
        """Stop programs half-way: what their actors had begun is let go, its answers are not looked at."""
        for actor in actors:
            actor.stop()

    def free(self, actors: list[RacingActor]) -> None:
        """Run all actors to their end at once, with no gates."""
        raise NotImplementedError

    @abstractmethod
    def close(self) -> None:
        """Let go of everything."""

    def note(self, history: History, actor: RacingActor) -> None:
        """Record that an actor's gate was released. A start shows in what begins with it."""
        gate = actor.gate
        assert gate is not None
        if not isinstance(gate, Start):
            history.gates.append(GateStep(actor.name, gate.label, history.tick(), gate.origin, gate.access))
