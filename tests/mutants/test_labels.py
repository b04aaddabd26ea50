"""The label of a failure says what is wrong with the World, and so which fix it needs."""

from __future__ import annotations

import pytest

from conformance.core.scenario import Level, Variant
from conformance.core.scenarios import by_id
from conformance.memory.mutants import MUTANTS
from conformance.report.words import DEFECTS
from tests.mutants.judged import judged

#: label -> mutants, each with a variant of its race and the check that fails
_LABELS: dict[str, list[tuple[str, str, Level, str, str]]] = {
    "no-guard": [
        ("no-guard", "run_completed", "storage", "complete-complete", "convergence"),
        ("no-guard", "run_completed", "storage", "complete-complete", "continuation"),
        ("step-end-unguarded", "step_completed", "storage", "complete-complete", "convergence"),
    ],
    "not-atomic": [
        ("late-guard", "run_completed", "storage", "complete-complete", "convergence"),
        ("step-end-decided-early", "step_completed", "storage", "complete-complete", "convergence"),
        ("lists-by-read", "step_completed", "storage", "complete-retry", "convergence"),
        ("step-winner-refused", "step_completed", "storage", "complete-complete", "convergence"),
    ],
    "stored-wrong": [
        ("result-overwritten", "step_completed", "storage", "complete-complete", "convergence"),
        ("step-end-forgotten", "step_completed", "storage", "complete-complete", "convergence"),
        ("refused-step-end-logged", "step_completed", "storage", "complete-complete", "convergence"),
        ("end-unreadable", "run_completed", "storage", "complete-complete", "convergence"),
    ],
    "wrong-refusal": [
        ("step-end-not-found", "step_completed", "storage", "complete-complete", "convergence"),
        ("wait-not-found", "wait_completed", "storage", "complete-again", "continuation"),
        ("start-exclusive", "step_started", "storage", "start-start", "convergence"),
    ],
    "raw-error": [
        ("step-end-raises", "step_completed", "storage", "complete-complete", "convergence"),
        ("wait-raises", "wait_completed", "storage", "complete-again", "continuation"),
    ],
    "noisy": [("step-end-loud", "step_completed", "storage", "complete-complete", "logs")],
    "half-done": [("logs-later", "step_completed", "handlers", "step-message-twice+faults", "convergence")],
    "wrong-shape": [("restart-without-step", "step_started", "storage", "start-start", "convergence")],
    "retry": [("resends", "step_completed", "handlers", "step-message-twice+faults", "convergence")],
}
_CASES = [(label, *case) for label, cases in _LABELS.items() for case in cases]


def _variant(scenario: str, level: Level, name: str) -> Variant:
    return next(one for one in by_id(scenario).every(level) if one.name == name)


@pytest.mark.parametrize(
    ("label", "mutant", "scenario", "level", "variant", "check"),
    _CASES,
    ids=[f"{label}-{mutant}-{check}" for label, mutant, _, _, _, check in _CASES],
)
def test_it_is_the_one_that_the_mutant_deserves(
    label: str, mutant: str, scenario: str, level: Level, variant: str, check: str
) -> None:
    verdicts = judged(MUTANTS[mutant], _variant(scenario, level, variant))
    [verdict] = [one for one in verdicts if one.check == check]
    assert (verdict.outcome, verdict.defect) == ("fail", label), verdict.reason


def test_every_label_is_explained_and_deserved_by_one() -> None:
    of_a_runtime = {"dialect", "unhandled", "consequence"}
    assert set(DEFECTS) - of_a_runtime == set(_LABELS)
