"""What was handed over is there in the end: what is lost, or another, is named, and nothing else."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from conformance.core import events
from conformance.core.scenario import Case
from conformance.core.scenarios import scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants.operator_ways import LosesData, LosesField
from conformance.memory.world import MemoryWorld
from conformance.search.budget import Limits
from conformance.search.judge import Judge
from conformance.spec.vocabulary import Event

_ONE = Limits((Case(),), searched=1, generated=0, free=0, replays=1)


def _texts(world: Any, scenario: int, variant: str) -> list[str]:
    wanted = next(one for one in scenarios() if one.number == scenario)
    [found] = [one for one in wanted.at("storage") if one.name == variant and not one.instance]
    verdicts = Judge(InProcessDriver(world)).judge(found, _ONE)
    return [
        one.finding.text for verdict in verdicts for one in verdict.broken if one.finding.rule == "data.kept"
    ]


@pytest.mark.parametrize(
    ("kind", "scenario", "variant", "lost"),
    [
        ("run_created", 1, "start-start", "the event run_created in run1 lacks the input"),
        ("step_created", 7, "start-start", "the event step_created step1 in run1 lacks the input"),
        ("step_completed", 6, "complete-complete", "the event step_completed step1 in run1 lacks the result"),
        ("step_failed", 6, "complete-fail", "the event step_failed step1 in run1 lacks the error"),
        ("run_failed", 3, "fail-fail", "the event run_failed in run1 lacks the error"),
        ("wait_created", 5, "complete-complete", "the event wait_created wait1 in run1 lacks the resumeAt"),
        ("hook_received", 4, "receive-end", "the event hook_received hook1 in run1 lacks the payload"),
    ],
)
def test_an_event_without_its_data_is_named(kind: str, scenario: int, variant: str, lost: str) -> None:
    assert any(text.startswith(lost) for text in _texts(LosesData.of(kind), scenario, variant))


class _Swaps(MemoryWorld):
    """Gives a payload to the log as another one."""

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        if event["eventType"] == "hook_received":
            event = events.hook_received(event["correlationId"], "another")
        return super().append(run_id, event, now, conflict=conflict)


def test_another_value_is_named_too() -> None:
    texts = _texts(_Swaps, 4, "receive-end")
    wanted = "the event hook_received hook1 in run1 holds another payload than hook_received hook1 was given"
    assert wanted in texts


@pytest.mark.parametrize(
    ("part", "field", "lost"),
    [
        ("steps", "input", "the stored step step1 in run1 lacks the input"),
        ("steps", "error", "the stored step step1 in run1 lacks the error"),
        ("runs", "error", "the stored run in run1 lacks the error"),
    ],
)
def test_an_entity_without_a_field_is_named(part: str, field: str, lost: str) -> None:
    scenario, variant = (3, "fail-fail") if part == "runs" else (6, "complete-fail")
    texts = _texts(partial(LosesField, part, field, None), scenario, variant)
    assert any(text.startswith(lost) for text in texts)


def test_a_world_that_keeps_everything_breaks_nothing() -> None:
    for scenario in scenarios():
        for variant in scenario.at("storage"):
            assert _texts(MemoryWorld, scenario.number, variant.name.removesuffix("+instance")) == []
