"""The hosted driver: actors live in host processes, gates come over the wire.

Between two messages of a host nothing of its actor is in flight, so there is no settle time: after a release,
the actor's next message is what the release led to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Hashable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from conformance.core.errors import ConformanceError, HostFailed
from conformance.core.faults import RaceFault
from conformance.core.gates import Gate, Origin
from conformance.core.history import History
from conformance.core.starts import Send, Start
from conformance.drivers.driver import CALL_LIMIT, PLAIN, SUITE, RacingActor, ScheduleOptions
from conformance.drivers.messages import Coming, Foretell, OpenHost, Request, RuntimeTraits, answer_in
from conformance.drivers.remote import RemoteDriver
from conformance.drivers.set_up import SetUp, SetUps, Unforeseen
from conformance.drivers.touched import RowsOf, queues_message, touched
from conformance.drivers.waiting import GLANCE, CountWaiting, Waiting
from conformance.spec.vocabulary import WorldError


class HostedDriver(RemoteDriver):
    """Actors over a world in their hosts; parameters as of :class:`RemoteDriver`.

    ``locks``: a call may wait for another actor. ``restart`` restarts the service, where that can be done.
    ``rows_of`` reads rows from statements, where the service says what tables it has. ``renew`` ends all
    hosts of the store and empties it, where that can be done.
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
        call_limit: float = CALL_LIMIT,
        rows_of: RowsOf | None = None,
        renew: Callable[[], None] | None = None,
        salt: str = "",
        open_abroad: OpenHost | None = None,
    ) -> None:
        super().__init__(
            open_host,
            shared=shared,
            runtime=runtime,
            nth=nth,
            tidy=tidy,
            call_limit=call_limit,
            salt=salt,
            open_abroad=open_abroad,
        )
        self.apart = not shared
        self._waiting = Waiting(
            self.calls, self.limits, locks=locks, shared=shared, count=waiting, fell=self._fell
        )
        self._set_ups = SetUps()
        self._set_up: SetUp | None = None
        self._restart = restart
        self._renew = renew
        self._rows_of = rows_of
        self.calls.unasked = not locks or waiting is not None

    def reset(self, seed: int, history: History, options: ScheduleOptions = PLAIN) -> RuntimeTraits | None:
        self._waiting.begin(faulty=options.faulty)
        return super().reset(seed, history, options)

    def set_up(self, key: Hashable, program: Coroutine[Any, Any, Any]) -> Any:
        if not self.hosts.play or self.options.stacks or self.has_runtime:
            return self.alone(program)
        run = self._set_up = self._set_ups.begin(key, self.ending)
        if run is None:
            return self.alone(program)
        try:
            made = self.alone(program)
            if self.calls.any_foretold:
                raise Unforeseen
        except (Unforeseen, WorldError) as error:
            program.close()
            if isinstance(error, WorldError) and not self.calls.any_foretold:
                raise
            self._set_ups.was_wrong(key)
            raise Unforeseen from error
        finally:
            self._set_up = None
        self._set_ups.ended(key, run)
        return made

    def perform_alone(self, request: Request) -> tuple[Any, WorldError | None]:
        run, doing = self._set_up, _alone(request.op)
        if run is None:
            if not self.calls.foretold(SUITE, request):
                self.calls.send(SUITE, request, gated=False)
            return answer_in(self.calls.answer(SUITE, doing))
        coming = run.asked(request, self.now(), foretold=self.calls.next_foretold(SUITE))
        if len(coming) > 1:
            self.calls.send_together(SUITE, coming)
            self.calls.next_foretold(SUITE)
        elif coming:
            self.calls.send(SUITE, request, gated=False)
        value, error = answer_in(self.calls.answer(SUITE, doing))
        run.answered(value, self.now(), refused=error is not None)
        return value, error

    def ask_each(self, op: str, *args: Any) -> None:
        """Have an operation performed in each host that runs, between two schedules. Raises the refusal, and
        :class:`HostFailed`."""
        for actor in self.hosts.actors:
            self.calls.send(actor, Request(op, args), gated=False)
            _, refused = answer_in(self.calls.answer(actor, f"{op} between two schedules"))
            self.calls.drop(actor)
            if refused is not None:
                raise refused

    @property
    def goes_ahead(self) -> bool:
        return self.calls.goes_ahead

    @property
    def can_stand_still(self) -> bool:
        return self.hosts.stands_still

    @property
    def can_go_abroad(self) -> bool:
        return self.hosts.open_abroad is not None and not self.hosts.shared

    def foretell(self, coming: Foretell) -> None:
        if coming.calls and self.hosts.go_ahead and not self.options.stacks:
            reads = [Coming(op, args) for op, args in coming.calls]
            at_once = self.hosts.read_at_once and not self.options.faulty
            self.calls.send_together(SUITE, reads, at_once=at_once)

    def release(self, actor: RacingActor) -> None:
        self._waiting.went_on()
        if isinstance(actor.gate, Start):
            if not self.calls.is_held(actor.name):
                self.advance(actor)
                return
            self.calls.go(actor.name, ahead=actor.ahead)  # its runtime queues a message
            self.follow(actor)
            return
        self.note(self.history, actor)
        self._go(actor)
        self.follow(actor)

    def _go(self, actor: RacingActor, **more: str) -> None:
        """Release an actor's gate."""
        self._waiting.went_on()
        self.clock.released()
        self.calls.go(actor.name, ahead=actor.ahead, **more)

    def follow(self, actor: RacingActor) -> None:
        message = self._waiting.message_of(actor.name)
        if message is not None:
            self._take(actor, message)
        elif self._waiting.has_fallen(actor.name):
            self._kill(actor.name)
            actor.stop()
        else:
            self.calls.halt(actor.name)
            if self.calls.has_unread(actor.name):  # it was further on than it had said
                self.follow(actor)
                return
            actor.block()
            self._waiting.blocked(actor.name)

    def _take(self, actor: RacingActor, message: dict[str, Any]) -> None:
        """An actor's next message has come: it is held at a gate, or its call has an answer."""
        self._waiting.went_on()
        self.logs.collect(actor.name)
        if message["type"] == "gate":
            self.calls.hold(actor.name, message["gate"], passed=message.get("passed") is True)
            if queues_message(message):
                actor.hold(Send())
                return
            access, keys = touched(message, self._rows_of)
            cuts, rest = message.get("cut", False), message.get("rest", False)
            actor.hold(Gate(message["label"], access, keys, _origin(message), cuts=cuts, rest=rest))
            return
        self.advance(actor, *answer_in(message))

    # -- what goes wrong ------------------------------------------------------------------------

    @property
    def faults(self) -> frozenset[RaceFault]:
        found: set[RaceFault] = {"jump", "again", "cut", "lose"}
        if not self.hosts.shared:
            found |= {"kill", "die"}  # a process holds one actor, so that it can be killed alone
        if self._restart is not None:
            found.add("restart")
        return frozenset(found)

    def crash(self, actor: RacingActor, *, done: bool) -> None:
        self.note(self.history, actor)
        message = None
        if done:
            with self.calls.unheard():
                self._go(actor)
                message = self._waiting.message_of(actor.name)
                while message is not None and message["type"] == "gate" and queues_message(message):
                    self.calls.hold(actor.name, message["gate"])  # a message that is lost with it
                    self.calls.go(actor.name)
                    message = self._waiting.message_of(actor.name)
        actor.stop()
        if message is None or message["type"] == "gate":
            # In the middle of an operation, or of a handler that runs in there.
            self._kill(actor.name)
        else:
            self.logs.drop_of(actor.name)
            self.calls.drop(actor.name)

    def _kill(self, name: str) -> None:
        self.hosts.kill(name)
        self.calls.drop(name)

    def _fell(self, name: str) -> bool:
        """Whether an error that nobody caught would have ended the process of an actor: a host lives on."""
        return self.options.faulty and not self.hosts.shared and self.logs.collect_of(name)

    def cut(self, actor: RacingActor, *, done: bool) -> None:
        self.note(self.history, actor)
        self._go(actor, cut="after" if done else "before")
        self.follow(actor)

    def restart(self) -> None:
        assert self._restart is not None, "this driver has no service that can be restarted"
        try:
            self._restart()
        except ConformanceError as error:
            raise HostFailed(f"the service did not come back: {error.what}") from error

    def reconnect(self) -> None:
        self.revive()

    @property
    def can_die_softly(self) -> bool:
        return self.hosts.can_die_softly

    @property
    def kills_processes(self) -> bool:
        return not self.hosts.shared and not self.hosts.can_die_softly

    @property
    def died_softly(self) -> int:
        return self.hosts.died_softly

    @property
    def in_soft_deaths(self) -> bool:
        return self.hosts.die_softly

    @contextmanager
    def soft_deaths(self) -> Iterator[None]:
        self.hosts.die_softly = True
        try:
            yield
        finally:
            self.hosts.die_softly = False

    def replace_killed(self) -> frozenset[str]:
        return self.hosts.replace_killed()

    def renew(self) -> bool:
        if self._renew is None:
            return False
        self._renew()
        return True

    def recheck(self, actors: list[RacingActor]) -> None:
        self._waiting.recheck(actors, self._take)

    # -- schedules that are given up, and races with no gates -----------------------------------

    def abandon(self, actors: list[RacingActor]) -> None:
        busy = [
            actor.name
            for actor in actors
            if actor.state != "done"
            and self.calls.under_way(actor.name)
            and (self.calls.is_held(actor.name) or not isinstance(actor.gate, Start))
        ]
        super().abandon(actors)
        deadline = time.monotonic() + self.limits.call
        while busy and time.monotonic() < deadline:
            for name in list(busy):
                if self.calls.is_held(name):
                    self.calls.go(name)
                message = self.calls.receive(name, GLANCE)
                if message is None:
                    continue
                if message["type"] == "gate":
                    self.calls.hold(name, message["gate"], passed=message.get("passed") is True)
                elif message["type"] != "waits":
                    busy.remove(name)
        if busy:
            raise self.calls.silent(busy[0], "letting go of an abandoned schedule")

    def free(self, actors: list[RacingActor]) -> None:
        running = [actor for actor in actors if self.resume(actor, None, None, gated=False)]
        deadline = time.monotonic() + self.limits.call
        while running:
            for actor in list(running):
                message = self.calls.receive(actor.name, 0.001)
                if message is None:
                    continue
                deadline = time.monotonic() + self.limits.call
                self.logs.collect(actor.name)
                if not self.resume(actor, *answer_in(message), gated=False):
                    running.remove(actor)
            if time.monotonic() > deadline:
                raise self.calls.silent(running[0].name, "a race with no gates")


@cache
def _alone(op: str) -> str:
    return f"{op} with nothing racing"


def _origin(message: dict[str, Any]) -> Origin | None:
    """The line of the package that a gate says, if it says one."""
    where = message.get("where")
    if where is None:
        return None
    return Origin(where, message.get("compiled", ""), tuple(message.get("frames", ())))
