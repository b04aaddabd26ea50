"""The label of a failure says what is wrong with the World, and so which fix it needs."""

from __future__ import annotations

import re

import pytest

from conformance.core.content import content
from conformance.core.scenario import Level, Variant
from conformance.memory.mutants import MUTANTS
from conformance.racemap.find import by_id
from conformance.report.words import DEFECTS, spaced
from conformance.search.defect import LABELS
from tests.mutants.judged import judged

#: label -> mutants, each with a variant of its race and the check that fails
_LABELS: dict[str, list[tuple[str, str, Level, str, str]]] = {
    "no-guard": [
        ("no-guard", "run_completed", "storage", "complete-complete", "convergence"),
        ("step-end-unguarded", "step_completed", "storage", "complete-complete", "convergence"),
        ("second-continuation", "step_completed", "handlers", "two-steps-finish", "continuation"),
    ],
    "not-atomic": [
        ("late-guard", "run_completed", "storage", "complete-complete", "convergence"),
        ("step-end-decided-early", "step_completed", "storage", "complete-complete", "convergence"),
        ("step-winner-refused", "step_completed", "storage", "complete-complete", "convergence"),
        ("slot-reserved", "step_created", "storage", "step-step", "convergence"),
    ],
    "stored-wrong": [
        ("result-overwritten", "step_completed", "storage", "complete-complete", "convergence"),
        ("step-end-forgotten", "step_completed", "storage", "complete-complete", "convergence"),
        ("refused-step-end-logged", "step_completed", "storage", "complete-complete", "convergence"),
        ("tokens-kept", "end_against_suspension", "storage", "receive-end", "convergence"),
        # The log is in order, and who reads it page by page is not given all of it.
        ("cursor-skips", "step_created", "storage", "create-and-page", "convergence"),
    ],
    "wrong-refusal": [
        ("step-end-not-found", "step_completed", "storage", "complete-complete", "convergence"),
        ("start-exclusive", "step_started", "storage", "start-start", "convergence"),
    ],
    "raw-error": [("step-end-raises", "step_completed", "storage", "complete-complete", "convergence")],
    "live-reader": [
        (
            "readers-told-later",
            "map",
            "storage",
            "stream.write~stream.write:reading@running+stream-empty",
            "convergence",
        ),
        (
            "reader-counts-what-is-there",
            "map",
            "storage",
            "stream.write~stream.open:from-index@running+stream-empty",
            "convergence",
        ),
    ],
    "noisy": [("step-end-loud", "step_completed", "storage", "complete-complete", "logs")],
    "half-done": [
        ("logs-later", "step_completed", "handlers", "step-message-twice+faults", "convergence"),
        ("releases-later", "end_against_suspension", "handlers", "hooks-left-behind+faults", "convergence"),
    ],
    "own-retry": [
        # a client that sends again what it has sent
        ("resends", "step_completed", "handlers", "step-message-twice+faults", "convergence"),
        ("resends", "step_completed", "handlers", "failing-step-twice+faults", "convergence"),
        # a message that is delivered again after its handler has died
        ("start-exclusive", "step_completed", "handlers", "step-message-twice+faults", "convergence"),
    ],
    "lost": [
        ("sweeps-live-runs", "step_completed", "storage", "complete-complete", "convergence"),
        ("sweeps-steps", "step_started", "storage", "start-end", "convergence"),
        ("lost-continuation", "step_completed", "handlers", "two-steps-finish", "continuation"),
    ],
    "order": [
        ("lists-by-read", "step_completed", "storage", "complete-retry", "convergence"),
        ("lists-by-read", "step_created", "storage", "create-and-page", "convergence"),
        ("lists-backwards", "step_completed", "handlers", "two-steps-finish", "convergence"),
    ],
    "wrong-shape": [("restart-without-step", "step_started", "storage", "start-start", "convergence")],
    "unhandled": [("step-conflict-raised", "step_completed", "handlers", "step-message-twice", "logs")],
    "consequence": [
        ("no-guard", "run_completed", "storage", "complete-complete", "continuation"),
        ("step-end-not-atomic", "step_completed", "storage", "complete-complete", "continuation"),
        ("step-end-raises", "step_completed", "storage", "complete-complete", "logs"),
        ("wait-raises", "wait_completed", "storage", "complete-again", "continuation"),
    ],
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
    # A refusal in words that a release does not know takes a real runtime: tests/search/test_defect.py.
    assert set(DEFECTS) - {"dialect"} == set(_LABELS)
    assert [label.name for label in LABELS if label.name not in DEFECTS] == []


def test_the_page_says_what_earns_each_and_in_which_order() -> None:
    page = (content("worlds").parent / "docs" / "read-a-verdict.md").read_text(encoding="utf-8")
    rows = re.findall(r"^   \| ([a-z ]+) \| (.+?) \| .+ \|$", page, re.MULTILINE)
    wanted = [(spaced(label.name), label.observed) for label in LABELS]
    assert [row for row in rows if row[0] != "kind"] == wanted


_CAUSES = [
    ("wait-raises", "wait_completed", "complete-again", "continuation", "error.classifiable"),
    ("step-end-raises", "step_completed", "complete-complete", "logs", "error.classifiable"),
    ("no-guard", "run_completed", "complete-complete", "continuation", "run.terminal-once"),
]


@pytest.mark.parametrize(("mutant", "scenario", "variant", "check", "rule"), _CAUSES)
def test_a_consequence_names_its_cause_in_another_check(
    mutant: str, scenario: str, variant: str, check: str, rule: str
) -> None:
    verdicts = {one.check: one for one in judged(MUTANTS[mutant], _variant(scenario, "storage", variant))}
    cause = next(one for name, one in verdicts.items() if name == check).broken[0].cause
    assert cause is not None
    assert (cause.check, cause.rule) == ("convergence", rule)
    assert rule in verdicts["convergence"].rules
