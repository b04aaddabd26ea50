"""Two machines need not be in one time zone: local times of one are wrong times to the other."""

from __future__ import annotations

import pytest

from conformance.core.environment import has_elsewhere
from conformance.core.faults import Fault
from conformance.core.scenario import Case
from conformance.core.scenarios import by_id
from conformance.oracle import check
from conformance.search.strategies.sequential import in_turn
from conformance.spec.programs import timed, write

from .judged import judge_of

_ZONE = (Fault("zone", 0),)


@pytest.mark.skipif(not has_elsewhere(), reason="this system has no time zones (tzdata)")
@pytest.mark.parametrize(
    ("mutant", "faults", "broken"),
    [
        ("local-times", _ZONE, {"wait_created.resumeAt", "step_retrying.retryAfter"}),
        ("local-times", (), set()),
        ("", _ZONE, set()),
    ],
)
def test_local_times_are_wrong_for_a_machine_in_another_zone(
    mutant: str, faults: tuple[Fault, ...], broken: set[str]
) -> None:
    [variant] = by_id("state_machine").at("storage")
    with judge_of("turso", None, mutant) as judge:
        assert judge.trials.driver.can_go_abroad
        played = judge.trials.play(variant, Case(2, program=write(timed()), faults=faults), in_turn("AB"))
        found = check(played.observe("storage", in_order=True))
        assert played.sequential, "nothing raced, and nothing went wrong"
    musts = {one.wrong.removeprefix("event ") for one in found if one.rule == "data.kept"}
    assert musts == broken
    assert len([one for one in found if one.severity == "must"]) == len(broken)
