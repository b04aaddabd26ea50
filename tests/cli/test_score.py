"""The score: mutants by machine, what kills them, and the page that says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from conformance.cli import _score_worlds
from conformance.cli._app import cli
from conformance.cli._score import Score, Subject, judge_one, memory_subjects
from conformance.cli._score_equivalent import why_equivalent
from conformance.cli._score_file import add_score, read_scores
from conformance.cli._score_page import page, survivors
from conformance.cli._score_queues import queue_subjects, score_queues
from conformance.cli._score_worlds import opener, reference_subjects
from conformance.core.errors import ConformanceError
from conformance.core.scenarios import by_id
from conformance.memory.mutants import find_mutant
from conformance.memory.mutants.operators import operators
from conformance.search.judge import Judge


def test_operators_make_at_least_250_mutants_each_with_a_name_of_its_own() -> None:
    made = list(operators())
    assert len(made) >= 250
    assert len({mutant.name for mutant in made}) == len(made)


def test_each_reference_has_mutants_of_every_operator_that_has_a_place_there() -> None:
    every = [*memory_subjects(), *reference_subjects()]
    assert len({one.key for one in every}) == len(every)
    operators_of = {(one.world, one.family) for one in every}
    for world in ("turso", "redis", "postgres", "mongodb"):
        for operator in ("guard-dropped", "guard-early", "guard-cached", "logged-later", "logged-first"):
            assert (world, operator) in operators_of
    assert {"write-dropped", "guard-part", "key-narrowed"} <= {
        one.family for one in every if one.world == "turso"
    }
    assert "line-dropped" in {one.family for one in every if one.world == "redis"}


def test_each_of_them_can_be_chosen_like_one_by_hand() -> None:
    assert find_mutant("not-atomic:step_completed").name == "not-atomic:step-completed"


def _subject(name: str) -> Subject:
    return next(one for one in memory_subjects() if one.name == name)


def test_a_mutant_is_killed_by_a_must_with_its_label() -> None:
    found = judge_one(_subject("not-atomic:step-completed"))
    assert (found.killed, found.rule, found.label) == (True, "step.terminal-once", "not-atomic")
    assert found.where == "6 storage complete-complete"
    assert 0 < found.schedules < 20


def test_what_needs_no_race_is_killed_by_the_programs_of_scenario_0() -> None:
    found = judge_one(_subject("data-lost:step-retrying"))
    assert (found.rule, found.where) == ("data.kept", "0 storage programs")


def test_an_event_that_is_two_acts_is_killed_by_a_death_in_the_middle_of_it() -> None:
    found = judge_one(_subject("logged-later:run-completed"))
    assert (found.rule, found.label) == ("log.folds", "half-done")
    assert found.where == "2 storage run_completed-then-hook_received"


@pytest.mark.parametrize(
    ("only", "mutant", "where"),
    [
        ("map", "not-atomic:step-completed", "900 storage step_completed~step_completed@running"),
        ("0", "data-lost:step-retrying", "0 storage programs"),
    ],
)
def test_by_the_map_and_the_machine_alone(only: str, mutant: str, where: str) -> None:
    found = judge_one(_subject(mutant), only=frozenset([only]))
    assert found.where.startswith(where)
    assert found.killed


@pytest.mark.parametrize("mutant", ["stream-index-from-one", "fails-run-on-conflict"])
def test_in_the_map_what_is_broken_is_raced_before_other_places(mutant: str) -> None:
    """A stream, and handlers: neither is named by an event."""
    assert judge_one(_subject(mutant), only=frozenset(["map"])).schedules < 20


def test_mutants_follow_one_another_on_one_store_unless_they_have_a_schema_of_their_own() -> None:
    wanted = [
        ("run-end-unguarded", "run.terminal-once"),
        ("token-not-atomic", "hook.released-at-end"),
        ("start-not-atomic", "run.started-at-once"),
    ]
    subjects = {one.name: one for one in reference_subjects() if one.world == "turso"}
    stores = []
    with opener("turso", None) as open_:
        for name, rule in wanted:
            assert judge_one(subjects[name], open_).rule == rule
        for name in ("", *(name for name, _ in wanted)):
            with open_(Subject(name, "by hand", "", "turso")) as (driver, policy, depth):
                stores.append(driver)
                if not name:
                    raced = next(one for one in by_id("run_completed").at("storage", 4))
                    verdicts = Judge(driver, policy=policy).judge(raced, depth.few)
                    assert {one.outcome for one in verdicts} == {"pass"}
    assert stores[0] is stores[1] is stores[3] is not stores[2]


def test_each_process_that_judges_mutants_has_a_store_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    monkeypatch.setattr(_score_worlds, "open_world", lambda _target, _service, name: names.append(name))
    for process in (11, 12):
        monkeypatch.setattr("os.getpid", lambda process=process: process)
        _score_worlds._open("redis", "", None)
    assert len(set(names)) == 2


def test_a_wrong_queue_is_killed_by_its_probe() -> None:
    [subject] = [one for one in queue_subjects() if one.name == "changes-payload"]
    [found] = score_queues([subject])
    assert (found.killed, found.rule, found.where) == (True, "queue.intact", "queue delivers")


_KILLED = Score("a:x", "a", "A.", "step.terminal-once", "no-guard", "6 storage x", 3)


def test_the_page_counts_what_was_killed_and_lists_what_was_not() -> None:
    noted = replace(_KILLED, mutant="a:y", rule="log.order", noted=True)
    lives = Score("b:z", "b", "Breaks z.", world="redis")
    crashes = Score("b:w", "b", "Crashes.", undecided="KeyError", world="redis")
    same = Score("only-logged:hook-received", "b", "Moves nothing.")
    text = page([_KILLED, noted, lives, crashes, same], [("redis", "c"), ("redis", "c")])
    assert "**1 of 4 killed (25.0 %)**, 5 mutants in all" in text
    assert "Not judged here: of redis c (2)." in text
    assert "| redis | `b:w` | Crashes. | KeyError |" in text
    assert "| a | 2 | 1 | 1 | 0 | 0 | 0 |" in text
    assert "| b | 3 | 0 | 0 | 1 | 1 | 1 |" in text
    assert "| redis | 2 | 0 | 0 | 1 | 0 | 1 |" in text
    assert "| redis | `b:z` | Breaks z. | 0 |" in text
    assert "`only-logged:hook-received` (memory)" in text
    assert survivors([_KILLED, noted, lives, same]) == [lives]


def test_each_line_on_equivalent_mutants_is_about_mutants_that_there_are() -> None:
    reasons = {why_equivalent(one.key) for one in (*memory_subjects(), *reference_subjects())}
    from conformance.cli._score_equivalent import _EQUIVALENT  # noqa: PLC0415

    assert {why for _, _, why in _EQUIVALENT} == reasons - {""}


def test_the_command_judges_a_family_and_fails_over_a_survivor() -> None:
    done = CliRunner().invoke(cli, ["score", "--world", "memory", "--family", "overwritten", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [one["rule"] for one in found] == ["run.status-agrees", "step.status-agrees"]
    wrong = CliRunner().invoke(cli, ["score", "--family", "no-such"])
    assert wrong.exit_code == 2


def test_a_file_keeps_the_results_and_what_it_has_is_not_judged_again(tmp_path: Path) -> None:
    file = tmp_path / "power.jsonl"
    command = ["score", "--world", "memory", "--family", "overwritten", "--file", str(file)]
    assert CliRunner().invoke(cli, command).exit_code == 0
    [first, second] = file.read_text(encoding="utf-8").splitlines()
    # Interrupted after the first, and with another result than it would have.
    file.write_text(first.replace("run.status-agrees", "run.exists") + "\n", encoding="utf-8")
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0, done.output
    assert file.read_text(encoding="utf-8").splitlines()[1:] == [second]
    assert "**2 of 2 killed" in done.output and "| run.exists | 1 |" in done.output
    assert "memory: 1 of 1 mutants" in done.output


def test_a_file_that_is_none_is_an_error_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "power.jsonl"
    add_score(file, _KILLED)
    assert read_scores(file) == {("memory", "a:x"): _KILLED}
    with file.open("a", encoding="utf-8") as there:
        there.write("{}\n")
    with pytest.raises(ConformanceError, match=r"power\.jsonl:2 is no line of a score"):
        read_scores(file)
