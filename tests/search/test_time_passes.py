"""An hour passes between the operations of two actors: what a World holds for some time only is over then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.core.faults import Fault
from conformance.core.gates import Gate
from conformance.core.scenario import Variant
from conformance.core.scenarios import by_id
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS, ways
from conformance.search.budget import BUDGETS
from conformance.search.judge import Judge
from conformance.spec.vocabulary import Event
from tests.mutants.judged import LIMITS, judged


def _variant(level: str = "storage") -> Variant:
    return next(one for one in by_id("step_completed").modelled if one.level == level)


@pytest.mark.parametrize(
    ("name", "place", "defect"),
    [("step-end-mark-expires", 2, "no-guard"), ("step-end-lease-expires", 1, "not-atomic")],
)
def test_what_is_held_for_ten_minutes_only_is_found_by_the_hour(name: str, place: int, defect: str) -> None:
    mutant, variant = MUTANTS[name], _variant()
    assert judged(mutant, variant, replace(LIMITS, jumps=0))[0].outcome == "pass"
    [found, *_] = judged(mutant, variant)
    assert (found.outcome, found.defect) == ("fail", defect)
    assert found.failure is not None
    assert found.failure.case.faults == (Fault("jump", place),)
    judge = Judge(InProcessDriver(mutant.world))
    [again, *_] = judge.replay(variant, found.failure.case, found.failure.played.token, 3)
    assert again.failure is not None
    assert (again.failure.finding.rule, again.failure.reproduced) == ("step.terminal-once", 3)


def test_what_races_is_no_control_although_an_hour_passed_in_it_and_is_shown_without_the_hour() -> None:
    """Who comes second is refused when it has read, so it does more when it comes first."""

    class RefusesAtOnce(ways.NotAtomic):
        async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
            if run_id is None or not self.concerns(event):
                return await super().events_create(run_id, event)
            await Gate("read", "read", self.touches(run_id, event))
            seen = self.look_up(run_id, event)
            if not ways.refused(seen):
                await Gate("write", "write", self.touches(run_id, event))
            return self.carry_out(run_id, event, seen)

    variant = next(one for one in by_id("run_completed").at("storage") if one.name == "complete-complete")
    judge = Judge(InProcessDriver(RefusesAtOnce.of("run_completed")))
    [found, *_] = judge.judge(variant, replace(LIMITS, jumps=6))
    assert (found.outcome, found.defect, found.evidence.jumped) == ("fail", "not-atomic", 4)
    assert all(one.failure.found_by == "search" for one in found.broken)
    assert found.failure is not None
    assert found.failure.case.faults == ()


def test_a_pass_says_in_how_many_schedules_an_hour_passed() -> None:
    [_, _, logs] = judged(None, _variant())
    assert (logs.outcome, logs.evidence.jumped) == ("pass", 4)
    assert "; in 4 an hour passed between the operations of two actors" in logs.reason


def test_the_usual_budget_has_it_at_storage_and_no_more_than_it_says() -> None:
    storage = BUDGETS["default"].limits(_variant(), speed=1)
    assert storage.jumps == 6
    assert BUDGETS["default"].limits(_variant("handlers"), speed=1).jumps == 0  # its faults have jumps
    assert BUDGETS["quick"].limits(_variant(), speed=1).jumps == 0
    [found, *_] = judged(None, _variant(), replace(LIMITS, jumps=2))
    assert found.evidence.jumped == 2
