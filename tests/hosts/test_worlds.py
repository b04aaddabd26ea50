"""The other published worlds: their gates are seen, told apart, placed in the source, and repeat exactly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.launch import Launch, launch
from conformance.provision.catalog.plan import plan_for
from conformance.provision.catalog.target import parse
from conformance.provision.services.kinds import kind_of
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service
from tests.needs import stores

from .driver import Driven
from .racing import Driver, outcomes

Make = Callable[[str], Launch]


@pytest.fixture(scope="module", params=stores(["local", "mongodb", "postgres"]))
def service(request: pytest.FixtureRequest) -> Iterator[tuple[str, Service | None]]:
    """Each world in turn with its server, if it needs one. Raises NoService with a hint."""
    spec = parse(request.param).descriptor.service
    started = start_service(spec, force="embedded") if spec else None
    yield request.param, started
    if started:
        started.stop()


@pytest.fixture
def make(service: tuple[str, Service | None]) -> Iterator[Make]:
    plans: list[Launch] = []

    def one(name: str) -> Launch:
        plans.append(launch(plan_for(resolve(parse(service[0])), service[1], name)))
        return plans[-1]

    yield one
    for plan in plans:
        plan.close()


def plain(seen: list[Any]) -> str:
    """Without dates: some are the server's own. And without the store's name."""
    return re.sub(r"datetime\(.*?\)", "", repr(seen))


def test_one_schedule_gives_one_outcome(make: Make) -> None:
    seen = []
    for name in ("one", "two"):
        driver = Driver(make(name))
        seen.append(plain(outcomes(driver, ["AB", "ABBA", "BBA"])).replace(driver.prefix, ""))
        driver.kill()
    assert seen[0] == seen[1]


def test_each_gate_is_known_and_has_a_place(make: Make) -> None:
    driver = Driver(make("places"))
    run_id = driver.given()
    event = {"eventType": "step_completed", "specVersion": 2, "correlationId": driver.step, "eventData": {}}
    gates, answer = driver.hosts["B"].run("events.create", run_id, event, stacks=True)
    assert answer["value"]["step"]["status"] == "completed"
    assert len(gates) >= 2
    assert {gate["access"] for gate in gates} <= {"read", "write"}
    assert all(gate["keys"] for gate in gates)
    assert all(re.fullmatch(r"src/[\w/-]+\.ts:\d+", gate["where"]) for gate in gates), "by its source maps"
    assert all(re.fullmatch(r"dist/[\w/-]+\.js:\d+", gate["compiled"]) for gate in gates)
    assert not [gate["where"] for gate in gates if "src/fs.ts" in gate["where"]], "not the helper for files"
    driver.kill()


@pytest.mark.parametrize("service", ["postgres"], indirect=True)
def test_an_actor_that_waits_for_a_row_is_silent_and_the_server_knows(make: Make) -> None:
    plan = make("blocked")
    assert plan.plan.locks
    driver = Driver(plan)
    run_id = driver.given()
    one, other = driver.hosts.values()

    def until(driven: Driven, label: str, gate: dict[str, Any]) -> dict[str, Any]:
        while not gate["label"].startswith(label):
            driven.go(gate)
            gate = driven.next()
        return gate

    event = {"eventType": "step_started", "specVersion": 2, "correlationId": driver.step}
    held = {}
    for driven in (one, other):
        driven.start("events.create", run_id, event)
        held[driven] = until(driven, "UPDATE", driven.next())
    one.go(held[one])
    commit = until(one, "COMMIT", one.next())
    other.go(held[other])
    assert other.silent(0.1)
    assert plan.plan.service is not None
    assert plan.namespace is not None
    waits = kind_of(plan.plan.service.kind).waits(plan.namespace.url)
    assert waits is not None
    assert waits.count() == 1
    waits.close()
    one.go(commit)
    until(other, "COMMIT", other.next())
    driver.kill()
