"""Published packages on real servers: what their queues do, and stress races on the real runtime."""

from __future__ import annotations

import pytest

from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.queues.catalogue import FLOWS, PROBES
from conformance.queues.probes import Amount
from conformance.queues.stress import stress

from .conftest import Open

_AMOUNT = Amount(messages=10, batches=1)
_CORE = RuntimeWanted("4.8.9")


@pytest.mark.slow
@pytest.mark.parametrize("world", ["local", "postgres", "redis"])
def test_what_is_queued_is_delivered(opened: Open, world: str) -> None:
    found = {finding.rule: finding for finding in PROBES["delivers"](opened(world).driver, _AMOUNT)}
    assert {finding.outcome for finding in found.values()} == {"pass"}
    assert found["queue.delivers"].runs == 10


@pytest.mark.slow
def test_redis_shares_its_keys_over_processes(opened: Open) -> None:
    found = PROBES["idempotency_key"](opened("redis").driver, _AMOUNT)
    assert {finding.rule: finding.outcome for finding in found} == {
        "queue.idempotency-key": "pass",
        "queue.idempotency-shared": "pass",
    }


@pytest.mark.slow
def test_local_keeps_its_keys_to_itself(opened: Open) -> None:
    found = {finding.rule: finding for finding in PROBES["idempotency_key"](opened("local").driver, _AMOUNT)}
    assert found["queue.idempotency-key"].outcome == "pass"
    shared = found["queue.idempotency-shared"]
    # Three keys from each of: one process twice, the other while it ran, both at once.
    assert (shared.outcome, shared.shown, shared.runs) == ("fail", 6, 9)


@pytest.mark.slow
@pytest.mark.parametrize("world", ["local", "postgres"])
def test_runs_outlive_their_process(opened: Open, world: str) -> None:
    found = PROBES["survives"](opened(world).driver, _AMOUNT)
    passed = {finding.rule for finding in found if finding.outcome == "pass"}
    assert passed == {"queue.survives", "queue.persists"}, [finding.reason for finding in found]


@pytest.mark.slow
def test_stress_races_show_on_redis_what_the_gates_show(opened: Open) -> None:
    found = {finding.rule: finding for finding in stress(opened("redis", _CORE).driver, FLOWS["fan_out"], 10)}
    # Its refusals are of the older dialect: whenever two handlers meet, one delivery fails.
    refused = found["error.recognised"]
    assert refused.defect == "dialect"
    assert 0 < refused.shown <= refused.runs == 10
    assert "WorkflowAPIError" in refused.reason
    assert any("run_completed" in line for line in refused.timeline)


@pytest.mark.slow
@pytest.mark.parametrize("flow", ["hook", "sleep"])
def test_stress_runs_end_on_postgres(opened: Open, flow: str) -> None:
    found = stress(opened("postgres", _CORE).driver, FLOWS[flow], 4)
    rules = {finding.rule for finding in found if finding.outcome == "fail"}
    assert not rules & {"run.no-hang", "run.ends-as-control", "run.readable"}, [each.reason for each in found]
    if not rules:
        assert [finding.outcome for finding in found] == ["not-shown"]
        assert "proves nothing" in found[0].reason


def test_stress_runs_in_one_process_say_so(opened: Open) -> None:
    driver = opened("starter", _CORE).driver
    found = stress(driver, FLOWS["sequence"], 3)
    assert {finding.hosts for finding in found} == {1}


@pytest.mark.slow
def test_a_queue_that_swallows_zero_strands_a_run(opened: Open) -> None:
    """The runtime asks for another delivery at once when a token is taken; without it nothing goes on."""
    [finding] = stress(opened("starter", _CORE).driver, FLOWS["token_taken"], 2, silent=5.0)
    assert (finding.rule, finding.outcome, finding.shown) == ("run.no-hang", "fail", 2)
    assert "stopped as running" in finding.reason
    assert any("accepted as hook_conflict" in line for line in finding.timeline)


@pytest.mark.slow
def test_a_queue_that_hears_zero_does_not(opened: Open) -> None:
    found = stress(opened("local", _CORE).driver, FLOWS["token_taken"], 2)
    assert "run.no-hang" not in {finding.rule for finding in found}
