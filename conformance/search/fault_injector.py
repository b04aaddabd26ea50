"""The faults of a case, made to happen at their places while it is played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.core.faults import HOUR, QUEUE_FAULTS, Fault, FaultKind
from conformance.core.history import FaultStep, Message
from conformance.drivers.driver import LANES, Lane, Rig
from conformance.levels.handlers import HandlerSuite
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


def _cuts(lane: Lane) -> bool:
    return lane.gate is not None and lane.gate.cuts


class Mishaps:
    """Counts releases and deliveries, and makes of a fault what it is when its place has come.

    A fault whose place never comes, or that hits nobody, did not happen: ``history.faults`` holds those
    that did.
    """

    def __init__(self, faults: Sequence[Fault], rig: Rig, suite: Suite) -> None:
        self._rig = rig
        self._suite = suite
        self._history = suite.actor.history
        self._race: dict[int, list[FaultKind]] = {}
        self._queue: dict[int, list[FaultKind]] = {}
        for kind, place in faults:
            (self._queue if kind in QUEUE_FAULTS else self._race).setdefault(place, []).append(kind)
        self._released = 0
        self._delivered = 0

    # -- in the race ----------------------------------------------------------------------------

    def release(self, lane: Lane, lanes: list[Lane]) -> None:
        """Release a held lane's operation, in whatever way it goes wrong. May add a lane."""
        kinds = self._race.get(self._released, ())
        self._released += 1
        rig = self._rig
        message = self._in_hand(lane) if kinds else None
        end: FaultKind | None = None
        for kind in kinds:
            match kind:
                case "jump":
                    rig.pass_time(HOUR)
                    self._happened(kind, lane.name)
                case "restart":
                    self._happened(kind, lane.name)
                    rig.restart()
                case "again" if message is not None and len(lanes) < len(LANES):
                    self._happened(kind, lane.name)
                    lanes.append(self._redelivered(message, LANES[len(lanes)]))
                # Only who has a message in hand may fail: nobody makes up for what a caller from outside
                # left undone.
                case "kill" | "die" if message is not None and end is None:
                    end = kind
                case "cut" | "lose" if message is not None and end is None and _cuts(lane):
                    end = kind
        if end is None:
            rig.release(lane)
            return
        self._happened(end, lane.name)
        if end in ("kill", "die"):
            rig.crash(lane, done=end == "die")
        else:
            rig.cut(lane, done=end == "lose")

    def _in_hand(self, lane: Lane) -> Message | None:
        """The message that the handler of a lane works on."""
        mine = (
            each.message for each in self._history.deliveries if each.lane == lane.name and each.ended == -1
        )
        return next(mine, None)

    def _redelivered(self, message: Message, name: str) -> Lane:
        suite = self._suite
        assert isinstance(suite, HandlerSuite), "without handlers there are no messages"
        program = suite.delivery(replace(message, attempt=message.attempt + 1))
        lane = Lane(name, quietly(program, self._rig.actor(name)))
        self._rig.start(lane)
        return lane

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

    def _happened(self, kind: FaultKind, lane: str) -> None:
        self._history.faults.append(FaultStep(lane, kind, self._history.tick()))
