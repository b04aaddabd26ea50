"""A run that died over a World that broke a rule: whether the runtime is at fault, too."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.errors import ConformanceError
from conformance.drivers.driver import Driver
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.search.budget import Limits
from conformance.search.judge import Judge
from conformance.search.sound_world import share_blame
from conformance.search.strategies.stale_reads import StaleReads
from conformance.search.verdict import Verdict

from .conftest import Open
from .play import SMALLEST, variant

NEWEST = RuntimeWanted("4.8.9")


@pytest.fixture(scope="module")
def dead(opened: Open) -> Verdict:
    """A failed verdict on a World, whose run died: the story is that of a death over a sound one."""
    limits = Limits((SMALLEST,), 6, 0, 0, replays=1)
    judge = Judge(opened("memory", NEWEST).driver, first=StaleReads())
    [died] = [one for one in judge.judge(variant("8/unread-payload"), limits) if one.check == "convergence"]
    assert (died.outcome, died.fault) == ("pass", "runtime")
    [failure, *_] = [one for one in died.shoulds if one.finding.rule == "run.no-divergence"]
    return Verdict("convergence", "fail", died.evidence, "", rules=("log.prefix",), failure=failure)


@pytest.mark.parametrize(
    ("sound", "flow", "fault"),
    [
        ("memory", "unread-payload", "both"),
        pytest.param("memory", "even-branches", "world", marks=pytest.mark.slow),
        ("turso:reference", "unread-payload", "both"),
        pytest.param("redis:reference", "unread-payload", "both", marks=pytest.mark.slow),
        pytest.param("redis:reference", "even-branches", "world", marks=pytest.mark.slow),
    ],
)
def test_it_is_both_when_the_run_dies_over_a_sound_world(
    opened: Open, dead: Verdict, sound: str, flow: str, fault: str
) -> None:
    """Over a database as in memory: preemptions go by what a handler has done."""
    dead.runtime_too = False
    [verdict] = share_blame([dead], variant(f"8/{flow}"), lambda: opened(sound, NEWEST).driver)
    assert verdict.fault == fault


def test_what_cannot_be_asked_leaves_the_verdict(dead: Verdict) -> None:
    def cannot() -> Driver:
        raise ConformanceError("no network", "")

    dead.runtime_too = False
    assert share_blame([dead], variant("8/unread-payload"), cannot)[0].fault == "world"


def test_a_green_world_is_not_asked_about(dead: Verdict) -> None:
    green: Any = Verdict("convergence", "pass", dead.evidence, "")
    assert share_blame([green], variant("8/unread-payload"), lambda: pytest.fail("asked"))[0].fault == ""
