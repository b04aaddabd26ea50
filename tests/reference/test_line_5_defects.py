"""Two defects of line 4.x on line 5.x: the event is written after the entity, or the guard is asked early."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.core.scenario import Case
from conformance.levels.next_writer import next_writer_variants
from conformance.provision.catalog.find import load
from conformance.provision.services.service import Service
from conformance.search.budget import Limits
from conformance.search.next_writer_judge import NextWriterJudge
from tests.needs import stores

from .judged import judge_of, judged, variants
from .stores import STORES, shipped

_SLOW = ("mongodb", "postgres", "redis")


@pytest.mark.parametrize("name", stores(sorted(STORES), slow=_SLOW))
def test_a_crash_between_entity_and_event_is_found(name: str, service: Callable[[str], Service]) -> None:
    """On files there is no entity beside the log."""
    server = service(name) if load(name).service is not None else None
    [variant] = next_writer_variants(("step_completed",), ("hook_received",))
    with judge_of(name, server, "logged-later:step_completed", "6") as judge:
        found = NextWriterJudge(judge.trials.driver).judge(variant, Limits((Case(),), 0, 0, 0, 1))
    assert "log.repeat-needs-event" in {rule for one in found if one.outcome == "fail" for rule in one.rules}


@pytest.mark.parametrize("name", stores(sorted(STORES), slow=_SLOW))
def test_a_guard_outside_the_commit_is_found(name: str, service: Callable[[str], Service]) -> None:
    server = service(name) if load(name).service is not None else None
    [variant] = [one for one in variants("storage", (6,)) if one.name == "complete-complete"]
    with judge_of(name, server, "step-end-not-atomic", "6") as judge:
        found = judged(judge, variant, 8)
    assert "step.terminal-once" in {rule for one in found if one.outcome == "fail" for rule in one.rules}


@pytest.mark.parametrize("name", sorted(STORES))
def test_mutants_by_machine_are_those_of_line_4(name: str) -> None:
    made = [one.name for one in shipped(f"{name}.mutants").made_ones()]
    assert len(made) > 100
    assert not any("attr_set" in one or "and_started" in one for one in made)
