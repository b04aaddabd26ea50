"""How long silence means a lock: a multiple of the longest answer, within bounds."""

from __future__ import annotations

from conformance.drivers.silence import LONGEST, SHORTEST, Silence


def after(*seconds: float) -> float:
    silence = Silence()
    for one in seconds:
        silence.heard(one)
    return silence.limit


def test_it_is_the_longest_until_enough_was_heard() -> None:
    assert after() == after(*[0.001] * 49) == LONGEST
    assert after(*[0.001] * 50) == SHORTEST


def test_one_slow_answer_makes_it_longer_at_once_and_for_a_while() -> None:
    assert after(*[0.001] * 200, 0.008) == 0.08
    assert after(*[0.001] * 200, 0.008, *[0.001] * 400) == 0.08
    assert after(*[0.001] * 200, 0.008, *[0.001] * 500) == SHORTEST


def test_it_is_never_longer_than_the_longest() -> None:
    assert after(*[3.0] * 100) == LONGEST
