"""Preemptions right after a log was read or something was created, whatever a World calls its operations."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.gates import Gate
from conformance.core.history import Call, History
from conformance.drivers.driver import RacingActor
from conformance.search.strategies.stale_reads import StaleReads
from conformance.search.strategy import attend


def _actors() -> list[RacingActor]:
    async def nothing() -> None: ...

    actors = [RacingActor(name, nothing()) for name in "AB"]
    for actor in actors:
        actor.coroutine.close()
        actor.hold(Gate("BEGIN"))
    return actors


def _created(kind: str, **data: str) -> Call:
    return Call("A", "race", "events.create", ("run", {"eventType": kind, "eventData": data}), 1, 2)


@pytest.mark.parametrize(
    ("nth", "call", "counts"),
    [
        (0, Call("A", "race", "events.list", ({},), 1, 2), True),
        (0, Call("A", "race", "events.list", ({},), 1), False),  # it has no answer yet
        (0, Call("A", "given", "events.list", ({},), 1, 2), False),
        (0, Call("A", "race", "events.create", ("run", {}), 1, 2, value={"events": [{}]}), True),
        (2, _created("step_created"), True),
        (2, _created("step_started", input="x"), True),
        (2, _created("step_started"), False),
    ],
)
def test_an_actor_stops_after_its_call(nth: int, call: Call, counts: bool) -> None:
    choose: Any = list(StaleReads(most=1).choosers())[nth]
    history, actors = History(), _actors()
    attend(choose, history)
    assert [choose(actors, "A").name for _ in range(3)] == ["A", "A", "A"]
    history.calls.append(call)
    assert choose(actors, "A").name == ("B" if counts else "A")
