"""Musts that a real runtime shows: runs over a broken World die, or complete with the wrong output."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.core.scenario import Case
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from conformance.search.budget import Limits
from conformance.search.judge import Judge

from .play import flow_variant

_LIMITS = Limits((Case(flow="twin-branches"),), searched=10, generated=0, free=0, replays=1)


@pytest.mark.parametrize(
    ("mutant", "rule"),
    [
        ("logged-twice:step-completed", "run.no-divergence"),
        ("step-results-crossed", "run.output-agrees"),
    ],
)
def test_the_world_is_red_for_what_becomes_of_its_runs(mutant: str, rule: str) -> None:
    target = replace(parse("memory"), options={"mutant": mutant})
    world = open_world(target, None, "broken", runtime=RuntimeWanted("4.8.9"))
    try:
        verdict = Judge(world.driver).judge(flow_variant(), _LIMITS)[0]
    finally:
        world.close()
    assert (verdict.outcome, verdict.fault) == ("fail", "world")
    assert rule in verdict.rules
