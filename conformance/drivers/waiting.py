"""Which released actors wait: for a lock in the service, or for another call of their own process.

The service is asked how many wait in it. Where it cannot be asked, an actor that says nothing for long waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from conformance.drivers.calls import Calls
from conformance.drivers.driver import RacingActor, WaitLimits
from conformance.drivers.silence import LONGEST, Silence

#: How long a message is waited for before something else is looked at, in seconds.
GLANCE: Final = 0.02
#: After so long the service is asked about a released actor for the first time, in seconds; then less often.
_FIRST_GLANCE: Final = 0.004
#: It is asked again so soon (seconds): a lock of the service's own is held for a moment only.
_AGAIN: Final = 0.002

#: What is said of an actor whose lock nobody gives back.
_KEPT: Final = (
    "it waits for a lock, and no call is under way that could hold it "
    "(a connection may have gone back to its pool with its transaction open)"
)

#: What a silent actor was last seen at, where another is held at a gate, and where none is.
_RELEASED: Final = "a released operation"
_MAY_WAIT: Final = f"{_RELEASED} (if it waits for a lock: locks = true in world.toml)"

#: How many callers wait for a lock in the service now; None when it cannot be asked.
CountWaiting = Callable[[], int] | None

#: What is done with the message of an actor that goes on.
Take = Callable[[RacingActor, dict[str, Any]], None]


class Waiting:
    """The actors that wait, in one schedule after the other.

    ``locks``: a call may wait for another actor. ``shared``: one process has all actors. ``count`` asks the
    service. ``fell``: whether the process of an actor would have ended of an error that nobody caught.
    """

    def __init__(
        self,
        calls: Calls,
        limits: WaitLimits,
        *,
        locks: bool,
        shared: bool,
        count: CountWaiting,
        fell: Callable[[str], bool],
    ) -> None:
        self._calls = calls
        self._limits = limits
        self._locks = locks
        self._shared = shared
        self._count = count
        self._fell = fell
        self._faulty = False
        #: of actors that were released, and of those that were blocked when another one let go of a lock
        self._silence, self._wakes = Silence(), Silence()
        #: actors that wait for a lock in the service, and for another call of their own process
        self._stuck: set[str] = set()
        self._inside: set[str] = set()
        #: since when all that is left waits for locks
        self._since: float | None = None
        self._fallen: set[str] = set()

    def begin(self, *, faulty: bool) -> None:
        """A schedule begins; ``faulty``: it may have faults."""
        self._faulty = faulty
        self._stuck.clear()
        self._inside.clear()
        self._since = None

    def went_on(self) -> None:
        """Somebody was released, or has spoken."""
        self._since = None

    def blocked(self, name: str) -> None:
        """Nothing was heard of an actor, which :meth:`message_of` has said."""
        if name not in self._inside:
            self._stuck.add(name)

    def has_fallen(self, name: str) -> bool:
        """Whether nothing was heard of an actor because it fell. True once for each fall."""
        fallen = name in self._fallen
        self._fallen.discard(name)
        return fallen

    # -- an actor that was released -------------------------------------------------------------

    def message_of(self, name: str) -> dict[str, Any] | None:
        """The next message of a released actor; None when it waits, or fell. Raises :class:`HostFailed`."""
        message = self._heard_of(name)
        if message is not None and message["type"] == "waits":
            self._inside.add(name)
            return None
        return message

    def _heard_of(self, name: str) -> dict[str, Any] | None:
        if not self._locks and not self._faulty and not self._shared:
            return self._calls.answer(name, _MAY_WAIT if self._calls.any_held else _RELEASED)
        if self._locks and self._count is None:
            return self._hear(name, self._silence)
        began = time.monotonic()
        pause, waits = _FIRST_GLANCE, False
        while time.monotonic() < began + self._limits.call:
            message = self._calls.receive(name, _AGAIN if waits else pause)
            if message is not None:
                return message
            if self._fell(name):
                self._fallen.add(name)
                return None
            if self._count is not None and self._count() > self._still_stuck():
                if waits:
                    return None
                waits = True
            else:
                pause, waits = min(2 * pause, GLANCE), False
            # In one process it may wait for a call that is held. Nobody can be asked whether it does.
            others = self._calls.any_held or self._calls.any_unread
            if self._shared and others and time.monotonic() > began + LONGEST:
                self._inside.add(name)
                return None
        raise self._calls.silent(name, "a released operation that waits for no lock")

    def _still_stuck(self) -> int:
        """How many actors waited for a lock when that was last asked, and have said nothing since: one that
        was given its lock may have been counted a moment too long."""
        return sum(not self._calls.has_spoken(name) for name in self._stuck)

    def _hear(self, name: str, silence: Silence) -> dict[str, Any] | None:
        """The next message of an actor that may wait for a lock, where nobody can be asked about it."""
        began = time.monotonic()
        message = self._calls.receive(name, silence.limit)
        if message is not None:
            silence.heard(time.monotonic() - began)
        return message

    # -- actors that waited ---------------------------------------------------------------------

    def recheck(self, actors: list[RacingActor], take: Take) -> None:
        """See which of these go on, and ``take`` their messages. Raises :class:`HostFailed`."""
        deadline = time.monotonic() + self._limits.call
        self._recheck_inside([actor for actor in actors if actor.name in self._inside], take, deadline)
        actors = [actor for actor in actors if actor.name in self._stuck]
        if not actors:
            return
        pause = 0.0 if self._since is None else GLANCE
        while True:
            for actor in actors:
                if actor.state != "blocked":
                    message = None
                elif self._count is None:
                    message = self._hear(actor.name, self._wakes)
                else:
                    message = self._calls.receive(actor.name, pause)
                if message is not None:
                    self._stuck.discard(actor.name)
                    take(actor, message)
            # Actors that wait for a lock in the service stay blocked; one that does not will speak soon.
            if self._count is None or self._count() >= len(self._stuck):
                self._wait_for_locks()
                return
            if time.monotonic() > deadline:
                raise self._calls.silent(min(self._stuck), "a blocked operation that waits for no lock")
            pause = GLANCE

    def _wait_for_locks(self) -> None:
        """Somebody waits for a lock. This is asked again and again only when nobody else can go on: then who
        holds it has been answered, and will not give it back."""
        if not self._stuck:
            return
        if self._since is None:
            self._since = time.monotonic()
        elif time.monotonic() > self._since + self._limits.call:
            raise self._calls.silent(min(self._stuck), _KEPT)

    def _recheck_inside(self, actors: list[RacingActor], take: Take, deadline: float) -> None:
        """See whether actors go on that waited for others of their process; when none is held, one does."""
        while actors:
            waiting = []
            for actor in actors:
                message = self._calls.receive(actor.name, GLANCE)
                if message is None or message["type"] == "waits":
                    waiting.append(actor)
                else:
                    self._inside.discard(actor.name)
                    take(actor, message)
            # Somebody who came to wait only now, and is not among these, may have gone on since.
            others_went_on = any(map(self._calls.has_unread, self._inside))
            if self._calls.any_held or len(waiting) < len(actors) or self._stuck or others_went_on:
                return
            if time.monotonic() > deadline:
                raise self._calls.silent(waiting[0].name, "a call that waits for no other")
