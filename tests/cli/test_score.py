"""The score: mutants by machine, what kills them, and the page that says so."""

from __future__ import annotations

import json
from dataclasses import replace

from click.testing import CliRunner

from conformance.cli._app import cli
from conformance.cli._score import Score, all_mutants, judge_one
from conformance.cli._score_page import EQUIVALENT, page, survivors
from conformance.memory.mutants import find_mutant
from conformance.memory.mutants.operators import family, operators


def test_operators_make_at_least_250_mutants_each_with_a_name_of_its_own() -> None:
    made = list(operators())
    assert len(made) >= 250
    assert len({mutant.name for mutant in made}) == len(made)
    assert set(EQUIVALENT) <= set(all_mutants())


def test_each_of_them_can_be_chosen_like_one_by_hand() -> None:
    assert find_mutant("not-atomic:step_completed").name == "not-atomic:step-completed"


def test_a_mutant_is_killed_by_a_must_with_its_label() -> None:
    found = judge_one("not-atomic:step-completed")
    assert (found.killed, found.rule, found.label) == (True, "step.terminal-once", "not-atomic")
    assert found.where == "6 storage complete-complete"
    assert 0 < found.schedules < 20


def test_the_page_counts_what_was_killed_and_lists_what_was_not() -> None:
    killed = Score("a:x", "a", "A.", "step.terminal-once", "no-guard", "6 storage x", 3)
    noted = replace(killed, mutant="a:y", rule="log.order", noted=True)
    lives = Score("b:z", "b", "Breaks z.")
    crashes = Score("b:w", "b", "Crashes.", undecided="KeyError")
    text = page([killed, noted, lives, crashes])
    assert "**1 of 4 killed (25.0 %)**, 4 mutants in all" in text
    assert "| `b:w` | KeyError |" in text
    assert "| a | 2 | 1 | 1 | 0 | 0 | 0 |" in text
    assert "| b | 2 | 0 | 0 | 1 | 0 | 1 |" in text
    assert "| `b:z` | Breaks z. |" in text
    assert survivors([killed, noted, lives]) == [lives]


def test_the_command_judges_a_family_and_fails_over_a_survivor() -> None:
    done = CliRunner().invoke(cli, ["score", "--family", "overwritten", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [one["rule"] for one in found] == ["run.status-agrees", "step.status-agrees"]
    assert {family(all_mutants()[one["mutant"]]) for one in found} == {"overwritten"}
    wrong = CliRunner().invoke(cli, ["score", "--family", "no-such"])
    assert wrong.exit_code == 2
