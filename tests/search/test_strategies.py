"""Strategies: what they try, what they may leave out, and that a token brings a schedule back."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.core.gates import Gate, independent
from conformance.search.schedule import decode, encode
from conformance.search.strategies import Generated, Replay, Sequential, Step
from tests.search.test_search import preemptions, touching
from tests.search.toys import Kind, Program, explore

_SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

_KINDS: list[Kind] = ["read", "write", "leave"]
_OPERATIONS = st.tuples(st.sampled_from(_KINDS), st.sampled_from("xyz"))
_PROGRAMS = st.lists(st.lists(_OPERATIONS, min_size=1, max_size=3), min_size=2, max_size=3)


# -- what commutes --------------------------------------------------------------------------------


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


@pytest.mark.parametrize("word", ["y2", "A-1", "2A", "A B", "Z", "A2.5"])
def test_a_word_that_is_no_token_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="not a schedule"):
        decode(word)
