"""Two callers are both told that they did what is done once: the story blames the one that did it second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.core.history import Call, GateStep, History
from conformance.core.scenario import Case
from conformance.core.scenarios import by_id
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS
from conformance.memory.mutants.ways import NotAtomic
from conformance.memory.world import MemoryWorld
from conformance.oracle.winners import winners
from conformance.search.judge import Judge
from conformance.spec.table import Outcome
from conformance.spec.vocabulary import Event


def _blamed(world: Callable[[], MemoryWorld], scenario: str, variant: str, schedule: str) -> list[str]:
    """The actors whose success is said to be wrong."""
    [found] = [one for one in by_id(scenario).at("storage") if one.name == variant]
    [verdict, *_] = Judge(InProcessDriver(world)).replay(found, Case(), schedule, 1)
    assert verdict.failure is not None, verdict.reason
    return sorted({one.call[1] for one in verdict.failure.findings if one.call is not None})


@pytest.mark.parametrize(("schedule", "blamed"), [("aAbBA9B9", ["B"]), ("aAbBB9A9", ["A"])])
@pytest.mark.parametrize(
    ("mutant", "scenario", "variant"),
    [
        ("wait-not-atomic", "wait_completed", "complete-complete"),
        ("creation-not-atomic", "step_created", "step-step"),
    ],
)
def test_it_is_the_one_that_wrote_second(
    mutant: str, scenario: str, variant: str, schedule: str, blamed: list[str]
) -> None:
    assert _blamed(MUTANTS[mutant].world, scenario, variant, schedule) == blamed


class _FirstIsLost(NotAtomic):
    """Whoever completes a wait again puts its event in the place of the first one."""

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        made = super().write(run_id, event, outcome)
        if event["eventType"] == "wait_completed":
            mine = [one for one in self.events[run_id] if one["eventType"] == "wait_completed"]
            for one in mine[:-1]:
                self.events[run_id].remove(one)
        return made


@pytest.mark.parametrize(("schedule", "blamed"), [("aAbBA9B9", ["A"]), ("aAbBB9A9", ["B"])])
@pytest.mark.parametrize(
    ("world", "scenario"),
    [
        (_FirstIsLost.of("wait_completed"), "wait_completed"),
        # Each has an output of its own, and the second one is stored.
        (MUTANTS["run-end-not-atomic"].world, "run_completed"),
    ],
)
def test_it_is_the_one_of_which_nothing_is_left(
    world: Callable[[], MemoryWorld], scenario: str, schedule: str, blamed: list[str]
) -> None:
    assert _blamed(world, scenario, "complete-complete", schedule) == blamed


def test_who_wrote_nothing_did_nothing() -> None:
    history = History()
    calls = [
        Call(actor, "race", "events.create", ("run", {"eventType": "wait_completed"}), began, ended, {})
        for actor, began, ended in (("A", 1, 5), ("B", 2, 9))
    ]
    history.gates += [GateStep("A", "SELECT", 3, access="read"), GateStep("B", "UPDATE", 7, access="write")]
    assert winners(calls, history) == (1, 0)
