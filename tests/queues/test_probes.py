"""Each probe passes a right queue and catches every wrong one by the rule that it breaks."""

from __future__ import annotations

import pytest

from conformance.core.errors import HostFailed, NotSupported
from conformance.queues.catalogue import PROBES
from conformance.queues.finding import QueueFinding, counted
from conformance.queues.toys import AMOUNT as _AMOUNT
from conformance.queues.toys import WAYS, Way
from conformance.spec.rules import RULES

from .conftest import Open


def _failed(found: list[QueueFinding]) -> set[str]:
    return {finding.rule for finding in found if finding.outcome == "fail"}


@pytest.mark.parametrize("probe", PROBES)
def test_a_right_queue_passes(toy: Open, probe: str) -> None:
    found = PROBES[probe](toy().driver, _AMOUNT)
    assert {finding.outcome for finding in found} == {"pass"}, [finding.reason for finding in found]
    assert all(finding.runs > 0 for finding in found)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS.values(), ids=lambda way: way.name)
def test_a_wrong_queue_is_caught_by_its_rule(toy: Open, way: Way) -> None:
    found = PROBES[way.probe](toy(way.name).driver, _AMOUNT)
    assert _failed(found) == way.rules, [finding.reason for finding in found]
    for finding in found:
        if finding.outcome == "fail":
            assert 0 < finding.shown <= finding.runs
            assert finding.timeline


def test_every_rule_of_queues_has_a_way_to_break_it() -> None:
    broken = {rule for way in WAYS.values() for rule in way.rules}
    assert broken == {rule for rule in RULES if rule.startswith("queue.")}


def test_what_one_process_cannot_show_is_said(toy: Open) -> None:
    from conformance.provision.catalog.descriptor import HostSettings  # noqa: PLC0415

    driver = toy(host=HostSettings(shared_process=True)).driver
    assert driver.names == ("A",)
    outcomes = {finding.rule: finding.outcome for finding in PROBES["idempotency_key"](driver, _AMOUNT)}
    assert outcomes == {"queue.idempotency-key": "pass", "queue.idempotency-shared": "unsupported"}
    [finding] = PROBES["survives"](driver, _AMOUNT)
    assert finding.outcome == "unsupported"
    assert "process" in finding.reason


def test_a_host_that_dies_is_no_finding_about_the_queue(toy: Open) -> None:
    driver = toy().driver
    driver.ready()
    driver._hosts["B"]._process.kill()
    with pytest.raises(HostFailed, match="died"):
        PROBES["delivers"](driver, _AMOUNT)
    driver.drop_hosts()
    assert _failed(PROBES["delivers"](driver, _AMOUNT)) == set()


@pytest.mark.parametrize(("world", "why"), [("memory", "no queue of its own"), ("redis:reference", "Python")])
def test_worlds_without_a_queue_over_http_are_unsupported(opened: Open, world: str, why: str) -> None:
    with pytest.raises(NotSupported, match=why):
        opened(world)


def test_nothing_that_was_looked_at_is_no_pass() -> None:
    assert counted("queue.attempt", 0, [], "all is well", hosts=2).outcome == "inconclusive"
