"""Runs that die over a World that is right: the real runtime binds one id to two things, and is blamed."""

from __future__ import annotations

import pytest

from conformance.core.scenario import Case
from conformance.oracle import check
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.search.judge import Judge

from .conftest import Open
from .play import flow_variant, once

#: Each actor stops once after it has read the log.
_DEAD = [
    ("4.8.9", "unread-payload", "aA6bB4bB3A2aA3aA4aA3aA3aA3aA3aA5aA2aB4bB2b"),
    ("4.8.9", "blocked-branch", "bB4bB5bB6aA8aA3B2bB3bB4bB3bB3bB3bB3bB5bB2bA6aA2aA2aA2a"),
    ("4.6.1", "uneven-branches", "aA4aA3bB4bB3A2aA4aA3aA3aA3aA5aB4bB2b"),
    ("4.6.1", "sleep-and-step", "aA6bB4bB3A2aA4aA3aA3aA3aA5aB4bB2b"),
]
_WRONG = ("4.6.1", "twin-branches", "aA4aA3bB4bB3A2aA4aA5aA4aA5aB4b")


@pytest.mark.parametrize(("release", "shape", "token"), _DEAD)
def test_the_runtime_is_blamed_and_the_world_is_not_red(
    opened: Open, release: str, shape: str, token: str
) -> None:
    world = opened("memory", RuntimeWanted(release))
    case = Case(flow=shape)
    history = once(world, flow_variant(), token, case=case).history
    assert history.snapshots[0].run["status"] == "failed"
    verdicts = Judge(world.driver).replay(flow_variant(), case, token, 3)
    assert {one.outcome for one in verdicts} <= {"pass"}
    convergence = verdicts[0]
    assert convergence.fault == "runtime"
    noted = {(one.finding.rule, one.reproduced) for one in convergence.shoulds}
    assert noted >= {("id.one-thing", 3), ("run.no-divergence", 3)}


def test_a_wrong_output_is_seen_though_every_log_replays(opened: Open) -> None:
    release, shape, token = _WRONG
    world = opened("memory", RuntimeWanted(release))
    case = Case(flow=shape)
    assert once(world, flow_variant(), token, case=case).history.snapshots[0].run["status"] == "completed"
    convergence = Judge(world.driver).replay(flow_variant(), case, token, 3)[0]
    assert (convergence.outcome, convergence.fault) == ("pass", "runtime")
    noted = {(one.finding.rule, one.reproduced) for one in convergence.shoulds}
    assert noted == {("id.one-thing", 3), ("run.output-agrees", 3)}


@pytest.mark.parametrize(("shape", "token"), [(shape, token) for _, shape, token in (_DEAD[2], _WRONG)])
def test_a_newer_release_lives_in_the_same_race(opened: Open, shape: str, token: str) -> None:
    played = once(opened("memory", RuntimeWanted("4.8.9")), flow_variant(), token, case=Case(flow=shape))
    assert played.history.snapshots[0].run["status"] == "completed"
    assert check(played.observe("runtime")) == []
