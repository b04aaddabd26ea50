"""Who only repeats itself lets the others go on: a World that waits for its turn is not blamed for it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.gates import Gate
from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import by_id, scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.prefix import Prefixes
from conformance.memory.world import MemoryWorld
from conformance.oracle import CHECKS
from conformance.search import fairness
from conformance.search.budget import Limits
from conformance.search.judge import Judge
from conformance.search.play import play
from conformance.search.strategies import Replay
from conformance.spec.vocabulary import Event
from tests.search.correct_worlds import (
    Lease,
    Optimistic,
    PolledInRounds,
    PolledLock,
    SequenceGaps,
    Serializable,
)

_LIMITS = Limits((Case(), Case(actors=3)), searched=60, generated=5, free=0, replays=2)
_WORLDS = [PolledLock, PolledInRounds, Lease, Optimistic, Serializable, SequenceGaps]
_SOME = [scenario.at("storage")[0] for scenario in scenarios()]
_SOME.append(next(one for one in by_id("step_completed").at("handlers") if one.name == "step-message-twice"))
_COMPLETE = next(one for one in by_id("run_completed").at("storage") if one.name == "complete-complete")


@pytest.mark.parametrize("variant", _SOME, ids=lambda one: f"{one.level}-{one.name}")
@pytest.mark.parametrize("world", _WORLDS)
def test_a_world_that_is_right_passes(world: type[MemoryWorld], variant: Variant) -> None:
    for verdict in Judge(InProcessDriver(world)).judge(variant, _LIMITS):
        assert (verdict.outcome, verdict.shoulds) == ("pass", []), verdict.reason


def test_a_pass_says_that_somebody_was_made_to_wait() -> None:
    [verdict, *_] = Judge(InProcessDriver(PolledLock)).judge(_COMPLETE, _LIMITS)
    assert verdict.evidence.yielded > 0
    assert "an actor that only repeated itself was made to wait for another" in verdict.reason
    [verdict, *_] = Judge(InProcessDriver(MemoryWorld)).judge(_COMPLETE, _LIMITS)
    assert "was made to wait" not in verdict.reason


def test_nobody_asks_for_the_lock_more_often_than_it_takes() -> None:
    prefixes = Prefixes(InProcessDriver(PolledLock))
    [choose] = Replay("aA2bB").choosers()
    played = play(prefixes, _COMPLETE, Case(), choose, 1)
    asked = [gate.label for gate in played.history.gates if gate.actor == "B"].count("SET lock NX")
    assert asked == fairness.REPEATS + 1
    assert played.yields == 1
    [choose] = Replay(played.token).choosers()
    again = play(prefixes, _COMPLETE, Case(), choose, 1)
    assert again.token == played.token


def test_the_owner_is_found_among_many_that_wait() -> None:
    """Two that wait do not go on in turns while the third, who has the lock, is held."""
    [choose] = Replay("cC2aAbB").choosers()
    played = play(Prefixes(InProcessDriver(PolledLock)), _COMPLETE, Case(actors=3), choose, 1)
    assert len(played.steps) < 60
    assert {snapshot.run["status"] for snapshot in played.history.snapshots} == {"completed"}


class NeverFree(PolledLock):
    """Who has had the lock twice does not give it back."""

    def unlock(self, me: str) -> None:
        if self.state.runs and me not in ("caller 1", "caller 2"):
            return
        super().unlock(me)


def test_a_schedule_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.search.play.MOST_OPERATIONS", 200)
    found = Judge(InProcessDriver(NeverFree)).judge(_COMPLETE, _LIMITS)
    assert [verdict.check for verdict in found] == list(CHECKS)
    for verdict in found:
        assert verdict.outcome == "inconclusive"
        assert "did not end within 200 operations: B was still at SET lock NX" in verdict.reason


class LooksForEver(MemoryWorld):
    """Two calls that meet look for ever."""

    def reset(self) -> None:
        super().reset()
        self.inside = 0
        self.met = False

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        self.inside += 1
        try:
            await Gate("SADD inside", "write", ("inside",))
            self.met = self.met or self.inside > 1
            while self.met:
                await Gate("SCARD inside", "read", ("inside",))
            return await super().events_create(run_id, event)
        finally:
            self.inside -= 1
            self.met = self.met and self.inside > 0


def test_a_world_that_looks_for_ever_in_every_race_is_not_searched_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("conformance.search.play.MOST_OPERATIONS", 200)
    judge = Judge(InProcessDriver(LooksForEver))
    [convergence, *_] = judge.judge(_COMPLETE, _LIMITS)
    assert convergence.outcome == "inconclusive"
    assert "did not end within 200 operations" in convergence.reason
    assert judge.evidence.controls > 0
    assert judge.evidence.schedules < 10
