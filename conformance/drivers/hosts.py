"""The hosts of one driver, from their start to their end."""

from __future__ import annotations

import zlib
from typing import Final

from conformance.core.errors import ConformanceError, HostFailed, NotSupported
from conformance.drivers.driver import ACTORS, SUITE, WaitLimits
from conformance.drivers.logical_clock import LogicalClock
from conformance.drivers.messages import HostConnection, OpenHost, RuntimeTraits

#: A host that could be opened before may fail so often in a row to open again, while a service restarts, say.
_MOST_FAILED_OPENINGS: Final = 3


class Hosts:
    """A host for each actor, or one for all when ``shared``. Started when first needed, and kept.

    ``salt`` is different for each driver on one store. ``open_abroad`` starts a host in another time zone.
    """

    def __init__(
        self,
        open_host: OpenHost,
        clock: LogicalClock,
        limits: WaitLimits,
        *,
        shared: bool = False,
        salt: str = "",
        open_abroad: OpenHost | None = None,
    ) -> None:
        self._open_host = open_host
        #: starts a host in another time zone; whether the second actor has such a one, and then its other one
        self.open_abroad = open_abroad
        self._away = False
        self._at_home: HostConnection | None = None
        self._clock = clock
        self._limits = limits
        self.shared = shared
        self._hosts: dict[str, HostConnection] = {}
        self._salt = salt
        #: of the schedule, and how many seeds hosts were given
        self._seed = 0
        self._given = 0
        #: resets that are not answered
        self._resets: dict[HostConnection, int] = {}
        #: what the hosts say of their runtime; known when one is open
        self._traits: RuntimeTraits | None = None
        #: what the world in them declares that it can do; known when one is open
        self.capabilities: frozenset[str] = frozenset()
        #: the spec version that it declares, if it does; known when one is open
        self.spec_version: int | None = None
        #: whether they let operations go ahead unasked, as far as they are allowed to
        self.go_ahead = False
        #: whether they make calls that refer to the answers of earlier ones
        self.play = False
        #: whether they make reads at once that are sent together
        self.read_at_once = False
        #: whether their clocks can stand still for a schedule
        self.stands_still = False
        #: whether their worlds can die while their processes live on, and whether those that are killed do so
        self.can_die_softly = False
        self.die_softly = False
        #: how many did; and processes whose world has died: another is opened in them when it is wanted
        self.died_softly = 0
        self._vacant: dict[str, HostConnection] = {}
        #: whose hosts were killed and are wanted again; and whose were started since :meth:`replace_killed`
        self._killed: set[str] = set()
        self._fresh: set[str] = set()
        #: why hosts cannot be opened, and how often in a row that was so; whether they ever could
        self._unopened: ConformanceError | None = None
        self._failed_openings = 0
        self._could_open = False

    def of(self, actor: str) -> HostConnection:
        """The host of an actor, started when there is none. Raises what opening a world raises."""
        host = self._hosts.get(actor)
        if host is None:
            name = self.at(actor)
            host = self._hosts.get(name) or self._start(name)
        return host

    def at(self, actor: str) -> str:
        """Whose host it is: the suite is a guest of the first that lives."""
        if actor != SUITE:
            return actor
        if ACTORS[0] in self._hosts:
            return ACTORS[0]
        return next((name for name in ACTORS if name in self._hosts), ACTORS[0])

    @property
    def actors(self) -> list[str]:
        """One actor of each that lives."""
        return [next(name for name, each in self._hosts.items() if each is host) for host in self.all()]

    def all(self) -> list[HostConnection]:
        """Those that live, each once."""
        hosts = self._hosts.values()
        return list(dict.fromkeys(hosts)) if self.shared else list(hosts)

    def reset(self, seed: int) -> RuntimeTraits:
        """Begin a schedule in every host, or start the first. What they say of the runtime in them.

        Raises what opening a world raises.
        """
        self._seed = seed
        asked = self.actors
        for actor in asked:
            self._reset(self._hosts[actor])
        if not asked:
            self._start(ACTORS[0])
        assert self._traits is not None, "a host is open"
        return self._traits

    def _reset(self, host: HostConnection) -> None:
        """Have a host begin the schedule. Nobody waits for its answer: what is sent next is read after it."""
        self._resets[host] = ident = host.next_id()
        message = {"type": "reset", "id": ident, "seed": self._fresh_seed(), "clock": self._clock.now}
        still = self._clock.still and self.stands_still
        host.send_with_next(message | {"still": True} if still else message)

    def has_reset(self, host: HostConnection, ident: int) -> bool:
        """Whether a message answers the last reset of a host. What it logged before is of no schedule now."""
        if self._resets.get(host) != ident:
            return False
        del self._resets[host]
        host.take_logs()
        return True

    def _start(self, actor: str) -> HostConnection:
        """Start the host of an actor; the first two at once, for no race needs fewer."""
        if self._unopened is not None and (
            not self._could_open or self._failed_openings >= _MOST_FAILED_OPENINGS
        ):
            # It would fail in the same way again, after as long a wait.
            raise self._unopened
        groups = [list(ACTORS[:4])]
        if not self.shared:
            groups = [[name] for name in dict.fromkeys((actor, *ACTORS[:2])) if name not in self._hosts]
        try:
            self._open_all(groups)
        except (HostFailed, NotSupported) as error:
            self._unopened = error
            self._failed_openings += 1
            raise
        self._unopened, self._failed_openings, self._could_open = None, 0, True
        self._fresh.update(*groups)
        return self._hosts[actor]

    def _open_all(self, groups: list[list[str]]) -> None:
        """Open a host for each group of actors, all at once. When one cannot be opened, none is kept."""
        started: list[HostConnection] = []
        again = [self._vacant.pop(names[0], None) for names in groups]
        try:
            for names, vacant in zip(groups, again, strict=True):
                started.append(self._begin_open(names, vacant))
            for nth, names in enumerate(groups):
                try:
                    opened = started[nth].await_open(self._limits.call, deadline=self._limits.deadline)
                except HostFailed:
                    if again[nth] is None:
                        raise
                    started[nth] = self._begin_open(names, None)
                    opened = started[nth].await_open(self._limits.call, deadline=self._limits.deadline)
                self._traits = RuntimeTraits(opened.dialect, opened.inline)
                self.capabilities = opened.capabilities
                self.spec_version = opened.spec_version
                # Where one process holds several actors, its gates are asked about one by one.
                self.go_ahead = opened.goes_ahead and not self.shared
                self.play = opened.plays
                self.read_at_once = opened.reads_at_once
                self.stands_still = opened.stands_still
                self.can_die_softly = opened.dies and not self.shared
        except BaseException:
            for host in started:
                host.kill()
            raise
        for names, host in zip(groups, started, strict=True):
            self._hosts |= dict.fromkeys(names, host)
            if self._clock.still:
                self._reset(host)

    def _begin_open(self, names: list[str], vacant: HostConnection | None) -> HostConnection:
        """Ask for a world, in a process of its own or in one that is vacant."""
        seed, now = self._fresh_seed(), self._clock.now
        if vacant is None:
            abroad = self._away and names == [ACTORS[1]]
            opening = self.open_abroad if abroad and self.open_abroad is not None else self._open_host
            return opening(names, seed, now)
        vacant.reopen(names, seed, now)
        return vacant

    def _fresh_seed(self) -> int:
        """A seed that no host of this store had before, in whatever schedule: a World whose ids are random
        would make an id again that it has stored, which no real one does."""
        self._given += 1
        return (zlib.crc32(f"{self._salt} {self._seed}".encode()) << 20) + self._given % (1 << 20)

    def go_abroad(self, away: bool) -> None:
        """The second actor has a host in another time zone from now on, or its own again."""
        if away == self._away:
            return
        self._away = away
        name = ACTORS[1]
        host, back = self._hosts.pop(name, None), self._at_home
        self._at_home = host if away else None
        if not away and host is not None:
            self._resets.pop(host, None)
            host.kill()
        if back is not None:
            self._hosts[name] = back

    def kill(self, actor: str) -> None:
        """End the world of an actor at once, as a killed process ends; :meth:`replace_killed` opens another.

        Its process is killed, or with :attr:`die_softly` lives on where that makes no difference.
        """
        host = self._hosts.pop(actor)
        self._resets.pop(host, None)
        if self.die_softly and self.can_die_softly and host.die():
            self._vacant[actor] = host
            self.died_softly += 1
        else:
            host.kill()
        self._killed.add(actor)

    def replace_killed(self) -> frozenset[str]:
        """As :meth:`Driver.replace_killed`."""
        while self._killed:
            self.of(self._killed.pop())
        fresh, self._fresh = frozenset(self._fresh), set()
        return fresh

    def kill_all(self) -> None:
        """End every host at once; those that are wanted again are started anew."""
        for host in (*self.all(), *self._vacant.values(), *self._idle):
            host.kill()
        self._at_home = None
        self._hosts.clear()
        self._vacant.clear()
        self._resets.clear()

    @property
    def _idle(self) -> list[HostConnection]:
        return [] if self._at_home is None else [self._at_home]

    def close(self) -> None:
        """Let every host end. Safe to repeat."""
        hosts = [*self.all(), *self._vacant.values(), *self._idle]
        self._at_home = None
        for host in hosts:
            host.begin_close()
        for host in hosts:
            host.close()
        self._hosts.clear()
        self._vacant.clear()
