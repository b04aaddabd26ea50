"""What a strategy is: choosers, one per schedule, and what each schedule looked like."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from conformance.core.gates import Gate
from conformance.core.history import History
from conformance.drivers.driver import RacingActor
from conformance.search.relations import Trace


class Step(NamedTuple):
    """One choice: who was held at which gate, and which actor was released."""

    held: tuple[tuple[str, Gate], ...]
    chosen: str


class Chooser(Protocol):
    """Picks one of the held actors. ``last`` is the actor released before, if there was one."""

    def __call__(self, held: list[RacingActor], last: str | None) -> RacingActor: ...


#: An actor goes on as long as it can.
TO_THE_END: Final = 1 << 30


def ahead_of(choose: Chooser | None, name: str, held: Sequence[RacingActor]) -> int:
    """How many choices more are certain to fall on an actor that was just chosen, of those that are held, as
    long as it is held at operations and each of the others stays where it is. A chooser that knows has a
    method ``ahead(name, held)``."""
    knows = getattr(choose, "ahead", None)
    return 0 if knows is None else int(knows(name, held))


def attend(choose: Chooser | None, history: History) -> None:
    """A schedule begins. A chooser that goes by what actors have done has a method ``attend(history)``."""
    attends = getattr(choose, "attend", None)
    if attends is not None:
        attends(history)


class Strategy(ABC):
    """A source of schedules. For each chooser it yields, the engine plays a case and reports back."""

    @abstractmethod
    def choosers(self) -> Iterator[Chooser]:
        """Choosers, until there are no more schedules to try."""

    def played(self, steps: list[Step]) -> None:  # noqa: B027 - only searching strategies learn from it
        """The steps of the schedule that the last chooser made."""

    @property
    def fresh(self) -> Trace | None:
        """The trace of the schedule that was played last, when it was the first of its class."""
        return None

    @property
    def exhausted(self) -> bool:
        """Whether every schedule within the strategy's bound has been tried."""
        return False

    @property
    def bound(self) -> str:
        """The bound in words, such as ``all orders`` or ``2 preemptions``."""
        return ""


def simplest(held: list[RacingActor], last: str | None) -> RacingActor:
    """The actor that ran last while it can go on, then the first that can."""
    for actor in held:
        if actor.name == last:
            return actor
    return held[0]
