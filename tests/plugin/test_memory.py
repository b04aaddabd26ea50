"""``pytest --world=memory`` in an empty directory: what a user sees first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.plugin.conftest import Run, counts


def test_ids_are_short_and_the_same_in_every_directory(run: Run) -> None:
    listed = run("--world=memory", "--collect-only", "-q")
    assert listed.returncode == 0
    assert "step_completed[memory-storage]\n" in listed.stdout
    assert "17 tests collected" in listed.stdout


def test_a_scenario_passes_and_says_on_what_evidence(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    done = run("--world=memory", "--world-budget=quick", "-k", "step_completed", f"--world-record={record}")
    assert done.returncode == 0, done.stdout
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert [lines[0]["kind"], lines[1]["kind"], lines[-1]["kind"]] == ["header", "world", "footer"]
    verdicts = [line for line in lines if line["kind"] == "verdict"]
    assert {verdict["check"] for verdict in verdicts} == {"convergence", "continuation", "logs"}
    assert {verdict["level"] for verdict in verdicts} == {"storage", "handlers"}
    for verdict in verdicts:
        assert verdict["verdict"] == "pass"
        assert verdict["schedules"] >= verdict["distinct"] > 0
        assert verdict["bound"]
        assert "sequential orders" in verdict["control"]


def test_a_seed_repeats_a_run(run: Run, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        record = tmp_path / name
        run(
            "--world=memory",
            "--world-budget=quick",
            "-k",
            "run_failed",
            "--world-seed=7",
            f"--world-record={record}",
        )
        lines = [json.loads(line) for line in record.read_text().splitlines()]
        found.append([{**line, "seconds": 0} for line in lines if line["kind"] == "verdict"])
    assert found[0] == found[1]
    assert found[0]


@pytest.mark.slow
def test_under_xdist_the_verdicts_are_the_same(run: Run, tmp_path: Path) -> None:
    found = []
    for name, workers in (("one", ()), ("two", ("-n", "2"))):
        record = tmp_path / name
        done = run(
            "--world=memory",
            "--world-budget=quick",
            "--world-level=storage",
            *("-k", "run_"),
            f"--world-record={record}",
            *workers,
        )
        assert done.returncode == 0, done.stdout
        lines = [json.loads(line) for line in record.read_text().splitlines()]
        verdicts = [line for line in lines if line["kind"] == "verdict"]
        found.append(
            sorted((v["test"], v["variant"], v["check"], v["verdict"], v["distinct"]) for v in verdicts)
        )
    assert found[0] == found[1]
    assert len({test for test, *_ in found[0]}) == 3


@pytest.mark.parametrize(
    "ini",
    [
        (
            "[pytest]\naddopts = --strict-markers --strict-config -W error\nfilterwarnings = error\n"
            "testpaths = tests\nxfail_strict = true\n"
        ),
        ("[pytest]\npython_files = *.py\nnorecursedirs = *\n"),
    ],
)
def test_a_strange_configuration_does_not_break_it(run: Run, tmp_path: Path, ini: str) -> None:
    (tmp_path / "pytest.ini").write_text(ini)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_users_own.py").write_text("def test_not_ours():\n    assert False\n")
    (tmp_path / "conftest.py").write_text(
        "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef strange():\n    yield\n"
    )
    done = run("--world=memory", "--world-budget=quick", "-k", "run_completed")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in counts(done)
    assert "not_ours" not in done.stdout


def test_without_world_a_project_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "test_users_own.py").write_text("def test_theirs():\n    pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = run("-q")
    assert done.returncode == 0
    assert "1 passed" in counts(done)


@pytest.mark.slow
def test_last_failed_runs_only_what_failed(run: Run, tmp_path: Path) -> None:
    cache = f"-o cache_dir={tmp_path / 'cache'}".split()
    args = [
        "--world=memory",
        "--world-option=mutant=no_guard",
        "--world-level=storage",
        "--world-budget=quick",
        *cache,
    ]
    args += ["-p", "cacheprovider"]
    first = run(*args)
    failed = first.stdout.count("FAILED ")
    assert failed >= 3, first.stdout
    again = run(*args, "--lf", "--collect-only", "-q")
    assert again.stdout.count("[memory-storage]") == failed


@pytest.mark.slow
def test_fail_on_never_reports_and_passes(run: Run) -> None:
    args = [
        "--world=memory",
        "--world-option=mutant=no_guard",
        "--world-budget=quick",
        "-k",
        "step_completed",
    ]
    assert run(*args).returncode == 1
    reported = run(*args, "--world-fail-on=never")
    assert reported.returncode == 0
    assert "step.terminal-once" in reported.stdout


def test_a_failure_names_scenario_check_rule_and_how_to_see_it_again(run: Run) -> None:
    done = run(
        "--world=memory",
        "--world-option=mutant=no_guard",
        "--world-budget=quick",
        "-k",
        "step_completed and storage",
    )
    assert "6 step_completed" in done.stdout
    assert "convergence fail (no-guard) [" in done.stdout
    assert "step.terminal-once" in done.stdout
    assert "= FAILURES =" not in done.stdout, "pytest does not print it a second time"
    lines = done.stdout.splitlines()
    reason = "B's step_completed step1 got success; right is a conflict"
    assert (
        sum(
            f"complete-complete: convergence fail (no-guard) [step.terminal-once]: {reason}" in line
            for line in lines
        )
        == 1
    )
    (short,) = [line for line in lines if line.startswith("FAILED ")]
    assert f"step_completed[memory-storage] - no-guard step.terminal-once: {reason}" in short
    command = next(
        line.split("again with: ")[1] for line in done.stdout.splitlines() if "again with: " in line
    )
    words = [word.strip("'") for word in command.split()[1:]]
    again = run(*words)
    assert again.returncode == 1
    assert "replayed 20 of 20" in again.stdout


def test_a_record_replays_all_its_failures(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    option = "--world-option=mutant=no_guard"
    run(
        "--world=memory",
        option,
        "--world-budget=quick",
        "-k",
        "wait_completed and storage",
        f"--world-record={record}",
    )
    again = run(option, f"--world-replay={record}")
    assert "replay[memory-wait_completed" in again.stdout
    assert "replayed 20 of 20" in again.stdout


def test_shards_split_the_tests_and_miss_none(run: Run) -> None:
    everything = run("--world=memory", "--collect-only", "-q").stdout
    parts = [run("--world=memory", "--collect-only", "-q", f"--world-shard={k}/3").stdout for k in (1, 2, 3)]
    names = [line for line in everything.splitlines() if line.endswith("]")]
    split = [line for part in parts for line in part.splitlines() if line.endswith("]")]
    assert sorted(split) == sorted(names)
    assert run("--world=memory", "--world-shard=4/3").returncode == 4


def test_a_declared_failure_fails_nothing_until_its_day(run: Run, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    args = ["--world=memory", "--world-option=mutant=no_guard", "--world-budget=quick"]
    args += ["-k", "step_completed and storage", f"--world-baseline={known}"]
    for until, status in (("2999-01-01", 0), ("2001-01-01", 1)):
        known.write_text(f'[[known]]\nworld = "memory"\nreason = "tracked"\nuntil = {until}\n')
        assert run(*args).returncode == status
    known.write_text('[[known]]\nworld = "memory"\nuntil = 2999-01-01\n')
    assert run(*args).returncode == 4
