"""The published Redis world in two hosts, raced by hand: labels, orders, exact repetition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count, cycle
from typing import Any

import pytest

from conformance.catalog.launch import LaunchPlan

from .driver import CLOCK, Driven

MakePlan = Callable[[str], LaunchPlan]
Steps = list[tuple[str, str]]
GIVEN: list[dict[str, Any]] = [
    {"eventType": "run_started"},
    {
        "eventType": "step_created",
        "correlationId": "step_1",
        "eventData": {"stepName": "s", "input": b"\x00\xff"},
    },
    {"eventType": "step_started", "correlationId": "step_1"},
]


class Rig:
    """Two hosts on one store; the clock they share goes on and on."""

    def __init__(self, plan: LaunchPlan) -> None:
        self.clock = CLOCK
        self.prefix = plan.world["options"]["keyPrefix"]
        self.hosts = {
            name: Driven(plan.world, actors=name, command=plan.command, env=plan.env) for name in ("A", "B")
        }

    def reset(self, seed: int) -> None:
        self.clock += 100_000
        for driven in self.hosts.values():
            driven.host.reset(seed, self.clock)

    def given(self) -> str:
        """A run whose one step is running; its id."""
        event = {
            "eventType": "run_created",
            "eventData": {"deploymentId": "d", "workflowName": "w", "input": b"in"},
        }
        run_id: str = self.create(None, event)["run"]["runId"]
        for event in GIVEN:
            self.create(run_id, event)
        return run_id

    def create(self, run_id: str | None, event: dict[str, Any]) -> Any:
        return self.hosts["A"].value("events.create", run_id, {"specVersion": 2, **event})

    def race(self, run_id: str, order: str) -> tuple[Steps, dict[str, dict[str, Any]]]:
        """Both complete the step, gates released by turns of ``order``: what was done, and the answers."""
        held: dict[str, dict[str, Any]] = {}
        for name, driven in self.hosts.items():
            event = {"eventType": "step_completed", "specVersion": 2, "correlationId": "step_1"}
            driven.start("events.create", run_id, {**event, "eventData": {"result": name.encode()}})
            held[name] = driven.next()
        steps: Steps = []
        clock = count(self.clock + 1000, 100)
        for name in cycle(order):
            gate = held[name]
            if gate["type"] == "gate":
                steps.append((name, gate["label"]))
                self.hosts[name].go(gate, clock=next(clock))
                held[name] = self.hosts[name].next()
            elif all(message["type"] != "gate" for message in held.values()):
                return steps, held
        raise AssertionError

    def log(self, run_id: str) -> list[dict[str, Any]]:
        asked = {"runId": run_id, "pagination": {"sortOrder": "asc", "limit": 100}}
        events: list[dict[str, Any]] = self.hosts["A"].value("events.list", asked)["data"]
        return events

    def kill(self) -> None:
        for driven in self.hosts.values():
            driven.host.kill()  # this world has no close()


@pytest.fixture
def rig(make_plan: MakePlan) -> Iterator[Rig]:
    made = Rig(make_plan("hosts"))
    yield made
    made.kill()


def test_what_a_host_says_of_the_world(rig: Rig) -> None:
    opened = rig.hosts["A"].opened
    assert (opened.name, opened.spec_version) == ("@workflow-worlds/redis", None)
    assert re.fullmatch(r"\d+\.\d+\.\d+", opened.version)
    assert opened.platform.startswith("node ")


def test_the_gates_of_one_call(rig: Rig) -> None:
    run_id = rig.given()
    event = {"eventType": "step_completed", "specVersion": 2, "correlationId": "step_1", "eventData": {}}
    gates, answer = rig.hosts["A"].run("events.create", run_id, event, stacks=True)
    assert [gate["label"].split()[0] for gate in gates] == ["HGETALL", "HGETALL", "HGETALL", "HSET", "ZADD"]
    assert [gate["access"] for gate in gates] == ["read"] * 3 + ["write"] * 2
    assert all(run_id in key or "step_1" in key for gate in gates for key in gate["keys"])
    assert all(re.fullmatch(r"dist/storage\.js:\d+", gate["where"]) for gate in gates)
    assert answer["value"]["step"]["status"] == "completed"


def test_bytes_and_dates_survive_the_world(rig: Rig) -> None:
    run_id = rig.given()
    created, _, step, _ = rig.log(run_id)
    assert created["eventData"]["input"] == b"in"
    assert step["eventData"]["input"] == b"\x00\xff"
    when = step["createdAt"]
    assert isinstance(when, datetime)
    assert datetime.fromtimestamp(CLOCK / 1000, UTC) < when < datetime.fromtimestamp(CLOCK / 1000 + 60, UTC)


def test_refusals_are_typed(rig: Rig) -> None:
    answer = rig.hosts["A"].run("runs.get", "wrun_nowhere")[1]
    assert (answer["error"]["name"], answer["error"]["status"]) == ("WorkflowAPIError", 404)


def test_the_schedule_decides_who_reads_what(rig: Rig) -> None:
    """One after the other the second is refused; with both past their reads, whatever the guard allows."""
    rig.reset(1)
    _, answers = rig.race(rig.given(), "A" * 20 + "B" * 20)
    assert (answers["A"]["type"], answers["B"]["error"]["status"]) == ("result", 409)
    rig.reset(1)
    _, answers = rig.race(rig.given(), "B" * 20 + "A" * 20)
    assert (answers["B"]["type"], answers["A"]["error"]["status"]) == ("result", 409)


ORDERS = ["AB", "ABBA", "AAB", "BBBA", "BA"]


def outcomes(rig: Rig, orders: list[str]) -> list[Any]:
    """What was done, who won and the whole log, for each order."""
    seen: list[Any] = []
    for seed, order in enumerate(orders):
        rig.reset(seed)
        run_id = rig.given()
        steps, answers = rig.race(run_id, order)
        seen.append(
            (steps, {name: answer.get("value", answer.get("error")) for name, answer in answers.items()})
        )
        seen.append(rig.log(run_id))
    return seen


def test_one_schedule_gives_one_outcome(make_plan: MakePlan) -> None:
    """Fresh hosts and store, same seeds, clock and orders: the same gates, answers and log, id by id."""
    seen = []
    for name in ("one", "two"):
        rig = Rig(make_plan(name))
        seen.append(repr(outcomes(rig, ORDERS)).replace(f"{rig.prefix}:", ""))
        rig.kill()
    assert seen[0] == seen[1]


def test_a_schedule_repeats_in_the_hosts_that_ran_others_meanwhile(rig: Rig) -> None:
    """As a replay does: only the time moves on, so only times, in ids and in dates, differ."""
    started = rig.clock

    def timeless(seen: list[Any]) -> str:
        return re.sub(r"_01[0-9A-Z]{8}", "_", re.sub(r"datetime\(.*?\)", "", repr(seen)))

    first = timeless(outcomes(rig, ORDERS))
    outcomes(rig, ["AAB", "BBA"])
    assert rig.clock > started
    assert timeless(outcomes(rig, ORDERS)) == first
