"""All orders: one schedule of every class, by source sets and sleep sets.

Source-DPOR (Abdulla, Aronsson, Jonsson and Sagonas 2014): a schedule is run to its end, and for each of its
reversible conflicts that no branch at its first operation covers, one is added there. A branch that was tried
is put to sleep for its siblings, until an operation comes that does not commute with it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import partial

from conformance.core.gates import Operation, independent, operation_of
from conformance.drivers.driver import RacingActor
from conformance.search.relations import Point, Trace
from conformance.search.strategies.known import Held, Known, Node, Phase, run_of
from conformance.search.strategy import Chooser


class _Place:
    """A point of the schedule that is explored: what was tried there, and what is to be."""

    __slots__ = ("chosen", "held", "sleep", "wanted")

    def __init__(self, held: Held, sleep: dict[str, Operation], chosen: str) -> None:
        self.held = dict(held)
        self.sleep = sleep
        self.chosen = chosen
        self.wanted = {chosen: None}

    @property
    def next(self) -> str | None:
        """A branch that is wanted and was not tried."""
        return next((name for name in self.wanted if name not in self.sleep), None)

    def asleep_behind(self) -> dict[str, Operation]:
        """What sleeps after the branch that is chosen."""
        released = self.held[self.chosen]
        return {name: one for name, one in self.sleep.items() if independent(one, released)}


class SourceSets(Phase):
    """A schedule of every class, depth first."""

    def choosers(self) -> Iterator[Chooser]:
        places: list[_Place] = []
        fresh = 0
        while True:
            walk = _Walk(places)
            if not walk.along(self.known):
                walk = yield from self._play(places)
            if walk.astray:
                return
            places = walk.places
            self._add_branches(places, fresh)
            while places:
                place = places[-1]
                place.sleep[place.chosen] = place.held[place.chosen]
                name = place.next
                if name is not None:
                    place.chosen = name
                    break
                places.pop()
            if not places:
                self.finished = True
                return
            fresh = len(places) - 1

    def _play(self, places: list[_Place]) -> Generator[Chooser, None, _Walk]:
        """Play a walk beyond what is known."""
        last = self.known.last
        return (
            yield from self.until_it_fits(
                partial(_Walk, places), lambda walk, trace: walk.astray or trace.reorders(last)
            )
        )

    @property
    def bound(self) -> str:
        return "all orders" if self.finished else ""

    def _add_branches(self, places: list[_Place], fresh: int) -> None:
        """A branch for every conflict whose later operation is new, where none covers it."""
        trace = self.known.trace([place.chosen for place in places])
        if trace is None:  # some of it was played otherwise, later
            trace = Trace.of([Point(tuple(place.held.items()), place.chosen) for place in places])
        for first, second in trace.conflicts:
            if second < fresh:
                continue
            place = places[first]
            initials = _initials(trace, first, second)
            if initials & (place.wanted.keys() | place.sleep.keys()):
                continue
            held = [name for name in place.held if name in initials] or list(place.held)
            name = trace.events[second].operation.actor
            place.wanted[name if name in held else held[0]] = None


def _initials(trace: Trace, first: int, second: int) -> set[str]:
    """Who can be first in a schedule that turns a conflict round: of what does not happen after its first
    operation, up to its second, the actors that wait for nobody else in there."""
    ahead = [place for place in range(first + 1, second) if not trace.happens_before(first, place)]
    ahead.append(second)
    found: set[str] = set()
    seen: set[str] = set()
    for number, place in enumerate(ahead):
        actor = trace.events[place].operation.actor
        if actor in seen:
            continue
        seen.add(actor)
        if not any(trace.happens_before(other, place) for other in ahead[:number]):
            found.add(actor)
    return found


class _Walk:
    """Goes along the places that are given, and beyond them to the end."""

    def __init__(self, places: list[_Place]) -> None:
        self._given = places
        self.places: list[_Place] = []
        #: everyone sleeps: whatever follows was tried in another order
        self.redundant = False
        #: an actor was not held where it had been before, or before another operation
        self.astray = False
        self._last: str | None = None

    def along(self, known: Known) -> bool:
        """Go along what was played. False when it leads to where nobody has been."""
        node: Node | None = known.root
        while node is not None and node.held is not None:
            if not node.held or self.redundant:
                return True
            node = node.after.get(self.choose(node.held))
        return False

    def __call__(self, held: list[RacingActor], last: str | None) -> RacingActor:  # noqa: ARG002 - a chooser's shape
        """The walk as a chooser."""
        name = self.choose(tuple([(actor.name, operation_of(actor.gate)) for actor in held]))
        return next(actor for actor in held if actor.name == name)

    def ahead(self, name: str, held: Sequence[RacingActor]) -> int:  # noqa: ARG002 - as ahead_of asks
        # Beyond what is given nobody who was just released sleeps, so it goes on.
        return run_of(name, [place.chosen for place in self._given[len(self.places) :]])

    def choose(self, held: Held) -> str:
        """Who is released next."""
        names = [name for name, _ in held]
        at = len(self.places)
        if self.redundant or self.astray:
            chosen = self._last if self._last in names else names[0]
        elif at < len(self._given):
            place = self._given[at]
            self.astray = (place.chosen, place.held[place.chosen]) not in held
            chosen = place.chosen if place.chosen in names else names[0]
            self.places.append(place)
        else:
            chosen = self._open(held, names)
        self._last = chosen
        return chosen

    def _open(self, held: Held, names: list[str]) -> str:
        """A place where this exploration has not been."""
        sleep = self.places[-1].asleep_behind() if self.places else {}
        awake = [name for name in names if name not in sleep]
        self.redundant = not awake
        chosen = self._last if self._last in (awake or names) else (awake or names)[0]
        if not self.redundant:
            self.places.append(_Place(held, sleep, chosen))
        return chosen
