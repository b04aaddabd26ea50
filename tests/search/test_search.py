"""The phases of a search against brute force: whatever a phase leaves out, it loses no outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import factorial, prod
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.search.coverage import Coverage
from conformance.search.relations import Trace
from conformance.search.strategies import Search, Step
from conformance.search.strategies.bounded import Bounded
from conformance.search.strategies.known import Known
from conformance.search.strategies.pct import Pct
from conformance.search.strategies.reversal import Reversal, turned
from conformance.search.strategies.source_sets import SourceSets
from tests.search.toys import Every, Kind, Play, Program, explore

_SETTINGS = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))

_KINDS: list[Kind] = ["read", "write", "leave", "any"]
_LOCK: list[tuple[Kind, str]] = [("lock", "l"), ("unlock", "l")]


def _locked(one: tuple[Kind, str]) -> list[tuple[Kind, str]]:
    """Something that is done while a lock is held."""
    return [_LOCK[0], one, _LOCK[1]]


_ONE = st.tuples(st.sampled_from(_KINDS), st.sampled_from("xyz"))
_OPERATIONS = _ONE.map(lambda one: [one])
_LOCKED = _ONE.filter(lambda one: one[0] != "leave").map(_locked)
_PARTS = st.lists(st.one_of(_OPERATIONS, _OPERATIONS, _LOCKED), min_size=1, max_size=3)
_PROGRAM: st.SearchStrategy[Program] = _PARTS.map(lambda parts: [one for part in parts for one in part])
_PROGRAMS: st.SearchStrategy[list[Program]] = st.lists(_PROGRAM, min_size=2, max_size=3).filter(
    lambda programs: orders(*(len(program) for program in programs)) <= 1_000
)


class All(Every):
    """Brute force that keeps what it has seen."""

    def __init__(self) -> None:
        super().__init__()
        self.known = Known()

    def played(self, steps: list[Step]) -> None:
        super().played(steps)
        self.known.add(steps)


def touching(*gates: int) -> list[Program]:
    """Programs of so many gates each, which all touch the same key: no two commute."""
    return [[("write", "x")] * number for number in gates]


def orders(*gates: int) -> int:
    return factorial(sum(gates)) // prod(factorial(number) for number in gates)


def preemptions(order: str) -> int:
    """How often control was taken from a actor that could have gone on, where no actor has to wait."""
    left = {name: order.count(name) for name in order}
    count = 0
    for one, other in pairwise(order):
        left[one] -= 1
        count += one != other and left[one] > 0
    return count


def outcomes(plays: list[Play]) -> set[tuple[object, ...]]:
    return {play.outcome for play in plays}


# -- all orders -------------------------------------------------------------------------------------


@pytest.mark.parametrize("gates", [(1, 1), (2, 2), (3, 3), (4, 2), (1, 1, 1), (2, 2, 2), (3, 2, 1)])
def test_where_nothing_commutes_every_order_is_tried_once(gates: tuple[int, ...]) -> None:
    search = SourceSets()
    plays = explore(search, *touching(*gates))
    assert len(plays) == len({play.order for play in plays}) == orders(*gates)
    assert (search.finished, search.bound) == (True, "all orders")


def test_where_everything_commutes_one_order_will_do() -> None:
    apart: list[Program] = [[("write", key)] * 3 for key in "xyz"]
    assert len(explore(SourceSets(), *apart)) == 1


@_SETTINGS
@given(_PROGRAMS)
def test_all_orders_has_every_class_and_every_outcome(programs: list[Program]) -> None:
    everything, search = All(), SourceSets()
    plays = explore(everything, *programs)
    found = explore(search, *programs)
    assert search.finished
    assert outcomes(found) == outcomes(plays)
    assert search.known.coverage.classes == everything.known.coverage.classes


# -- few preemptions --------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", [0, 1, 2])
@pytest.mark.parametrize("gates", [(3, 3), (4, 4), (2, 2, 2)])
def test_a_bound_has_every_order_within_it(bound: int, gates: tuple[int, ...]) -> None:
    within = {play.order for play in explore(Every(), *touching(*gates)) if preemptions(play.order) <= bound}
    search = Bounded(bound)
    plays = explore(search, *touching(*gates))
    assert len(plays) == len(within)
    assert {play.order for play in plays} == within
    assert (search.finished, search.complete) == (True, bound)
    assert search.everything == (len(within) == orders(*gates))


@_SETTINGS
@given(_PROGRAMS, st.sampled_from([1, 2]))
def test_a_bound_loses_no_outcome_within_it(programs: list[Program], bound: int) -> None:
    programs = [[one for one in program if one[0] not in ("lock", "unlock")] for program in programs]
    within = [play for play in explore(All(), *programs) if preemptions(play.order) <= bound]
    found = explore(Bounded(bound), *programs)
    assert outcomes(found) >= outcomes(within)
    assert len(found) <= len(within)


class _Unsteady(Sequence[tuple[Kind, str]]):
    """Two operations that an actor does at once: they come the other way round in some schedules."""

    def __init__(self, *otherwise: int) -> None:
        self.runs = 0
        self._otherwise = otherwise

    def __iter__(self) -> Iterator[tuple[Kind, str]]:
        first: tuple[Kind, str] = ("read", "x")
        second: tuple[Kind, str] = ("write", "x")
        pair = [second, first] if self.runs in self._otherwise else [first, second]
        self.runs += 1
        return iter([("read", "y"), *pair, ("write", "y")])

    def __getitem__(self, at: Any) -> Any:
        return list(self)[at]

    def __len__(self) -> int:
        return 4


_OTHER: Program = [("read", "x"), ("write", "y"), ("read", "y"), ("write", "x")]


@pytest.mark.parametrize("otherwise", range(16))
def test_a_schedule_that_strays_is_played_again(otherwise: int) -> None:
    """Also when it is the one that others branch from."""
    within = [play for play in explore(Every(), _Unsteady(), _OTHER) if preemptions(play.order) <= 1]
    search = Bounded(1)
    program = _Unsteady(otherwise)
    found = explore(search, program, _OTHER)
    assert outcomes(found) >= outcomes(within)
    assert (search.finished, search.complete) == (True, 1)
    assert search.strayed <= 1
    assert len(found) <= len(explore(Bounded(1), _Unsteady(), _OTHER)) + 4


@pytest.mark.parametrize("otherwise", range(24))
def test_all_orders_are_claimed_only_where_none_strayed(otherwise: int) -> None:
    """Where a schedule strays again and again from what is known, this is no longer said to be everything."""
    everything = outcomes(explore(Every(), _Unsteady(), _OTHER))
    search = SourceSets()
    found = explore(search, _Unsteady(otherwise), _OTHER)
    assert not search.finished or outcomes(found) >= everything


@pytest.mark.parametrize("otherwise", [range(0, 200, 2), range(0, 200, 3), range(7)])
def test_what_seldom_does_the_same_twice_has_an_end(otherwise: Sequence[int]) -> None:
    search = Bounded(1)
    found = explore(search, _Unsteady(*otherwise), _OTHER)
    assert search.finished
    assert len(found) <= 3 * len(explore(Bounded(1), _Unsteady(), _OTHER)) + 4


def test_a_bound_leaves_out_what_only_swaps_what_commutes() -> None:
    one: Program = [("write", key) for key in "xyyyyyyyy"]
    other: Program = [("write", key) for key in "xzzzzzzzz"]
    apart = [one, other]
    assert len(explore(Bounded(1), *apart)) <= 3
    assert len(explore(Bounded(2), *apart)) <= 4


def test_it_begins_where_another_writes_what_was_read() -> None:
    read_and_write: Program = [("read", "y"), ("read", "y"), ("read", "x"), ("read", "y"), ("write", "x")]
    plays = explore(Bounded(1), read_and_write, read_and_write)
    assert [play.order for play in plays[:2]] == ["A" * 5 + "B" * 5, "B" * 5 + "A" * 5]
    assert plays[2].outcome not in outcomes(plays[:2]), "the lost update comes first of all races"


# -- conflicts both ways ----------------------------------------------------------------------------


@_SETTINGS
@given(_PROGRAMS)
def test_every_conflict_is_turned_round(programs: list[Program]) -> None:
    known = Known()
    one, reversal = Bounded(1, known), Reversal(known)
    explore(one, *programs)
    explore(reversal, *programs)
    assert reversal.finished
    assert known.coverage.owed == []
    assert known.coverage.both_ways == known.coverage.reachable
    everything = All()
    explore(everything, *programs)
    assert known.coverage.reachable <= everything.known.coverage.reachable
    assert everything.known.coverage.fixed == 0


def test_a_conflict_is_turned_round_by_waiting_for_nothing_else() -> None:
    known = Known()
    [first, *_] = explore(
        Bounded(0, known), [("write", "y"), ("write", "x")], [("write", "z"), ("read", "x")]
    )
    assert first.order == "AABB"
    trace = known.along("")
    assert trace is not None
    [conflict] = trace.conflicts
    assert turned(trace, *conflict) == "ABBA"


def test_a_conflict_that_no_schedule_turns_round_is_fixed() -> None:
    """As when the service orders it by a lock. It is no conflict that could be owed, and is counted apart."""
    known = Known()
    explore(Bounded(0, known), [("write", "x")], [("read", "y"), ("write", "x")])
    coverage, trace = Coverage(), known.last
    coverage.add(trace)
    [owed] = coverage.owed
    assert list(coverage.owed_sites()) == ["write x before write x"]
    coverage.tried(owed.pair)
    assert (coverage.both_ways, coverage.reachable, coverage.fixed) == (0, 1, 0)
    coverage.tried(owed.pair)
    assert (coverage.both_ways, coverage.reachable, coverage.fixed) == (0, 0, 1)
    assert coverage.owed == []


# -- the whole search -------------------------------------------------------------------------------


@_SETTINGS
@given(_PROGRAMS)
def test_a_search_to_the_end_has_every_outcome(programs: list[Program]) -> None:
    everything, search = All(), Search(100_000)
    plays = explore(everything, *programs)
    found = explore(search, *programs)
    assert outcomes(found) == outcomes(plays)
    assert (search.depth, search.exhausted, search.bound) == ("deep", True, "all orders")
    assert search.known.coverage.classes == everything.known.coverage.classes
    assert search.known.coverage.fixed == 0
    assert len({play.order for play in found}) == len(found), "no order is played twice"


def test_a_search_stops_when_it_has_reached_what_it_should() -> None:
    programs = touching(6, 6)
    for reach, most in (("pass", 30), ("deep", 200)):
        search = Search(1, 10_000, reach)  # type: ignore[arg-type]
        plays = explore(search, *programs)
        assert search.depth == reach
        assert len(plays) <= most
    assert not search.exhausted
    assert search.bound == "2 preemptions"


def test_a_small_tree_is_gone_through_to_its_end() -> None:
    search = Search(1, 10_000, "pass")
    assert len(explore(search, *touching(3, 3))) == orders(3, 3)
    assert (search.depth, search.exhausted) == ("deep", True)
    search = Search(1)
    assert len(explore(search, *touching(3, 3))) == 1


def test_a_search_goes_on_to_what_it_may_have() -> None:
    search = Search(60, reach="pass")
    assert len(explore(search, *touching(6, 6))) == 60
    assert search.depth == "pass"


def test_a_search_that_is_cut_short_is_shallow_and_says_so() -> None:
    search = Search(5)
    assert len(explore(search, *touching(6, 6))) == 5
    assert not search.exhausted
    assert (search.depth, search.bound) == ("shallow", "0 preemptions")
    search = Search(1)
    explore(search, *touching(6, 6))
    assert (search.depth, search.bound) == ("shallow", "1 schedules")


def test_no_race_is_tried_before_what_has_none() -> None:
    counts = [preemptions(play.order) for play in explore(Search(10), *touching(4, 4))]
    assert counts == sorted(counts)
    assert counts[:3] == [0, 0, 1]


def test_what_is_generated_is_the_same_every_time() -> None:
    def some() -> list[str]:
        return [play.order for play, _ in zip(explore(Limited(), *touching(4, 4)), range(20), strict=False)]

    class Limited(Pct):
        def choosers(self):  # type: ignore[no-untyped-def]
            for _, choose in zip(range(20), super().choosers(), strict=False):
                yield choose

    assert some() == some()
    assert len(set(some())) > 5


def test_a_schedule_that_did_not_come_to_its_race_changes_nothing() -> None:
    known = Known()
    explore(Bounded(0, known), *touching(2, 2))
    known.add([])
    assert known.coverage.orders == 2
    assert known.along("") is not None


def test_the_trace_of_nothing_is_empty() -> None:
    assert (Trace().order, Trace().conflicts, Trace().fingerprint) == ("", [], 0)
