"""What a pass says of its depth, a gate on it, and how long a run may search."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from conformance.plugin.outcome import bad
from conformance.plugin.time_left import TimeLeft
from conformance.record.lines import Verdict
from conformance.report.baseline import Baseline
from conformance.search.strategies import Depth
from tests.plugin.conftest import Run


def test_by_default_no_conflict_is_left_in_one_order(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    words = ["--world=memory", "-k", "step_completed", "--world-depth=pass", "--world-faults=off"]
    done = run(*words, f"--world-record={record}")
    assert done.returncode == 0, done.stdout
    assert "shallow)" not in done.stdout
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    plain = [line for line in lines if line["kind"] == "verdict"]
    assert plain
    for line in plain:
        assert line["depth"] in ("pass", "deep")
        assert line["both_ways"] == line["conflicts"] > 0
        assert line["orders"] > 0
        assert "conflicts both ways" in line["reason"]
    storage = [line for line in plain if line["level"] == "storage"]
    assert {line["depth"] for line in storage} == {"deep"}


def test_in_memory_a_fault_is_tried_at_every_place(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    words = ["--world=memory", "--world-level=handlers", "-k", "run_failed", "--world-depth=pass"]
    done = run(*words, f"--world-record={record}")
    assert done.returncode == 0, done.stdout
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    faulty = [line for line in lines if line["kind"] == "verdict" and line["variant"].endswith("+faults")]
    assert faulty
    for line in faulty:
        assert line["places_tried"] == line["places"] > 0
        assert line["depth"] == "pass"


_NO_TIME = """
from pathlib import Path
from conformance.plugin import items

def no_time(deadline, variants):
    with Path("asked").open("a") as file:
        file.write(f"{variants} {0 < deadline.left <= 600}\\n")
    return 0.0

items.share_of_test = no_time
"""


def test_faults_end_with_their_share_of_the_time_limit(run: Run, tmp_path: Path) -> None:
    """Nothing is a pass without saying so: some of the places were tried."""
    (tmp_path / "no_time.py").write_text(_NO_TIME)
    words = ["-p", "no_time", "--world=memory", "--world-level=handlers", "-k", "run_failed"]
    done = run(*words, "--world-record=record.jsonl", env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "asked").read_text() == "2 True\n1 True\n"
    lines = [json.loads(line) for line in (tmp_path / "record.jsonl").read_text().splitlines()]
    faulty = [line for line in lines if line["kind"] == "verdict" and line["variant"].endswith("+faults")]
    assert len(faulty) == 6
    for line in faulty:
        assert 0 < line["places_tried"] < line["places"]
        assert (line["verdict"], line["depth"]) == ("pass", "shallow")


@pytest.mark.parametrize(
    ("tried", "wanted", "ends"),
    [(7, "pass", "inconclusive"), (8, "pass", None), (8, "deep", None), (7, "shallow", None)],
)
def test_with_faults_nothing_is_deeper_than_every_place(tried: int, wanted: Depth, ends: str | None) -> None:
    verdict = Verdict(world="memory", level="handlers", check="logs", verdict="pass", scenario=6)
    verdict.places, verdict.places_tried = 8, tried
    verdict.depth = "pass" if tried == 8 else "shallow"
    assert bad(verdict, "must", wanted, Baseline([]), date(2026, 11, 22)) == ends


def test_less_depth_than_is_wanted_fails(run: Run) -> None:
    words = ["--world=memory", "--world-level=handlers", "--world-budget=quick", "-k", "step_created"]
    done = run(*words)
    assert done.returncode == 0, done.stdout
    done = run(*words, "--world-depth=deep")
    assert done.returncode == 6
    assert "suspend-twice: convergence pass, pass: " in done.stdout


def test_a_run_that_has_no_time_is_shallow_and_says_so(run: Run) -> None:
    words = ["--world=memory", "--world-level=storage", "--world-budget=0.001s", "-k", "step_created"]
    done = run(*words)
    assert done.returncode == 0, done.stdout
    assert "3 passed (3 shallow)" in done.stdout
    assert "◐◐◐" in done.stdout
    done = run(*words, "--world-depth=pass")
    assert done.returncode == 6
    assert "step-step: convergence pass, shallow: " in done.stdout


@pytest.mark.parametrize("text", ["soon", "90", "0s", "-1s", "s"])
def test_a_budget_that_is_none_is_a_mistake(run: Run, text: str) -> None:
    done = run("--world=memory", f"--world-budget={text}")
    assert done.returncode == 4
    assert f"--world-budget={text}: give quick, default, thorough, or how long" in done.stderr


def test_time_is_shared_by_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("conformance.plugin.time_left.time.monotonic", lambda: now)
    left = TimeLeft(60.0)
    left.plan(3)
    assert left.share() == 20.0
    now += 5
    assert left.share() == 27.5
    now += 60
    assert left.share() == 0.0
    assert TimeLeft(None).share() is None
