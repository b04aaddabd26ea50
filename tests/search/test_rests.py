"""The rest of an operation in tokens: left out where it comes at once, so that older tokens replay."""

from __future__ import annotations

from conformance.core.gates import Gate
from conformance.drivers.driver import RacingActor
from conformance.search.schedule import token
from conformance.search.strategies import Replay
from conformance.search.strategy import Step


def _played(order: str, schedule: str = "") -> tuple[str, str]:
    """Two actors, each opens a file, writes its content, and reads. ``order`` or ``schedule``: who goes."""
    left = {name: [Gate("open"), Gate("write", rest=True), Gate("read")] for name in "AB"}
    [choose] = Replay(schedule).choosers() if schedule else [None]
    steps: list[Step] = []
    last = None
    while any(left.values()):
        held = tuple((name, gates[0]) for name, gates in left.items() if gates)
        if choose is None:
            last = order[len(steps)]
        else:
            last = choose([_actor(name, gate) for name, gate in held], last).name
        steps.append(Step(held, last))
        left[last].pop(0)
    return token(steps), "".join(step.chosen for step in steps)


def _actor(name: str, gate: Gate) -> RacingActor:
    actor = RacingActor(name, None)  # type: ignore[arg-type] # it is never run
    actor.hold(gate)
    return actor


def test_a_rest_that_comes_at_once_is_left_out() -> None:
    assert _played("AABBAB")[0] == "ABAB"


def test_a_rest_that_comes_later_is_named() -> None:
    assert _played("ABABAB")[0] == "ABqrAB"


def test_a_token_from_before_there_were_rests_replays_as_it_was() -> None:
    assert _played("", "ABAB") == ("ABAB", "AABBAB")


def test_a_token_that_names_rests_replays() -> None:
    assert _played("", "ABqrAB") == ("ABqrAB", "ABABAB")
