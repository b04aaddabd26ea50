"""Worlds that are right, each in its own way: all is green at the usual budget, and nothing is shallow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.core.scenario import Case, Level
from conformance.core.scenarios import scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.world import MemoryWorld
from conformance.search.budget import BUDGETS
from conformance.search.judge import Judge

from .correct_worlds import LEGAL


@pytest.mark.parametrize("level", ["storage", pytest.param("handlers", marks=pytest.mark.slow)])
@pytest.mark.parametrize("world", LEGAL)
def test_two_actors_at_the_usual_budget(world: type[MemoryWorld], level: Level) -> None:
    for scenario in scenarios():
        for variant in scenario.at(level):
            usual = BUDGETS["default"].limits(variant, speed=1)
            limits = replace(usual, cases=(Case(),), generated=0, free=0)
            verdicts = Judge(InProcessDriver(world)).judge(variant, limits)
            for verdict in verdicts:
                assert (verdict.outcome, verdict.shoulds) == ("pass", []), f"{variant.name}: {verdict.reason}"
            assert verdicts[0].evidence.depth in ("pass", "deep"), f"{variant.name}: {verdicts[0].reason}"
