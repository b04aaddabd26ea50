"""Runs that die over a World that is right: the real runtime binds one id to two things, and is blamed."""

from __future__ import annotations

import pytest

from conformance.core.scenario import Case
from conformance.oracle import check
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.search.judge import Judge

from .conftest import Open
from .play import once, variant

#: Each actor stops once after it has read the log.
_DEAD = [
    ("4.8.9", "8/unread-payload", "aA6bB4bB3A2aA3aA4aA3aA3aA3aA3aA5aA2aB4bB2b"),
    ("4.6.1", "8/uneven-branches", "aA4aA3bB4bB3A2aA4aA3aA3aA3aA5aB4bB2b"),
]


@pytest.mark.parametrize(("release", "name", "token"), _DEAD)
def test_the_runtime_is_blamed_and_the_world_is_not_red(
    opened: Open, release: str, name: str, token: str
) -> None:
    world = opened("memory", RuntimeWanted(release))
    history = once(world, variant(name), token).history
    assert history.snapshots[0].run["status"] == "failed"
    verdicts = Judge(world.driver).replay(variant(name), Case(), token, 3)
    assert {one.outcome for one in verdicts} <= {"pass"}
    convergence = verdicts[0]
    assert convergence.fault == "runtime"
    noted = {(one.finding.rule, one.reproduced) for one in convergence.shoulds}
    assert noted >= {("id.one-thing", 3), ("run.no-divergence", 3)}


def test_a_newer_release_lives_in_the_same_race(opened: Open) -> None:
    _, name, token = _DEAD[1]
    played = once(opened("memory", RuntimeWanted("4.8.9")), variant(name), token)
    assert played.history.snapshots[0].run["status"] == "completed"
    assert check(played.observe("runtime")) == []
