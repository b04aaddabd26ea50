"""The published Redis world in two hosts, raced by hand: labels, orders, exact repetition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from conformance.provision.catalog.launch import Launch

from .driver import CLOCK
from .racing import ORDERS, Driver, outcomes

MakePlan = Callable[[str], Launch]


@pytest.fixture
def driver(make_plan: MakePlan) -> Iterator[Driver]:
    made = Driver(make_plan("hosts"))
    yield made
    made.kill()


def test_what_a_host_says_of_the_world(driver: Driver) -> None:
    opened = driver.hosts["A"].opened
    assert (opened.name, opened.spec_version) == ("@workflow-worlds/redis", None)
    assert re.fullmatch(r"\d+\.\d+\.\d+", opened.version)
    assert opened.platform.startswith("node ")


def test_the_gates_of_one_call(driver: Driver) -> None:
    run_id = driver.given()
    event = {"eventType": "step_completed", "specVersion": 2, "correlationId": driver.step, "eventData": {}}
    gates, answer = driver.hosts["A"].run("events.create", run_id, event, stacks=True)
    assert [gate["label"].split()[0] for gate in gates] == ["HGETALL", "HGETALL", "HGETALL", "HSET", "ZADD"]
    assert [gate["access"] for gate in gates] == ["read"] * 3 + ["write"] * 2
    assert all(run_id in key or "step_1" in key for gate in gates for key in gate["keys"])
    assert all(re.fullmatch(r"src/storage\.ts:\d+", gate["where"]) for gate in gates)
    assert all(re.fullmatch(r"dist/storage\.js:\d+", gate["compiled"]) for gate in gates)
    assert answer["value"]["step"]["status"] == "completed"


def test_bytes_and_dates_survive_the_world(driver: Driver) -> None:
    run_id = driver.given()
    created, _, step, _ = driver.log(run_id)
    assert created["eventData"]["input"] == b"in"
    assert step["eventData"]["input"] == b"\x00\xff"
    when = step["createdAt"]
    assert isinstance(when, datetime)
    assert datetime.fromtimestamp(CLOCK / 1000, UTC) < when < datetime.fromtimestamp(CLOCK / 1000 + 60, UTC)


def test_refusals_are_typed(driver: Driver) -> None:
    answer = driver.hosts["A"].run("runs.get", "wrun_nowhere")[1]
    assert (answer["error"]["name"], answer["error"]["status"]) == ("WorkflowAPIError", 404)


def test_the_schedule_decides_who_reads_what(driver: Driver) -> None:
    """One after the other the second is refused; with both past their reads, whatever the guard allows."""
    driver.reset(1)
    _, answers = driver.race(driver.given(), "A" * 20 + "B" * 20)
    assert (answers["A"]["type"], answers["B"]["error"]["status"]) == ("result", 409)
    driver.reset(1)
    _, answers = driver.race(driver.given(), "B" * 20 + "A" * 20)
    assert (answers["B"]["type"], answers["A"]["error"]["status"]) == ("result", 409)


def test_one_schedule_gives_one_outcome(make_plan: MakePlan) -> None:
    """Fresh hosts and store, same seeds, clock and orders: the same gates, answers and log, id by id."""
    seen = []
    for name in ("one", "two"):
        driver = Driver(make_plan(name))
        seen.append(repr(outcomes(driver, ORDERS)).replace(f"{driver.prefix}:", ""))
        driver.kill()
    assert seen[0] == seen[1]


def test_a_schedule_repeats_in_the_hosts_that_ran_others_meanwhile(driver: Driver) -> None:
    """As a replay does: only the time moves on, so only times, in ids and in dates, differ."""
    started = driver.clock

    def timeless(seen: list[Any]) -> str:
        return re.sub(r"_01[0-9A-Z]{8}", "_", re.sub(r"datetime\(.*?\)", "", repr(seen)))

    first = timeless(outcomes(driver, ORDERS))
    outcomes(driver, ["AAB", "BBA"])
    driver.steps = 0
    assert driver.clock > started
    assert timeless(outcomes(driver, ORDERS)) == first
