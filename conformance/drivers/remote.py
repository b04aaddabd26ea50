"""What drivers over host processes share: programs run in this process, and their calls in hosts.

The same programs as in process: where the memory world's coroutine would run, a request is yielded to
the driver, which sends it to the actor's host and resumes the program with the answer.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from conformance.core.actor import Actor
from conformance.core.history import History
from conformance.core.starts import Start
from conformance.drivers.calls import Calls
from conformance.drivers.driver import (
    CALL_LIMIT,
    PLAIN,
    SUITE,
    Driver,
    RacingActor,
    ScheduleOptions,
)
from conformance.drivers.host_logs import HostLogs
from conformance.drivers.hosts import Hosts
from conformance.drivers.logical_clock import LogicalClock
from conformance.drivers.messages import Foretell, Listener, OpenHost, Request, RuntimeTraits, readable
from conformance.spec.vocabulary import WorldError


class RemoteDriver(Driver):
    """Actors whose calls are performed by hosts. ``shared``: one host for all.

    ``runtime``: the hosts run the real runtime, which stores values in a form of its own. ``nth``: the number
    of this driver on its store, and ``salt``: a name of this run on a store that keeps what earlier runs
    stored; so no two of them make one id. ``open_abroad`` starts a host in another time zone, where that can
    be done. ``tidy`` takes out of the store what earlier schedules left, where
    that makes the world slower.

    Hosts are started when first needed and kept. Raises :class:`HostFailed` when one dies or hangs, and
    :class:`OutOfTime` at the deadline.
    """

    def __init__(
        self,
        open_host: OpenHost,
        *,
        shared: bool = False,
        runtime: bool = False,
        nth: int = 0,
        tidy: Callable[[], None] | None = None,
        call_limit: float = CALL_LIMIT,
        salt: str = "",
        open_abroad: OpenHost | None = None,
    ) -> None:
        super().__init__(call_limit, nth=nth)
        self.clock = LogicalClock(nth)
        self.hosts = Hosts(
            open_host, self.clock, self.limits, shared=shared, salt=f"{salt} {nth}", open_abroad=open_abroad
        )
        self.calls = Calls(self.hosts, self.clock, self.limits)
        self.logs = HostLogs(self.hosts)
        self.history = History()
        self.options = PLAIN
        self.has_runtime = runtime
        self._tidy = tidy

    def listen(self, listener: Listener) -> None:
        """Tell ``listener`` what the runtime does, until the next reset."""
        self.calls.listen(listener)

    # -- schedules ------------------------------------------------------------------------------

    def reset(self, seed: int, history: History, options: ScheduleOptions = PLAIN) -> RuntimeTraits | None:
        self.history = history
        self.options = options
        self.clock.begin_schedule(still=options.still)
        self.calls.begin(stacks=options.stacks)
        self.hosts.go_abroad(options.abroad and self.can_go_abroad)
        traits = self.hosts.reset(seed)
        if self._tidy is not None:
            self._tidy()
        self.logs.begin(history)
        return traits if self.has_runtime else None

    @property
    def capabilities(self) -> frozenset[str]:
        return self.hosts.capabilities

    @property
    def spec_version(self) -> int | None:
        return self.hosts.spec_version

    def revive(self) -> None:
        self.hosts.kill_all()
        self.calls.forget()

    def close(self) -> None:
        self.hosts.close()

    # -- programs -------------------------------------------------------------------------------

    def actor(self, name: str) -> Actor:
        return Actor(name, self.history, readable, self.now)

    def operation(
        self,
        name: str,  # noqa: ARG002 - whoever sends the request says whose it is
        op: str,
        args: tuple[Any, ...],
    ) -> Awaitable[Any]:
        return Request(op, args)

    def now(self) -> float:
        """The logical time, in ms since 1970."""
        return float(self.clock.now)

    def pass_time(self, milliseconds: float) -> None:
        """Move the logical clock forward; hosts learn of it with the next message."""
        self.clock.pass_time(milliseconds)

    def alone(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        answer: Any = None
        failure: WorldError | None = None
        while True:
            try:
                request = coroutine.throw(failure) if failure is not None else coroutine.send(answer)
            except StopIteration as stop:
                return stop.value
            finally:
                self.logs.collect(SUITE)
            if isinstance(request, Start | Foretell):
                answer = failure = None
                if isinstance(request, Foretell):
                    self.foretell(request)
                continue
            answer, failure = self.perform_alone(request)

    def foretell(self, coming: Foretell) -> None:
        """A program that runs alone says which calls it will make next."""

    @abstractmethod
    def perform_alone(self, request: Any) -> tuple[Any, WorldError | None]:
        """What came of one request of a program that runs alone."""

    def start(self, actor: RacingActor) -> None:
        self.advance(actor)

    def advance(self, actor: RacingActor, answer: Any = None, failure: WorldError | None = None) -> None:
        """Resume an actor's program, and follow it to its next gate, its end, or a block."""
        if self.resume(actor, answer, failure, gated=True):
            self.follow(actor)

    def resume(self, actor: RacingActor, answer: Any, failure: WorldError | None, *, gated: bool) -> bool:
        """Resume an actor's program up to its next call. False when it makes none: it has ended, or is
        held at a start."""
        try:
            request = actor.coroutine.throw(failure) if failure is not None else actor.coroutine.send(answer)
            while isinstance(request, Start) and not gated:
                request = actor.coroutine.send(None)
        except StopIteration:
            actor.ended()
            return False
        except BaseException:
            # Its program is over as well. Nothing is under way that would have to be let go of.
            actor.ended()
            raise
        if isinstance(request, Start):
            actor.hold(request)
            return False
        self.calls.send(actor.name, request, gated=gated, ahead=actor.ahead if gated else 0)
        return True

    @abstractmethod
    def follow(self, actor: RacingActor) -> None:
        """See what comes of an actor's call: its next gate, its answer, or a block."""
