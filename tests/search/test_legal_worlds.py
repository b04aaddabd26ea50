"""Worlds that are right, each in its own way: all is green at the usual budget, and nothing is shallow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from conformance.core.scenario import Case, Level, Variant
from conformance.core.scenarios import by_id, scenarios
from conformance.drivers.driver import RacingActor
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.world import MemoryWorld
from conformance.search.budget import BUDGETS
from conformance.search.judge import Judge
from conformance.search.strategies.sequential import in_turn
from conformance.search.trials import Trials

from .correct_worlds import LEGAL, LEGAL_5, NumberedSecondAnswers, PolledLock


@pytest.mark.parametrize("level", ["storage", pytest.param("handlers", marks=pytest.mark.slow)])
@pytest.mark.parametrize("world", LEGAL)
def test_two_actors_at_the_usual_budget(world: type[MemoryWorld], level: Level) -> None:
    for scenario in scenarios():
        for variant in scenario.at(level):
            _is_green(world, variant)


@pytest.mark.slow
@pytest.mark.parametrize("level", ["storage", "handlers"])
@pytest.mark.parametrize("world", LEGAL_5)
def test_two_actors_of_line_5(world: type[MemoryWorld], level: Level) -> None:
    for scenario in scenarios():
        for variant in scenario.at(level, 5):
            _is_green(world, variant)


def test_a_late_step_of_line_5_may_be_told_that_its_run_has_ended() -> None:
    """The handlers of 5.x expect that of step_completed, those of 4.x do not."""
    [variant] = [one for one in by_id("step_started").at("handlers", 5) if one.name == "late-step-message"]
    _is_green(NumberedSecondAnswers, variant)


class _TooLong(BaseException):
    """As Hypothesis ends a schedule that it finds too long."""


def test_who_holds_a_lock_may_be_stopped_half_way() -> None:
    """It gives its lock back when it is stopped, which takes a gate."""
    [variant] = [one for one in by_id("run_started").at("storage") if one.name == "start-end"]
    trials = Trials(InProcessDriver(PolledLock))
    seen: list[str] = []

    def choose(held: Sequence[RacingActor], last: str | None) -> RacingActor:  # noqa: ARG001 - a Chooser
        seen.append(str(held[0].gate))
        if len(seen) == 3:
            raise _TooLong
        return held[0]

    with pytest.raises(_TooLong):
        trials.play(variant, Case(), choose)
    assert "SET lock NX" in seen[1], seen
    assert trials.try_one(variant, Case(), in_turn("AB"), None, "search")[1] == []


def _is_green(world: type[MemoryWorld], variant: Variant) -> None:
    usual = BUDGETS["default"].limits(variant, speed=1)
    limits = replace(usual, cases=(Case(),), generated=0, free=0)
    verdicts = Judge(InProcessDriver(world)).judge(variant, limits)
    for verdict in verdicts:
        assert (verdict.outcome, verdict.shoulds) == ("pass", []), f"{variant.name}: {verdict.reason}"
    assert verdicts[0].evidence.depth in ("pass", "deep"), f"{variant.name}: {verdicts[0].reason}"
