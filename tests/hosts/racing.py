"""Two hosts on one store, raced by hand."""

from __future__ import annotations

from itertools import count, cycle
from typing import Any

from conformance.provision.catalog.launch import Launch

from .driver import CLOCK, Driven

Steps = list[tuple[str, str]]


class Driver:
    """Two hosts on one store; the clock they share goes on and on."""

    def __init__(self, plan: Launch) -> None:
        self.clock = CLOCK
        self.steps = 0
        self.prefix = plan.namespace.name if plan.namespace else str(plan.directory)
        self.hosts = {
            name: Driven(plan.world, actors=name, command=plan.host.command, env=plan.env)
            for name in ("A", "B")
        }

    def reset(self, seed: int) -> None:
        self.clock += 100_000
        for driven in self.hosts.values():
            driven.host.reset(seed, self.clock)

    def given(self) -> str:
        """A run whose one step is running; its id. The step is :attr:`step`, some worlds want it unique."""
        self.steps += 1
        event = {
            "eventType": "run_created",
            "eventData": {"deploymentId": "d", "workflowName": "w", "input": b"in"},
        }
        run_id: str = self.create(None, event)["run"]["runId"]
        made = {"eventType": "step_created", "eventData": {"stepName": "s", "input": b"\x00\xff"}}
        self.create(run_id, {"eventType": "run_started"})
        self.create(run_id, {**made, "correlationId": self.step})
        self.create(run_id, {"eventType": "step_started", "correlationId": self.step})
        return run_id

    @property
    def step(self) -> str:
        """The step of the run that was made last."""
        return f"step_{self.steps}"

    def create(self, run_id: str | None, event: dict[str, Any]) -> Any:
        return self.hosts["A"].value("events.create", run_id, {"specVersion": 2, **event})

    def race(self, run_id: str, order: str) -> tuple[Steps, dict[str, dict[str, Any]]]:
        """Both complete the step, gates released by turns of ``order``: what was done, and the answers."""
        held: dict[str, dict[str, Any]] = {}
        for name, driven in self.hosts.items():
            event = {"eventType": "step_completed", "specVersion": 2, "correlationId": self.step}
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


ORDERS = ["AB", "ABBA", "AAB", "BBBA", "BA"]


def outcomes(driver: Driver, orders: list[str]) -> list[Any]:
    """What was done, who won and the whole log, for each order."""
    seen: list[Any] = []
    for seed, order in enumerate(orders):
        driver.reset(seed)
        run_id = driver.given()
        steps, answers = driver.race(run_id, order)
        seen.append(
            (steps, {name: answer.get("value", answer.get("error")) for name, answer in answers.items()})
        )
        seen.append(driver.log(run_id))
    return seen
