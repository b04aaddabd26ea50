"""Handlers die softly where they can, and what no killed process shows is a note."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from conformance.drivers.driver import RacingActor
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.in_process import InProcessDriver
from conformance.drivers.messages import HostConnection
from conformance.memory.mutants import find_mutant
from conformance.search.budget import BUDGETS
from conformance.search.fault_judge import FaultJudge
from conformance.search.verdict import Verdict, decide
from tests.search.test_faults import STEP

_DEFAULT = BUDGETS["default"].limits(STEP, speed=1)


class _Soft(InProcessDriver):
    """A driver on which handlers can die softly."""

    can_die_softly = True
    died_softly = 0
    in_soft_deaths = False

    @contextmanager
    def soft_deaths(self) -> Iterator[None]:
        self.in_soft_deaths = True
        yield
        self.in_soft_deaths = False

    def crash(self, actor: RacingActor, *, done: bool) -> None:
        self.died_softly += self.in_soft_deaths
        super().crash(actor, done=done)


def _judged(driver: InProcessDriver) -> dict[str, Verdict]:
    return {verdict.check: verdict for verdict in FaultJudge(driver).judge(STEP, _DEFAULT, [])}


def test_with_no_time_something_goes_wrong_all_the_same_and_the_pass_is_shallow() -> None:
    late = replace(_DEFAULT, seconds=0.0)
    for verdict in FaultJudge(InProcessDriver()).judge(STEP, late, []):
        assert verdict.outcome == "pass"
        assert verdict.evidence.faulted >= 2
        assert verdict.evidence.depth == "shallow"


class _Hard(InProcessDriver):
    """A driver on which a death takes a process with it."""

    kills_processes = True


@pytest.mark.parametrize("driver", [_Soft, _Hard, InProcessDriver])
def test_every_place_is_tried_however_handlers_die(driver: type[InProcessDriver]) -> None:
    evidence = _judged(driver())["convergence"].evidence
    assert evidence.places_tried == evidence.places > 50
    assert evidence.depth == "pass"


def test_every_place_is_tried_where_actors_share_a_process() -> None:
    """None of them can be killed alone."""

    def unused(*asked: object) -> HostConnection:
        raise AssertionError(asked)

    together = HostedDriver(unused, shared=True)
    assert not together.kills_processes
    assert together.faults.isdisjoint(("kill", "die"))
    assert HostedDriver(unused).kills_processes, "until a host says that its World can die softly"


def test_what_a_soft_death_shows_is_confirmed_by_a_killed_process() -> None:
    verdict = _judged(_Soft(find_mutant("logs-later").world))["convergence"]
    assert verdict.outcome == "fail"
    assert verdict.failure is not None
    assert verdict.failure.soft
    assert (verdict.failure.reproduced, verdict.failure.replays) == (5, 5)


def test_what_only_a_soft_death_shows_is_a_note_with_its_count() -> None:
    verdict = _judged(_Soft(find_mutant("logs-later").world))["convergence"]
    assert verdict.failure is not None
    refuted = replace(verdict.failure, reproduced=0)
    noted = decide("convergence", verdict.evidence, [refuted])
    assert (noted.outcome, noted.shoulds) == ("pass", [refuted])
    assert "0 of 5" in refuted.note
    unexplained = replace(refuted, soft=False)
    assert decide("convergence", verdict.evidence, [unexplained]).outcome == "inconclusive"
    assert decide("convergence", verdict.evidence, [replace(refuted, reproduced=1)]).outcome == "fail"
