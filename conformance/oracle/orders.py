"""The oracle: is there an order of the racing calls that explains everything observed?

Racing calls may take effect in any order that real time allows (linearizability): a call that had been
answered comes before one that began later. Each order is run through the spec, and what the world answered or
kept differently is a mismatch (:mod:`conformance.oracle.mismatches`). An outcome is right when some order has
no mismatch. Otherwise the order with the fewest is the best explanation: its mismatches are what is broken.

Three searches. The first asks for an order that keeps each actor's own order, whatever the clock says. Its
answer holds for all outcomes that differ in nothing but time, as long as the order that it finds respects
real time. If not, the second asks for one that does. Where an actor has several calls under way at once,
these may take effect in any order. Both give up a branch at its first mismatch, and visit a state again only
when the way there left less to be done better.
No must depends on the order of a log, so states that differ in nothing else are first taken for one; an order
that leaves a note may then not be the best, and further ones are tried, with a bound. Only when no order
explains the outcome does the third search look, with a bound, for the best explanation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Final

from conformance.oracle.finding import Finding
from conformance.oracle.mismatches import because, compare_owner, compare_run, event_of, is_retrying, place
from conformance.oracle.precedence import own_order, ready, respects
from conformance.oracle.seen import Observed, SeenCall, SeenRun
from conformance.spec.machine import State
from conformance.spec.rules import RULES
from conformance.spec.table import Line

__all__ = ["UndecidedError", "event_of", "explain", "is_retrying"]

#: How many calls the search for the best explanation of a wrong outcome may place.
_MOST_CALLS: Final = 5_000
#: How many calls an exact search may place. Never reached by the scenarios here; if it were, the
#: outcome would stay undecided rather than be called wrong.
_MOST_EXACT_CALLS = 400_000
#: How many calls are placed further to find an order that leaves less to be done better.
_MOST_BETTER_CALLS = 20_000

#: Behind every place of a log, and more than any number of notes.
_FAR: Final = 1 << 30

#: What does not depend on time: the calls, the runs, the owners of tokens, and the line of the spec.
_Untimed = tuple[bool, tuple[SeenCall, ...], tuple[SeenRun, ...], tuple[tuple[str, str], ...], Line]


class UndecidedError(Exception):
    """There are too many orders to try: nothing can be said about this outcome."""


def explain(observed: Observed) -> list[Finding]:
    """The mismatches of the best order; empty when some order explains the outcome.

    Raises :class:`UndecidedError` when the orders are too many.
    """
    untimed = observed.in_order, observed.calls, observed.runs, observed.owners, observed.line
    found = _explain(untimed)
    if found is not None and respects(found.order, observed.order):
        return list(found.notes)
    return list(_explain_in_time(untimed, observed.order, observed.winners))


def forget() -> None:
    """Forget what was explained. Explained anew it is the same, for nothing but its outcome decides."""
    _explain.cache_clear()
    _explain_in_time.cache_clear()


class _Explanation:
    """An order of the racing calls, by their numbers, and what it still leaves to be done better."""

    def __init__(self, notes: list[Finding], order: tuple[int, ...]) -> None:
        self.notes = notes
        self.order = order


@lru_cache(maxsize=4096)
def _explain(untimed: _Untimed) -> _Explanation | None:
    return _Search(untimed, ()).exact()


@lru_cache(maxsize=4096)
def _explain_in_time(
    untimed: _Untimed, before: tuple[int, ...], winners: tuple[int, ...]
) -> tuple[Finding, ...]:
    search = _Search(untimed, before, winners)
    # Without a clock the first search has answered already.
    found = search.exact() if before else None
    return search.best() if found is None else tuple(found.notes)


class _Search:
    """Depth first over the orders of the race. ``before``: as :attr:`Observed.order`; empty: nothing is
    known, and the calls of each actor keep their order. ``winners``: as :attr:`Observed.winners`; of orders
    that are as good as each other the one is taken in which the one who did it comes first."""

    def __init__(self, untimed: _Untimed, before: tuple[int, ...], winners: tuple[int, ...] = ()) -> None:
        in_order, calls, self.runs, self.owners, line = untimed
        self.after = [call for call in calls if call.phase in ("drain", "then")]
        self.race = [call for call in calls if call.phase == "race"]
        self.given = State(line)
        self.given_findings = [
            found for call in calls if call.phase == "given" for found in place(self.given, call)
        ]
        self.before = before or own_order(self.race, in_order=in_order)
        self.all = (1 << len(self.race)) - 1
        #: racing calls that come before others where nothing else says which: they stand in for each other
        self.turns = dict(zip(winners, sorted(winners), strict=True))
        #: where the logs that were read list an event: (run, kind, entity) -> its places
        self.listed: dict[tuple[str, str, str], list[int]] = {}
        for run in self.runs:
            for at, (kind, entity) in enumerate(run.events):
                self.listed.setdefault((run.name, kind, entity), []).append(at)

    # -- is some order right? -------------------------------------------------------------------

    def exact(self) -> _Explanation | None:
        """None when no order explains the outcome; else the one that leaves the least to be done better."""
        if self.given_findings:
            return None
        self.explained: _Explanation | None = None
        self.calls_left = _MOST_EXACT_CALLS
        # Only when nothing else explains the outcome: a winner that got a refusal.
        for self.untold in (False, True):
            self._look(by_log=False)
            if self.explained is not None:
                break
        if self.explained is not None and self.explained.notes:
            self.calls_left = _MOST_BETTER_CALLS
            with suppress(UndecidedError):  # what was found explains the outcome
                self._look(by_log=True)
        return self.explained

    def _look(self, *, by_log: bool) -> None:
        """Try the orders. ``by_log``: states whose logs have another order are different ones."""
        self.by_log = by_log
        #: states that were visited -> how many notes the way there had: one with fewer goes on from there
        self.seen: dict[object, int] = {}
        self._exact(self.given, 0, (), [])

    def _exact(self, state: State, placed: int, order: tuple[int, ...], notes: list[Finding]) -> bool:
        """True when nothing better can be found: an order with no mismatch and no note."""
        branches: list[tuple[State, int, list[Finding]]] = []
        for number in ready(self.before, placed):
            self.calls_left -= 1
            if self.calls_left < 0:
                raise UndecidedError
            branch = state.copy()
            found = place(branch, self.race[number], untold=self.untold)
            if any(finding.severity == "must" for finding in found):
                continue
            if branch == state and not found:
                # A right refusal changes nothing, so it is as well placed here as anywhere later.
                return self._exact(state, placed | 1 << number, (*order, number), notes)
            branches.append((branch, number, notes + found))
        if placed == self.all:
            return self._exact_end(state.copy(), order, notes)
        # The order of the log first: where it explains the outcome, no other is tried.
        branches.sort(key=lambda one: self._place_in_log(one[0]))
        for branch, number, so_far in branches:
            onward = placed | 1 << number
            key = (onward, branch.key(ordered=self.by_log))
            if len(so_far) < self.seen.get(key, _FAR):
                self.seen[key] = len(so_far)
                if self._exact(branch, onward, (*order, number), so_far):
                    return True
        return False

    def _place_in_log(self, state: State) -> int:
        """Where the log that was read lists the newest event of a state; far behind where it does not."""
        if not state.log:
            return _FAR
        run, kind, entity = state.log[-1]
        places = self.listed.get((run, kind, entity or ""), [])
        nth = state.log.count(state.log[-1]) - 1
        return places[nth] if nth < len(places) else _FAR

    def _exact_end(self, state: State, order: tuple[int, ...], notes: list[Finding]) -> bool:
        notes = notes + self._rest(state, [])
        if any(note.severity == "must" for note in notes):
            return False
        if self.explained is None or len(notes) < len(self.explained.notes):
            self.explained = _Explanation(self._with_causes(notes, order), order)
        return not notes

    def _rest(self, state: State, found: list[Finding]) -> list[Finding]:
        """What is wrong after the race: in the calls that follow it, and in what is stored."""
        more: list[Finding] = []
        for call in self.after:
            more += place(state, call)
        for run in self.runs:
            more += compare_run(state, run, found + more)
        for token, owner in self.owners:
            more += compare_owner(state, token, owner)
        return more

    def _with_causes(self, found: list[Finding], order: Sequence[int]) -> list[Finding]:
        placed = [*(self.race[number] for number in order), *self.after]
        return [because(finding, placed) for finding in found]

    def _turned_round(self, order: Sequence[int]) -> int:
        """How many pairs of successes the log lists the other way round."""
        seen = Counter((run, kind, entity or "") for run, kind, entity in self.given.log)
        places: list[tuple[str, int]] = []
        for number in order:
            call = self.race[number]
            event = call.run, call.kind, call.entity
            listed = self.listed.get(event, ())
            if call.answer == "ok" and seen[event] < len(listed):
                places.append((call.run, listed[seen[event]]))
                seen[event] += 1
        return sum(
            one[0] == other[0] and one[1] > other[1]
            for at, one in enumerate(places)
            for other in places[at + 1 :]
        )

    # -- what is the best explanation? ----------------------------------------------------------

    def best(self) -> tuple[Finding, ...]:
        """The fewest mismatches found within a bound; of orders that have as many, the one that agrees best
        with the log."""
        self.calls_left = _MOST_CALLS
        self.found: tuple[Finding, ...] = ()
        self.cost = (1 << 30, 0, 0, 0, 0)
        self._search(self.given, self.given_findings, 0, ())
        return self.found

    def _search(self, state: State, found: list[Finding], placed: int, order: tuple[int, ...]) -> None:
        if _cost(found) >= self.cost or (self.calls_left < 0 and self.found):
            return
        if placed == self.all:
            everything = found + self._rest(state.copy(), found)
            cost = _cost(everything, self._turned_round(order))
            if cost < self.cost:
                self.cost = cost
                self.found = tuple(self._with_causes(everything, order))
            return
        tries: list[tuple[int, int, State, list[Finding]]] = []
        for number in ready(self.before, placed):
            self.calls_left -= 1
            branch = state.copy()
            tries.append((len(more := place(branch, self.race[number])), number, branch, more))
        for _, number, branch, more in sorted(
            tries, key=lambda one: (one[0], self.turns.get(one[1], one[1]))
        ):
            self._search(branch, found + more, placed | 1 << number, (*order, number))


def _cost(found: list[Finding], turned_round: int = 0) -> tuple[int, int, int, int, int]:
    """What is wrong in answers and entities counts most, then a listing that no replay can read. One rule
    that breaks in one thing counts once: an attempt that is lost is answered wrongly and stored wrongly."""
    musts = [finding for finding in found if RULES[finding.rule].severity == "must"]
    listed = sum(1 for finding in musts if finding.rule == "log.replays")
    different = len({(finding.rule, finding.about) for finding in musts if finding.rule != "log.replays"})
    return different, listed, turned_round, len(musts), len(found) - len(musts)
