"""Real time within a class: which calls can have been answered when another one began.

The schedules of a class differ only by swapping operations that commute. So each of them comes to the same
answers and the same outcome, but not to the same overlaps: the beginning of a program commutes with every
operation of the others. The more calls come one after another, the fewer orders of them are right. So the one
schedule that is played for a class is judged by the real time of all schedules of it. Nothing more is played,
unless one of them breaks a rule.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from typing import Final, NamedTuple

from conformance.oracle.finding import Finding, Identity
from conformance.oracle.observed import racing_calls
from conformance.oracle.seen import Observed
from conformance.search.play import Played
from conformance.search.relations import Trace

#: As :attr:`Observed.order`: for each racing call the calls that were answered when it began, as bits.
Order = tuple[int, ...]
#: So many sets of precedences of one class are asked about. Far more than the scenarios ever need.
_MOST: Final = 2_000
#: A schedule that should break a rule by its real time, and does not when it is played, did not commute as it
#: was said to. So often this is tried for one finding.
_TRIES: Final = 3


class Span(NamedTuple):
    """When a call was under way, by places in the schedule: it was made as what is at ``begun`` was released,
    and has its answer when what is at each of ``ended`` was."""

    begun: int
    ended: tuple[int, ...]


def spans(played: Played) -> list[Span]:
    """Those of the racing calls, in the order of :attr:`Observed.order`."""
    ticks, steps = played.ticks, played.steps
    found = []
    for call in racing_calls(played.history):
        begun, ended = (bisect_left(ticks, tick) - 1 for tick in (call.began, call.ended))
        own = next((at for at in range(ended, -1, -1) if steps[at].chosen == call.actor), ended)
        # What waits for a lock is answered when another lets go of it.
        found.append(Span(begun, (own,) if own == ended else (own, ended)))
    return found


class Precedences:
    """The pairs of calls of a class of which the first is answered before the second begins: those that are
    so in every schedule of it, and those that are in some."""

    def __init__(self, trace: Trace, of: Sequence[Span]) -> None:
        self._trace = trace
        self._spans = of
        self._always: list[tuple[int, int]] = []
        self._sometimes: list[tuple[int, int]] = []
        for first, one in enumerate(of):
            for second, other in enumerate(of):
                if first != second:
                    self._sort(first, second, one, other)

    def _sort(self, first: int, second: int, one: Span, other: Span) -> None:
        if all(self._follows(other.begun, end) for end in one.ended):
            self._always.append((first, second))
        elif not any(self._follows(end, other.begun) for end in one.ended):
            self._sometimes.append((first, second))

    def _follows(self, later: int, earlier: int) -> bool:
        """Whether one place is the other, or comes after it in every schedule."""
        return later == earlier or (later > earlier and self._trace.happens_before(earlier, later))

    def breaking(self, breaks: Callable[[Order], bool]) -> Iterator[str]:
        """Schedules of the class whose real time breaks a rule, as the actors in order of release: each with
        as many precedences as one schedule can have. ``breaks`` says whether these precedences leave no right
        order; fewer leave more."""
        left = _MOST
        waiting: list[tuple[list[tuple[int, int]], frozenset[tuple[int, int]]]] = [
            (self._sometimes, frozenset())
        ]
        while waiting and left:
            left -= 1
            pairs, kept = waiting.pop()
            if not breaks(self._order([*self._always, *pairs])):
                continue
            cycle = self._cycle(pairs)
            if not cycle:
                yield self._schedule(pairs)
                continue
            # No schedule has them all: one of the cycle is missing. The n-th set has those before the n-th.
            for number, missing in enumerate(cycle):
                if missing not in kept:
                    others = kept.union(cycle[:number])
                    waiting.append(([pair for pair in pairs if pair != missing], others))

    def _order(self, pairs: Sequence[tuple[int, int]]) -> Order:
        order = [0] * len(self._spans)
        for first, second in pairs:
            order[second] |= 1 << first
        return tuple(order)

    def _cycle(self, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Some of these pairs that no schedule has together; none when one has them all."""
        after = {
            pair: [
                other
                for other in pairs
                if any(self._follows(end, self._spans[pair[1]].begun) for end in self._spans[other[0]].ended)
            ]
            for pair in pairs
        }
        done: set[tuple[int, int]] = set()
        for root in pairs:
            path: list[tuple[int, int]] = []
            left: list[list[tuple[int, int]]] = [[root]]
            while left:
                if not left[-1]:
                    left.pop()
                    if path:
                        done.add(path.pop())
                    continue
                pair = left[-1].pop()
                if pair in path:
                    return path[path.index(pair) :]
                if pair not in done:
                    path.append(pair)
                    left.append(list(after[pair]))
        return []

    def _schedule(self, pairs: Sequence[tuple[int, int]]) -> str:
        """A schedule of the class with these precedences, which stays with an actor while it can."""
        events = self._trace.events
        after: list[set[int]] = [
            {earlier for earlier in range(place) if self._trace.happens_before(earlier, place)}
            for place in range(len(events))
        ]
        for first, second in pairs:
            after[self._spans[second].begun].update(self._spans[first].ended)
        left, released, order = list(range(len(events))), set[int](), ""
        while left:
            ready = [place for place in left if after[place] <= released]
            place = next((one for one in ready if events[one].operation.actor == order[-1:]), ready[0])
            left.remove(place)
            released.add(place)
            order += events[place].operation.actor
        return order


class RealTime:
    """Finds the schedules of one case that break a rule by their real time alone. ``explain``: what is wrong
    in the best order of an outcome's calls."""

    def __init__(self, level: str, explain: Callable[[Observed], Sequence[Finding]]) -> None:
        self._level = level
        self._explain = explain
        self._tried: Counter[Identity] = Counter()

    def breaking(self, played: Played, trace: Trace, known: Container[Identity]) -> Iterator[str]:
        """Those of the class of a schedule that was played, as the actors in order of release: to be played,
        for what is not ``known`` by then."""
        observed = played.observe(self._level)
        if not observed.order or _musts(self._explain(observed)):
            return
        found: list[Finding] = []

        def breaks(order: Order) -> bool:
            nonlocal found
            if order == observed.order:
                return False  # as it was played
            found = _musts(self._explain(observed._replace(order=order)))
            return bool(found)

        for schedule in Precedences(trace, spans(played)).breaking(breaks):
            wanted = [one.identity for one in found if one.identity not in known]
            if any(self._tried[one] < _TRIES for one in wanted):
                self._tried.update(wanted)
                yield schedule


def _musts(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "must"]
