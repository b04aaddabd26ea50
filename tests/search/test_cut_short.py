"""Where the time is up, a pass that lacks what every pass includes is shallow and says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.core.scenario import Variant
from conformance.core.scenarios import by_id
from conformance.drivers.in_process import InProcessDriver
from conformance.record.lines import Verdict as Line
from conformance.report.words import searched
from conformance.search.budget import BUDGETS, Limits
from conformance.search.judge import Judge
from conformance.search.sequence_judge import SequenceJudge
from conformance.search.trials import Trials
from conformance.search.verdict import Verdict

_STEP = next(one for one in by_id("step_completed").modelled if one.level == "storage")
[_ALONE] = by_id("state_machine").at("storage")


def _limits(variant: Variant) -> Limits:
    return replace(BUDGETS["default"].limits(variant, speed=1), generated=0, free=0)


def _judged_until(monkeypatch: pytest.MonkeyPatch, variant: Variant, schedules: int) -> Verdict:
    """What convergence says when the time is up after so many schedules."""
    monkeypatch.setattr(Trials, "is_late", property(lambda self: self.evidence.schedules >= schedules))
    judge: Any = SequenceJudge if variant.sequential else Judge
    verdict: Verdict = judge(InProcessDriver()).judge(variant, _limits(variant))[0]
    assert verdict.outcome == "pass"
    return verdict


@pytest.mark.parametrize("variant", [_STEP, _ALONE], ids=lambda one: one.name)
def test_a_pass_is_as_deep_as_what_was_played(monkeypatch: pytest.MonkeyPatch, variant: Variant) -> None:
    whole = _judged_until(monkeypatch, variant, 100_000)
    assert not whole.evidence.cut_short
    assert "shallow" not in whole.reason
    last = whole.evidence.schedules
    # One schedule fewer lacks one within a millisecond.
    for schedules in (last - 1, last - whole.evidence.still - 1, last // 2):
        found = _judged_until(monkeypatch, variant, schedules)
        assert found.evidence.schedules == schedules
        assert found.evidence.depth == "shallow"
        assert "; shallow" in found.reason


def test_hours_that_pass_are_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _judged_until(monkeypatch, _STEP, 100_000).evidence
    found = _judged_until(monkeypatch, _STEP, whole.schedules - whole.still - 1).evidence
    assert (found.jumped, found.still) == (whole.jumped - 1, 0)


def test_a_search_leaves_some_of_the_time_to_these(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("conformance.search.trials.time.monotonic", lambda: now)
    trials = Trials(InProcessDriver())
    trials.begin(20.0)
    now += 18
    assert not trials.is_late
    with trials.leaving(0.15):
        assert trials.is_late
    assert not trials.is_late
    now += 3
    assert trials.is_late
    trials.begin()
    with trials.leaving(0.15):
        assert not trials.is_late


def test_one_caller_has_no_conflicts_to_tell_of() -> None:
    line = Line(world="memory", level="storage", check="logs", verdict="pass", scenario=0, depth="shallow")
    assert searched(line) == "shallow"


def test_hours_pass_although_the_search_would_take_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]

    def takes_a_second() -> None:
        clock[0] += 1

    monkeypatch.setattr("conformance.search.trials.time.monotonic", lambda: clock[0])
    judge = Judge(InProcessDriver(), progress=takes_a_second)
    more = replace(_limits(_STEP), searched=500, seconds=40.0, jumps=2, stills=3)
    evidence = judge.judge(_STEP, more)[0].evidence
    assert (evidence.jumped, evidence.still) == (2, 3)
    assert 30 < evidence.schedules < 50
    assert not evidence.cut_short
