"""Strategies: what they try, what they may leave out, and that a token brings a schedule back."""

from __future__ import annotations

from itertools import pairwise
from math import factorial, prod

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.core.gates import Gate, independent
from conformance.search.schedule import decode, encode
from conformance.search.strategies import Exhaustive, Generated, Replay, Sequential, Step
from tests.search.toys import Every, Kind, Program, explore

_SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

_KINDS: list[Kind] = ["read", "write", "leave"]
_OPERATIONS = st.tuples(st.sampled_from(_KINDS), st.sampled_from("xyz"))
_PROGRAMS = st.lists(st.lists(_OPERATIONS, min_size=1, max_size=3), min_size=2, max_size=3)


def touching(*gates: int) -> list[Program]:
    """Programs of so many gates each, which all touch the same key: no two commute."""
    return [[("write", "x")] * number for number in gates]


def orders(*gates: int) -> int:
    return factorial(sum(gates)) // prod(factorial(number) for number in gates)


def preemptions(order: str) -> int:
    """How often control was taken from an actor that could have gone on."""
    left = {name: order.count(name) for name in order}
    count = 0
    for one, other in pairwise(order):
        left[one] -= 1
        count += one != other and left[one] > 0
    return count


# -- every order ------------------------------------------------------------------------------------


@pytest.mark.parametrize("gates", [(1, 1), (2, 2), (3, 3), (4, 2), (1, 1, 1), (2, 2, 2), (3, 2, 1)])
def test_where_nothing_commutes_every_order_is_tried(gates: tuple[int, ...]) -> None:
    search = Exhaustive(10_000)
    plays = explore(search, *touching(*gates))
    assert len({play.order for play in plays}) == orders(*gates)
    assert {play.order for play in plays} == {play.order for play in explore(Every(), *touching(*gates))}
    assert search.exhausted
    assert search.bound == "all orders"
    assert search.runs == len(plays)


def test_what_the_bound_leaves_nothing_out_of_is_searched_once() -> None:
    plays = explore(Exhaustive(10_000), *touching(2, 2))
    assert len(plays) == orders(2, 2)


def test_where_everything_commutes_few_orders_will_do() -> None:
    """One would; what is asleep at first is only known to stay so when the schedule is over."""
    apart: list[Program] = [[("write", key)] * 3 for key in "xyz"]
    search = Exhaustive(10_000, preemptions=0)
    assert len(explore(search, *apart)) < orders(3, 3, 3) / 50
    assert search.bound == "all orders"


@_SETTINGS
@given(_PROGRAMS)
def test_pruning_loses_no_outcome(programs: list[Program]) -> None:
    search = Exhaustive(100_000, preemptions=0)
    pruned = explore(search, *programs)
    assert search.bound == "all orders"
    everything = explore(Every(), *programs)
    assert {play.outcome for play in pruned} == {play.outcome for play in everything}
    assert len({play.order for play in everything}) == len(everything)


@_SETTINGS
@given(
    st.lists(
        st.tuples(st.sampled_from(["read", "write", "unknown"]), st.lists(st.sampled_from("xy"))), min_size=2
    )
)
def test_operations_commute_only_when_no_one_could_tell(operations: list[tuple[str, list[str]]]) -> None:
    one, other = (Gate("", access, tuple(keys)) for access, keys in operations[:2])  # type: ignore[arg-type]
    assert independent(one, other) == independent(other, one)
    accesses = {one.access, other.access}
    if "unknown" in accesses or ("write" in accesses and set(one.keys) & set(other.keys)):
        assert not independent(one, other)


# -- few preemptions --------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", [0, 1, 2])
@pytest.mark.parametrize("gates", [(3, 3), (4, 4), (2, 2, 2)])
def test_the_first_search_tries_every_order_within_the_bound(bound: int, gates: tuple[int, ...]) -> None:
    within = {play.order for play in explore(Every(), *touching(*gates)) if preemptions(play.order) <= bound}
    search = Exhaustive(len(within), bound)
    plays = explore(search, *touching(*gates))
    assert len(plays) == len(within)
    assert {play.order for play in plays} == within
    assert search.exhausted


def test_it_begins_with_the_simplest() -> None:
    counts = [preemptions(play.order) for play in explore(Exhaustive(20), *touching(4, 4))]
    assert counts == sorted(counts)
    assert counts[0] == 0


def test_it_stops_at_its_limit_and_says_so() -> None:
    search = Exhaustive(5)
    assert len(explore(search, *touching(6, 6))) == 5
    assert not search.exhausted
    assert search.bound == "0 preemptions"
    search = Exhaustive(1)
    explore(search, *touching(6, 6))
    assert search.bound == "1 schedules"


def test_after_the_bound_come_the_orders_beyond_it() -> None:
    search = Exhaustive(100_000, preemptions=1)
    plays = explore(search, *touching(4, 4))
    assert len({play.order for play in plays}) == orders(4, 4)
    assert len(plays) == orders(4, 4), "no order is played twice"
    assert max(preemptions(play.order) for play in plays) > 1


# -- the others -------------------------------------------------------------------------------------


def test_the_control_is_one_actor_after_another() -> None:
    control = Sequential()
    [first] = explore(control, *touching(2, 2))
    assert first.order == "AABB"


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ((0, 0), ["AABB"]),
        ((0, 1), ["AABB", "BBAA"]),
        ((0, 0, 0), ["AABBCC"]),
        ((0, 1, 0), ["AABBCC", "AACCBB", "BBAACC"]),
    ],
)
def test_actors_of_one_program_are_not_swapped(roles: tuple[int, ...], expected: list[str]) -> None:
    class Told(Sequential):
        def played(self, steps: list[Step]) -> None:  # noqa: ARG002 - whatever was played
            self.roles = roles

    plays = explore(Told(), *touching(*(2 for _ in roles)))
    assert [play.order for play in plays] == expected


def test_what_is_generated_is_simplest_at_zero() -> None:
    assert [play.order for play in explore(Generated(lambda _: 0), *touching(2, 2))] == ["AABB"]
    choices = iter([1, 0, 1, 0])
    [play] = explore(Generated(lambda _: next(choices)), *touching(2, 2))
    assert play.order == "BBAA" or preemptions(play.order) > 0


@_SETTINGS
@given(_PROGRAMS, st.data())
def test_a_token_brings_a_schedule_back(programs: list[Program], data: st.DataObject) -> None:
    [generated] = explore(Generated(lambda n: data.draw(st.integers(0, n - 1))), *programs)
    replay = Replay(encode(generated.order), times=3)
    assert explore(replay, *programs) == [generated] * 3
    assert replay.diverged == 0


def test_a_token_that_does_not_fit_has_diverged() -> None:
    replay = Replay("A5B", times=2)
    assert {play.order for play in explore(replay, *touching(2, 2))} == {"AABB"}
    assert replay.diverged == 2


def test_what_a_token_leaves_open_is_decided_the_simplest_way() -> None:
    replay = Replay("AB")
    [play] = explore(replay, *touching(3, 2))
    assert play.order == "ABBAA"
    assert replay.diverged == 0


# -- tokens -----------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from("ABCDEFGHabcdefgh")))
def test_a_token_says_what_it_was_made_of(actors: list[str]) -> None:
    assert decode(encode(actors)) == actors


def test_a_token_counts_what_repeats() -> None:
    assert encode("AABBBA") == "A2B3A"
    assert encode("") == ""
    assert decode("A12") == ["A"] * 12


@pytest.mark.parametrize("word", ["i2", "A-1", "2A", "A B", "Z", "A2.5"])
def test_a_word_that_is_no_token_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="not a schedule"):
        decode(word)
