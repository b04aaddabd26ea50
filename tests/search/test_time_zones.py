"""Hosts are in one time zone, whatever that of the machine is; and in one schedule two are in two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.core.environment import ELSEWHERE, child_environment
from conformance.core.faults import Fault
from conformance.core.history import History
from conformance.core.scenario import Case
from conformance.core.scenarios import by_id
from conformance.drivers.driver import ScheduleOptions
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.prefix import Prefixes
from conformance.search.budget import BUDGETS
from conformance.search.play import play
from conformance.search.sequence_judge import SequenceJudge
from conformance.search.strategies.sequential import in_turn
from conformance.spec.programs import READS, timed, write

from .fakes import FakeHost, Service

[_VARIANT] = by_id("state_machine").at("storage")
_ABROAD = ScheduleOptions(abroad=True)


def test_the_zone_of_the_machine_is_not_that_of_its_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Lima")
    assert child_environment()["TZ"] == "UTC"
    assert child_environment({"TZ": ELSEWHERE})["TZ"] == ELSEWHERE


class _Abroad(InProcessDriver):
    """A driver whose second actor can be elsewhere."""

    can_go_abroad = True


def test_one_caller_stores_and_the_other_one_reads() -> None:
    case = Case(2, program=write(timed()), faults=(Fault("zone", 0),))
    history = play(Prefixes(_Abroad()), _VARIANT, case, in_turn("AB"), 1).history
    raced = [call for call in history.calls if call.phase == "race"]
    assert {call.op for call in raced if call.actor == "A"} == {"events.create"}
    assert {call.op for call in raced if call.actor == "B"} <= READS.keys()
    kinds = {call.event["eventType"] for call in raced if call.actor == "A"}
    assert {"wait_created", "step_retrying", "run_completed", "hook_received"} <= kinds
    assert [fault.kind for fault in history.faults] == ["zone"]
    assert not history.disturbed


@pytest.mark.parametrize("driver", [_Abroad, InProcessDriver])
def test_a_pass_says_that_it_was_so(driver: type[InProcessDriver]) -> None:
    limits = replace(BUDGETS["default"].limits(_VARIANT, speed=1), generated=0, stills=0)
    [found, *_] = SequenceJudge(driver()).judge(_VARIANT, limits)
    assert found.outcome == "pass"
    assert found.evidence.abroad == (driver is _Abroad)
    said = "; in 1 one of two callers was in another time zone"
    assert found.reason.endswith(said) is (driver is _Abroad)


def test_budgets_but_the_quick_one_have_it() -> None:
    zones = {name: budget.limits(_VARIANT, speed=1).zones for name, budget in BUDGETS.items()}
    assert zones == {"quick": False, "default": True, "thorough": True}


class _Opened:
    """Opens hosts, and keeps them in that order."""

    def __init__(self) -> None:
        self.hosts: list[FakeHost] = []

    def __call__(self, actors: list[str], *_: int) -> FakeHost:
        self.hosts.append(FakeHost(Service(), actors))
        return self.hosts[-1]


def test_the_second_actor_has_a_host_elsewhere_and_its_own_again() -> None:
    here, elsewhere = _Opened(), _Opened()
    driver = HostedDriver(here, open_abroad=elsewhere)
    driver.reset(1, History())
    _, home = here.hosts
    driver.reset(2, History(), _ABROAD)
    assert driver.hosts.of("B") in elsewhere.hosts
    [abroad] = elsewhere.hosts
    assert abroad.actors == ["B"]
    assert driver.hosts.of("A") is here.hosts[0]
    driver.reset(3, History(), _ABROAD)
    assert driver.hosts.of("B") is abroad
    driver.reset(4, History())
    assert driver.hosts.of("B") is home
    assert (abroad.ended, home.ended, len(here.hosts)) == ("killed", "", 2)


@pytest.mark.parametrize("end", ["revive", "close"])
def test_both_of_its_hosts_end_with_the_others(end: str) -> None:
    here, elsewhere = _Opened(), _Opened()
    driver = HostedDriver(here, open_abroad=elsewhere)
    driver.reset(1, History())
    driver.reset(2, History(), _ABROAD)
    driver.hosts.of("B")
    getattr(driver, end)()
    assert all(host.ended for host in (*here.hosts, *elsewhere.hosts))
    assert len(here.hosts) == 2
    assert len(elsewhere.hosts) == 1


def test_who_cannot_go_stays() -> None:
    here, elsewhere = _Opened(), _Opened()
    together, rooted = HostedDriver(here, shared=True, open_abroad=elsewhere), HostedDriver(here)
    for driver in (together, rooted):
        assert not driver.can_go_abroad
        driver.reset(1, History(), _ABROAD)
        driver.hosts.of("B")
    assert not elsewhere.hosts
