"""The time limit of a test ends what is done on a driver; what cannot be opened is paid for once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.core.deadline import Deadline, OutOfTime
from conformance.core.errors import HostFailed
from conformance.core.history import History
from conformance.core.paging import Pages
from conformance.core.scenarios import by_id
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.in_process import InProcessDriver
from conformance.oracle import CHECKS
from conformance.search.budget import BUDGETS
from conformance.search.draw import cases, draw
from conformance.search.judge import Judge
from conformance.search.play import Played
from conformance.search.trials import Trials
from conformance.spec.vocabulary import WorldError

from .fakes import FakeHost, Farm, Service

_VARIANT = by_id("step_completed").at("storage")[0]


def test_a_deadline_bounds_waits_and_is_never_by_default() -> None:
    assert Deadline().within(7.0) == 7.0
    Deadline().check()
    over = Deadline(0.0)
    assert over.passed
    assert over.within(7.0) == 0.0
    with pytest.raises(OutOfTime, match=r"longer than 0 s \(--world-time-limit\)"):
        over.check()


def test_a_judge_that_is_out_of_time_has_verdicts_and_no_pass() -> None:
    driver = InProcessDriver()
    driver.work_until(Deadline(0.0))
    verdicts = Judge(driver).judge(_VARIANT, BUDGETS["quick"].limits(_VARIANT, speed=1))
    assert [verdict.check for verdict in verdicts] == list(CHECKS)
    assert {verdict.outcome for verdict in verdicts} == {"inconclusive"}
    assert all("--world-time-limit" in verdict.reason for verdict in verdicts)


def test_what_was_found_and_not_replayed_by_then_says_so() -> None:
    from conformance.memory.mutants import asked_for  # noqa: PLC0415 - only here

    mutant = asked_for({"mutant": "late-guard"})
    assert mutant is not None
    driver = InProcessDriver(mutant.world)

    def ends_with_the_first_failure() -> None:
        if judge.trials.failures:
            driver.work_until(Deadline(0.0))

    judge = Judge(driver, progress=ends_with_the_first_failure)
    verdicts = judge.judge(_VARIANT, BUDGETS["quick"].limits(_VARIANT, speed=1))
    assert verdicts[0].outcome == "inconclusive"
    assert "seen once by then, and not replayed" in verdicts[0].reason
    assert verdicts[0].failure is not None  # its schedule and its replay command are shown


def test_what_was_replayed_once_by_then_stays_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    from conformance.memory.mutants import asked_for  # noqa: PLC0415 - only here

    mutant = asked_for({"mutant": "late-guard"})
    assert mutant is not None
    judge = Judge(InProcessDriver(mutant.world))
    play = Trials.play

    def ends_with_the_first_replay(self: Trials, *given: Any, stacks: bool = False) -> Played:
        played = play(self, *given, stacks=stacks)
        if stacks:
            self.driver.work_until(Deadline(0.0))
        return played

    monkeypatch.setattr(Trials, "play", ends_with_the_first_replay)
    [convergence, *_] = judge.judge(_VARIANT, BUDGETS["quick"].limits(_VARIANT, speed=1))
    assert "--world-time-limit" in convergence.evidence.inconclusive
    assert convergence.outcome == "fail"
    assert convergence.failure is not None
    assert (convergence.failure.reproduced, convergence.failure.replays) == (1, 1)


def test_a_hosted_call_ends_at_the_deadline() -> None:
    farm = Farm()
    farm.driver.reset(1, History())
    farm.driver.work_until(Deadline(0.0))
    with pytest.raises(OutOfTime):
        farm.driver.alone(_call(farm.driver))


async def _call(driver: HostedDriver) -> None:
    await driver.actor("-").call("toy.vanish")


def test_what_a_generated_case_raises_is_raised_once() -> None:
    tried = 0

    def try_one(*_: object) -> bool:
        nonlocal tried
        tried += 1
        raise HostFailed("the host hangs")

    with pytest.raises(HostFailed, match="hangs"):
        draw(cases(_VARIANT), 50, 0, 50, try_one)
    assert tried == 1


class _Unopenable(FakeHost):
    def await_open(self, limit: float, *, deadline: Deadline) -> FakeHost:  # noqa: ARG002 - it never is
        raise HostFailed("no world is made")


@pytest.mark.parametrize("shared", [True, False])
def test_a_world_that_cannot_be_opened_is_tried_once(shared: bool) -> None:
    started: list[FakeHost] = []

    def open_host(actors: list[str], _seed: int, _clock: int) -> FakeHost:
        started.append(_Unopenable(Service(), actors))
        return started[-1]

    driver = HostedDriver(open_host, shared=shared)
    for _ in range(5):
        with pytest.raises(HostFailed, match="no world is made"):
            driver.reset(1, History())
        driver.revive()
    assert len(started) == (1 if shared else 2)
    assert {host.ended for host in started} == {"killed"}


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (lambda number: {"data": [number], "hasMore": True, "cursor": "same"}, "repeated a cursor"),
        (lambda number: {"data": [], "hasMore": True, "cursor": f"{number}"}, "empty pages"),
        (lambda number: {"data": [number], "hasMore": True, "cursor": f"{number}"}, "does not end"),
        (lambda number: {"data": [number], "hasMore": True, "cursor": None}, "without a cursor"),
    ],
)
def test_pages_that_never_end_are_refused(page: Callable[[int], dict[str, Any]], said: str) -> None:
    pages = Pages("wrun_1")
    with pytest.raises(WorldError, match=said):
        for number in range(5000):
            pages.following(page(number))


def test_pages_come_to_their_end() -> None:
    pages = Pages("wrun_1", "a")
    assert pages.following({"data": [1], "hasMore": True, "cursor": "b"}) == "b"
    assert pages.following({"data": [], "hasMore": True, "cursor": {"odd": 1}}) == {"odd": 1}
    assert pages.following({"data": [2], "hasMore": False, "cursor": "c"}) is None
