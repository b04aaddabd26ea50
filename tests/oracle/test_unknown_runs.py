"""An event that is taken for a run which is not there is a note, and so is what comes of it."""

from __future__ import annotations

import pytest

from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS
from conformance.oracle import check
from conformance.racemap.find import variant_of
from conformance.racemap.variants import RACE_MAP
from conformance.search.budget import BUDGETS
from conformance.search.judge import Judge
from tests.oracle.build import Outcome, seen


@pytest.mark.parametrize("entity", ["step", "wait", "hook"])
def test_what_was_created_before_its_run_is_a_note_and_nothing_else(entity: str) -> None:
    variant = variant_of(RACE_MAP, "storage", f"run_created~{entity}_created@missing+{entity}-missing")
    assert variant is not None
    judge = Judge(InProcessDriver(MUTANTS["creates-in-nothing"].world))
    verdicts = judge.judge(variant, BUDGETS["quick"].limits(variant, speed=1))
    assert [one.outcome for one in verdicts] == ["pass"] * 3
    assert {note.finding.rule for one in verdicts for note in one.shoulds} == {"run.unknown"}


@pytest.mark.parametrize(
    ("answered_before", "rules"),
    [
        ((0b10, 0), {"run.unknown"}),  # A creates the run after B was told that it is completed
        ((0, 0), {"run.unknown"}),  # beside it
        ((0, 0b01), {"log.folds", "run.terminal-stays"}),  # before it
    ],
)
def test_only_what_was_asked_before_the_run_was_there_excuses_what_is_stored(
    answered_before: tuple[int, int], rules: set[str]
) -> None:
    made = Outcome()
    made.call("A", "run_created", run="run2")
    stored = made.run("run2")._replace(events=(("run_created", ""), ("run_completed", "")))
    calls = (*made.calls, seen("B", "run_completed", run="run2"))
    observed = made.observed()._replace(calls=calls, runs=(stored,), order=answered_before)
    assert {finding.rule for finding in check(observed)} == rules
