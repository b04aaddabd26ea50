"""Where handlers die softly every place is tried, and what no killed process shows is a note."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from conformance.core.faults import RaceFault
from conformance.drivers.driver import RacingActor
from conformance.drivers.in_process import InProcessDriver
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


def test_every_place_is_tried_where_handlers_die_softly() -> None:
    evidence = _judged(_Soft())["convergence"].evidence
    assert evidence.places_tried == evidence.places > 2 * _DEFAULT.searched
    assert evidence.depth == "pass"


class _Shared(InProcessDriver):
    """A driver whose actors share a process, so that none is killed alone."""

    speed = 1

    @property
    def faults(self) -> frozenset[RaceFault]:
        return super().faults - {"kill", "die"}


def test_every_place_is_tried_where_nobody_can_be_killed() -> None:
    evidence = _judged(_Shared())["convergence"].evidence
    assert evidence.places_tried == evidence.places > _DEFAULT.searched
    assert set(evidence.faults).isdisjoint(("kill", "die"))


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
