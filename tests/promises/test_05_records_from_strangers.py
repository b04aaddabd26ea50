"""A record may come from anyone: it is read as data, and what it says leads nowhere but into a report."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from conformance.core.exits import USAGE
from tests.promises.strangers import (
    FAILED,
    QUEUE,
    VERDICT,
    WORLD,
    Done,
    Words,
    everything,
    in_a_folder_of_its_own,
    record,
    refused,
    report,
)

__all__ = ["in_a_folder_of_its_own"]

_NINTH = 'Scenario(9, "step_finished", "Two handlers finish one step, again"'


# -- file names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["level", "runtime"])
def test_publish_writes_into_its_folder_and_nowhere_else(tmp_path: Path, field: str) -> None:
    for name in (f"{tmp_path}/x", "../../y", "a" * 300, "..", "\n", "con/../../../z"):
        path = record("deep/er/run.jsonl", FAILED | {"level": "runtime", field: name})
        done = report("publish", "deep/er/out", path)
        assert "Traceback" not in done.stderr
        assert done.returncode in (0, USAGE)
        written = {one for one in everything() if not one.startswith("deep/er/out/")}
        assert written == {"deep/er/run.jsonl"}, name
        for one in Path("deep/er/out").rglob("*"):
            assert one.parent == Path("deep/er/out")


def test_two_runtimes_of_one_file_name_get_two_pages() -> None:
    runtimes = [FAILED | {"level": "runtime", "runtime": name} for name in ("4/8", "4:8")]
    assert report("publish", "out", record("run.jsonl", *runtimes)).returncode == 0
    assert len(list(Path("out").glob("runtime-4-8*.html"))) == 2


def test_folders_of_badges_vitest_and_issues_too() -> None:
    worlds = [FAILED | {"world": name} for name in ("../../up", "/etc/x", "a/b", "a:b")]
    path = record("deep/er/run.jsonl", *worlds)
    done = report("merge", path, "--badges", "deep/er/b", "--vitest", "deep/er/v")
    assert done.returncode == 0, done.stderr
    assert report("issue", path, "--into", "deep/er/i").returncode == 0
    assert all(one.startswith("deep/er/") for one in everything())
    assert len(list(Path("deep/er/v").iterdir())) == 4
    assert len(list(Path("deep/er/i").iterdir())) == 4
    assert len(list(Path("deep/er/b").glob("*.json"))) == 4


# -- a queue's verdicts are verdicts --------------------------------------------------------------------


def test_a_failing_must_of_a_queue_fails_the_gate_and_is_in_every_file() -> None:
    path = record("run.jsonl", VERDICT, QUEUE)
    words = ["--junit", "j.xml", "--sarif", "s.json", "--ctrf", "c.json", "--json", "m.json", "--badges", "b"]
    done = report("merge", path, "--gate", "--record", "all.jsonl", "--html", "m.html", *words)
    assert done.returncode == 1, done.stderr
    assert "1 failed" in done.stderr
    [failure] = ET.parse("j.xml").iter("failure")
    assert failure.attrib["message"] == "1 of 30 never came"
    assert "nothing came" in (failure.text or "")
    [result] = json.loads(Path("s.json").read_text())["runs"][0]["results"]
    assert result["ruleId"] == "queue.delivers"
    statuses = [test["status"] for test in json.loads(Path("c.json").read_text())["results"]["tests"]]
    assert sorted(statuses) == ["failed", "passed"]
    assert json.loads(Path("m.json").read_text())["counts"]["fail"] == 1
    assert json.loads(Path("b/redis.json").read_text())["message"] == "1 of 2 fail"
    assert "1 of 30 never came" in Path("m.html").read_text()
    # What was merged says the same once more.
    assert report("merge", "all.jsonl", "--gate").returncode == 1
    kinds = [json.loads(line)["kind"] for line in Path("all.jsonl").read_text().splitlines()]
    assert kinds == ["header", "world", "verdict", "verdict", "footer"]


def test_diff_same_trend_show_and_issue_know_it() -> None:
    held = record("old.jsonl", QUEUE | {"verdict": "pass"}, header={"run": "a"})
    broke = record("new.jsonl", QUEUE, header={"run": "b", "started": "2026-11-21T10:00:00Z"})
    done = report("diff", held, broke)
    assert done.returncode == 1
    assert "redis 0.2.2 · queue · delivers · delivery, pass -> fail" in done.stdout
    assert report("same", held, broke).returncode == 1
    [series] = json.loads(report("trend", held, broke, "--json", "-").stdout)
    assert [point["counts"]["fail"] for point in series["points"]] == [0, 1]
    assert "1 of 30 never came" in report("show", broke).stdout
    assert "1 of 30 never came" in report("issue", broke).stdout


def test_a_baseline_declares_it() -> None:
    path = record("run.jsonl", QUEUE)
    Path("known.toml").write_text(
        '[[known]]\nworld = "redis"\nprobe = "delivers"\nreason = "see 12"\nuntil = 2999-01-01\n'
    )
    done = report("merge", path, "--gate", "--baseline", "known.toml")
    assert (done.returncode, "1 known to fail" in done.stderr) == (0, True)


# -- nothing is dropped without a word ----------------------------------------------------------------


def test_a_failure_that_was_put_into_a_record_counts() -> None:
    failure = {"kind": "failure", "suite": "0.1.0", "world": WORLD, "verdict": FAILED}
    done = report("merge", record("run.jsonl", VERDICT | {"scenario": 1}, failure), "--gate")
    assert (done.returncode, "1 failed" in done.stderr) == (1, True)


def test_a_folder_gives_its_compressed_records_too() -> None:
    record("in/a.jsonl", VERDICT)
    path = record("in/b.jsonl", FAILED | {"world": "mongodb"}, header={"run": "b"})
    Path("in/b.jsonl.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    done = report("merge", "in", "--gate")
    assert (done.returncode, "2 runs" in done.stderr) == (1, True)


def test_two_jobs_that_began_in_one_second_are_two_runs() -> None:
    record("in/a.jsonl", VERDICT)
    record("in/b.jsonl", FAILED | {"level": "handlers"})
    done = report("merge", "in", "--gate")
    assert (done.returncode, "2 runs" in done.stderr) == (1, True)


def test_a_whole_line_at_the_end_that_is_no_verdict_is_not_taken_for_half_a_line() -> None:
    wrong = json.dumps(FAILED | {"check": "sorcery"})
    refused(report("merge", record("run.jsonl", VERDICT, wrong, footer=False)), "run.jsonl:4")


# -- what is read does no harm --------------------------------------------------------------------------


def test_markup_in_a_name_is_text() -> None:
    name = "a[/b]c[bold]"
    old = record("a.jsonl", FAILED | {"world": name, "version": "[/i]1"}, header={"run": "a"})
    runtime = {"world": name, "level": "runtime", "reason": "[/x]", "variant": "[/y]"}
    new = record(
        "b.jsonl",
        FAILED | runtime | {"runtime": "4.8.9"},
        VERDICT | runtime | {"runtime": "4.8.8"},
        header={"run": "b", "started": "2026-11-21T10:00:00Z"},
    )
    commands: list[Words] = [["trend", old, new], ["show", "-v", old, new], ["runtimes", new]]
    for words in commands:
        done = report(*words)
        assert done.returncode == 0, done.stderr
        assert name in done.stdout


def test_a_name_of_two_lines_is_one_line() -> None:
    name = "x\n::error::owned"
    path = record("a.jsonl", FAILED | {"world": name})
    other = record("b.jsonl", VERDICT)
    commands: list[Words] = [["issue", path], ["diff", path, other], ["show", path]]
    for words in commands:
        assert "\n::error" not in report(*words).stdout


_LOGGED = {"level": "info", "origin": "world", "text": "said", "times": 1}
_DEEP = "[" * 1_000_000 + "]" * 1_000_000  # Python 3.14 goes as deep as its stack is


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (json.dumps(VERDICT)[:-1] + f', "later": {_DEEP}}}', "nested too deeply"),
        (json.dumps(FAILED)[:-1] + f', "evidence": {{"case": {{"x": {_DEEP}}}}}}}', "nested too deeply"),
        (
            json.dumps(FAILED)[:-1] + f', "evidence": {{"case": {{"x": {"[" * 900 + "]" * 900}}}}}}}',
            "nested more than 200 deep",
        ),
        (json.dumps(VERDICT | {"seconds": 1e308}), "seconds"),
        (json.dumps(VERDICT | {"schedules": 10**40}), "schedules"),
        (json.dumps({k: v for k, v in VERDICT.items() if k != "scenario"}), "one of the two is judged"),
        (json.dumps(VERDICT | {"level": "queue", "scenario": 0}), "one of the two is judged"),
        (json.dumps(VERDICT | {"level": "../x"}), "level"),
        (json.dumps(VERDICT | {"logged": [_LOGGED] * 9_000}), "logged"),
    ],
    ids=["unknown-deep", "case-deep", "case-900", "1e308", "large", "no-subject", "no-probe", "level",
         "many"],
)  # fmt: skip
def test_what_is_out_of_bounds_is_one_line_with_its_place(line: str, words: str) -> None:
    path = record("run.jsonl", line)
    out = ["--ctrf", "c.json", "--junit", "j.xml", "--html", "m.html", "--record", "all.jsonl"]
    done = report("merge", path, "--gate", *out)
    refused(done, words)
    assert "run.jsonl:3" in done.stderr
    assert len(done.stderr) < 1_000
    assert everything() == {"run.jsonl"}


def test_a_gzip_bomb_and_an_endless_line_are_one_line() -> None:
    with gzip.open("bomb.jsonl.gz", "wb", compresslevel=1) as file:
        for _ in range(80):
            file.write(bytes(2**20))
    refused(report("merge", "bomb.jsonl.gz"), "longer than 64 MB")
    refused(report("merge", "/dev/zero"), "longer than 64 MB")


# -- the number of scenarios is data --------------------------------------------------------------------


def test_a_scenario_of_a_newer_suite_is_a_column() -> None:
    header = {
        "schema": 2,
        "scenarios": {"9": {"name": "hook_disposed", "about": "two handlers end one hook"}},
    }
    path = record("a.jsonl", FAILED | {"scenario": 9}, header=header)
    done = report("merge", path, "--gate", "--markdown", "m.md", "--html", "m.html")
    assert done.returncode == 1, done.stderr
    assert "9 hook disposed" in Path("m.md").read_text()
    assert "hook_\u200bdisposed" in Path("m.html").read_text()


@pytest.mark.slow
def test_a_ninth_scenario_is_one_file() -> None:
    """In a copy of the project: a file is added to ``scenarios/``, and nothing else is touched."""
    project = Path(__file__).parents[2]
    skipped = shutil.ignore_patterns("node_modules", "__pycache__")
    for name in ("conformance", "scenarios", "worlds", "reports/templates"):
        shutil.copytree(project / name, Path("copy") / name, ignore=skipped)
    text = Path("copy/scenarios/s6_step_completed.py").read_text(encoding="utf-8")
    text, count = re.subn(r"Scenario\(6, \"step_completed\", \"[^\"]*\"", _NINTH, text)
    assert count == 1
    Path("copy/scenarios/s9_step_finished.py").write_text(text, encoding="utf-8")

    def run(*words: str) -> Done:
        return subprocess.run(
            [sys.executable, "-m", *words], capture_output=True, text=True, timeout=300, check=False,
            env={**os.environ, "PYTHONPATH": str(Path("copy").resolve()), "COLUMNS": "140"},
        )  # fmt: skip

    pytest_ = [
        "pytest",
        "-p",
        "no:cacheprovider",
        "--world=memory",
        "--world-budget=quick",
        "-k",
        "step_finished",
    ]
    done = run(*pytest_, "--world-record=good.jsonl")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout  # storage and handlers
    done = run(*pytest_, "--world-option=mutant=late-guard", "--world-record=bad.jsonl")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "9 step_finished" in done.stdout
    for name, status in (("good", 0), ("bad", 1)):
        out = ["--record", f"{name}-merged.jsonl", "--html", f"{name}.html", "--junit", f"{name}.xml"]
        done = run("conformance", "report", "merge", f"{name}.jsonl", "--gate", *out)
        assert done.returncode == status, done.stderr
        assert "9 step_finished: convergence" in Path(f"{name}.xml").read_text(encoding="utf-8")
        assert "Two handlers finish one step, again" in Path(f"{name}.html").read_text(encoding="utf-8")
    # A suite that does not have the file names it all the same.
    assert "9 step_finished" in report("diff", "good-merged.jsonl", "bad-merged.jsonl").stdout
