"""The faults of a case, made to happen at their places while it is played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.core.faults import HOUR, QUEUE_FAULTS, SCHEDULE_FAULTS, Fault, FaultKind
from conformance.core.history import FaultStep, Message
from conformance.core.starts import Start
from conformance.drivers.driver import ACTORS, Driver, RacingActor
from conformance.levels.handlers import HandlerSuite
from conformance.search.strategy import TO_THE_END
from conformance.spec.vocabulary import WorldError

if TYPE_CHECKING:
    from conformance.core.actor import Actor
    from conformance.core.scenario import Program
    from conformance.levels.storage import Suite


async def quietly(program: Program, actor: Actor) -> None:
    """Run a program; a refusal ends it, and is already in the history."""
    try:
        await program(actor)
    except WorldError:
        return


def _cuts(actor: RacingActor) -> bool:
    return actor.gate is not None and actor.gate.cuts


class FaultInjector:
    """Counts releases and deliveries, and makes of a fault what it is when its place has come.

    A fault whose place never comes, or that hits nobody, did not happen: ``history.faults`` holds those
    that did.
    """

    def __init__(self, faults: Sequence[Fault], driver: Driver, suite: Suite) -> None:
        self._driver = driver
        self._suite = suite
        self._history = suite.actor.history
        self._race: dict[int, list[FaultKind]] = {}
        self._queue: dict[int, list[FaultKind]] = {}
        for kind, place in faults:
            if kind in SCHEDULE_FAULTS:
                continue  # it began so
            (self._queue if kind in QUEUE_FAULTS else self._race).setdefault(place, []).append(kind)
        self._released = 0
        self._delivered = 0

    # -- in the race ----------------------------------------------------------------------------

    def release(self, actor: RacingActor, actors: list[RacingActor]) -> None:
        """Release a held actor's operation, in whatever way it goes wrong. May add an actor.

        A start is not a place for a fault: nothing is under way. But who begins later sees that time passed.
        """
        if isinstance(actor.gate, Start):
            coming = self._race.get(self._released, [])
            if "jump" in coming:
                coming.remove("jump")
                self._driver.pass_time(HOUR)
                self._happened("jump", actor.name)
            self._driver.release(actor)
            return
        kinds = self._race.get(self._released, ())
        self._released += 1
        driver = self._driver
        message = self._in_hand(actor) if kinds else None
        fails = bool(kinds) and (message is not None or self._asks(actor))
        end: FaultKind | None = None
        for kind in kinds:
            match kind:
                case "jump":
                    driver.pass_time(HOUR)
                    self._happened(kind, actor.name)
                case "restart":
                    self._happened(kind, actor.name)
                    driver.restart()
                case "again" if message is not None and len(actors) < len(ACTORS):
                    self._happened(kind, actor.name)
                    actors.append(self._redelivered(message, ACTORS[len(actors)]))
                # Who has a message in hand may fail, for it comes again, and a caller from outside, who asks
                # again: otherwise nobody makes up for what was left undone.
                case "kill" | "die" if end is None and (fails or self._may_die(actor)):
                    end = kind
                case "cut" | "lose" if fails and end is None and _cuts(actor):
                    end = kind
        if end is None:
            driver.release(actor)
            return
        self._happened(end, actor.name)
        if isinstance(self._suite, HandlerSuite):
            self._suite.break_off(actor.name)
        if end in ("kill", "die"):
            driver.crash(actor, done=end == "die")
        else:
            driver.cut(actor, done=end == "lose")

    def _asks(self, actor: RacingActor) -> bool:
        """Whether an actor is a caller from outside, such as one that cancels a run."""
        return isinstance(self._suite, HandlerSuite) and self._suite.is_asking(actor.name)

    def ahead(self, actor: RacingActor) -> int:
        """How many operations more are released as they are, once the one at which an actor is held was."""
        place = self._released
        coming = [fault - place for fault in self._race if fault >= place]
        nearest = min(coming, default=TO_THE_END)
        return nearest if isinstance(actor.gate, Start) else max(0, nearest - 1)

    def _may_die(self, actor: RacingActor) -> bool:
        """Whether a caller without a message may die: at level ``storage`` the first one may,
        for another actor makes its call again."""
        return not isinstance(self._suite, HandlerSuite) and actor.name == ACTORS[0]

    def _in_hand(self, actor: RacingActor) -> Message | None:
        """The message that the handler of an actor works on."""
        delivery = self._history.in_hand(actor.name, self._history.clock)
        return None if delivery is None else delivery.message

    def _redelivered(self, message: Message, name: str) -> RacingActor:
        suite = self._suite
        assert isinstance(suite, HandlerSuite), "without handlers there are no messages"
        program = suite.delivery(replace(message, attempt=message.attempt + 1))
        actor = RacingActor(name, quietly(program, self._driver.actor(name)))
        self._driver.start(actor)
        return actor

    # -- after the race: what the queue does with the n-th delivery ------------------------------

    def pick(self, ready: Sequence[Message]) -> Message:
        """The message that is delivered next, of those that may be."""
        if len(ready) > 1 and self._now("swap"):
            return ready[-1]
        return ready[0]

    def lateness(self) -> float:
        """By how many ms the next delivery is late."""
        return float(HOUR) if self._now("late") else 0.0

    def delivered(self) -> bool:
        """A delivery is over; true when its message comes again although it was handled."""
        repeated = self._now("repeat")
        self._delivered += 1
        return repeated

    def _now(self, kind: FaultKind) -> bool:
        if kind not in self._queue.get(self._delivered, ()):
            return False
        self._happened(kind, "-")
        return True

    def _happened(self, kind: FaultKind, actor: str) -> None:
        self._history.faults.append(FaultStep(actor, kind, self._history.tick()))
