"""Two preemptions, each right after a log was read, or right after something was created.

A replay then goes on from a log that has grown since, or creates what another has planned otherwise. What an
actor has done is taken from the history, so any World will do, however many operations a call takes there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

from conformance.core.history import Call, History
from conformance.drivers.driver import RacingActor
from conformance.search.strategy import Chooser, Strategy, simplest
from conformance.spec.machine import creates_step
from conformance.spec.vocabulary import CREATIONS


def _reads_the_log(call: Call) -> bool:
    """A page of it, or the log that comes with the answer of a start."""
    return call.op == "events.list" or (isinstance(call.value, dict) and bool(call.value.get("events")))


def _creates(call: Call) -> bool:
    """Line 5.x also creates a step with its first start, which brings the input."""
    return call.op == "events.create" and (call.event["eventType"] in CREATIONS or creates_step(call.event))


class StaleReads(Strategy):
    """One actor stops after its n-th read of a log, the other after its m-th; then each runs to its end. Then
    the same with creations in place of reads."""

    def __init__(self, most: int = 3) -> None:
        self.most = most

    def choosers(self) -> Iterator[Chooser]:
        numbers = sorted(product(range(1, self.most + 1), repeat=2), key=sum)
        for counts, (first, second), order in product((_reads_the_log, _creates), numbers, ("AB", "BA")):
            yield _Staged(((order[0], first), (order[1], second)), order, counts)

    @property
    def bound(self) -> str:
        return f"a preemption of each actor after one of its first {self.most} reads of a log, or creations"


class _Staged:
    """Releases an actor until it has made so many such calls, then the next; in the end each in turn."""

    def __init__(
        self, stages: tuple[tuple[str, int], ...], order: str, counts: Callable[[Call], bool]
    ) -> None:
        self._stages = list(stages)
        self._order = order
        self._counts = counts
        self._history = History()
        self._begun = False

    def attend(self, history: History) -> None:
        """The history of the schedule that begins."""
        self._history = history

    def __call__(self, held: list[RacingActor], last: str | None) -> RacingActor:
        while self._stages:
            name, wanted = self._stages[0]
            actor = next((one for one in held if one.name == name), None)
            if actor is None or self._made(name) >= wanted:
                self._stages.pop(0)
                continue
            return actor
        if not self._begun:
            self._begun = True
            return min(held, key=lambda one: self._order.find(one.name))
        return simplest(held, last)

    def _made(self, name: str) -> int:
        """How many of the calls that count have been answered to an actor in the race."""
        return sum(
            call.actor == name and call.phase == "race" and call.answered and self._counts(call)
            for call in self._history.calls
        )
