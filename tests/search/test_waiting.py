"""Who waits for a lock, by what the service says: asked twice, and less often in a long operation."""

from __future__ import annotations

from typing import Any, cast

import pytest

from conformance.drivers.calls import Calls
from conformance.drivers.driver import WaitLimits
from conformance.drivers.waiting import Waiting

_ANSWER = {"type": "result"}


class _Calls:
    """An actor whose answer comes when it was looked for so often."""

    def __init__(self, silent: int) -> None:
        self.silent = silent
        self.pauses: list[float] = []
        self.any_held = self.any_unread = False

    def receive(self, _actor: str, pause: float) -> dict[str, Any] | None:
        self.pauses.append(pause)
        return _ANSWER if len(self.pauses) > self.silent else None


def _heard(calls: _Calls, *said: int) -> dict[str, Any] | None:
    """What becomes of an actor, where the service says so many wait, and then nobody."""
    answers = iter(said)
    waiting = Waiting(
        cast(Calls, calls),
        WaitLimits(5.0),
        locks=True,
        shared=False,
        count=lambda: next(answers, 0),
        fell=lambda _actor: False,
    )
    waiting.begin(faulty=False)
    return waiting.message_of("A")


def test_an_actor_waits_when_the_service_says_so_twice() -> None:
    calls = _Calls(silent=99)
    assert _heard(calls, 1, 1) is None
    assert sum(calls.pauses) < 0.01, "the search is held up for no longer"


@pytest.mark.parametrize("said", [(1,), (1, 0, 1)], ids=["an answer follows", "and so it is each time"])
def test_a_lock_that_is_held_for_a_moment_is_not_waited_for(said: tuple[int, ...]) -> None:
    assert _heard(_Calls(silent=len(said)), *said) == _ANSWER


def test_of_an_operation_that_takes_long_the_service_is_asked_less_often() -> None:
    calls = _Calls(silent=5)
    assert _heard(calls) == _ANSWER
    assert calls.pauses == [0.004, 0.008, 0.016, 0.02, 0.02, 0.02]
