"""Worlds that hang, die, print garbage or flood their log: an `inconclusive` with the reason, soon."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.plugin.conftest import Run, run

__all__ = ["run"]

_TOY = Path(__file__).parent / "toys"


def _judged(
    run: Run, tmp_path: Path, way: str, *args: str, status: int = 6
) -> tuple[str, list[dict[str, Any]]]:
    record = tmp_path / f"{way}.jsonl"
    done = run(
        f"--world-path={_TOY}",
        f"--world-option=way={way}",
        "--world-level=storage",
        "--world-budget=quick",
        "--world-call-limit=2",
        f"--world-record={record}",
        "-k",
        "step_completed",
        *args,
        timeout=100,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert lines[-1]["kind"] == "footer"
    return done.stdout, [line for line in lines if line["kind"] == "verdict"]


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        pytest.param("hangs", "no sign for 2 s", marks=pytest.mark.slow),
        ("dies", "exited with status 3"),
        ("killed", "died of signal 9"),
    ],
)
def test_a_host_that_fails_is_inconclusive_with_the_reason(
    run: Run, tmp_path: Path, way: str, reason: str
) -> None:
    output, verdicts = _judged(run, tmp_path, way)
    assert verdicts
    assert {verdict["verdict"] for verdict in verdicts} == {"inconclusive"}
    assert all(reason in verdict["reason"] for verdict in verdicts)
    assert "hunter2" not in output
    assert "hunter2" not in json.dumps(verdicts)


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_world_that_cannot_be_made_ends_the_run_and_says_why_once(
    run: Run, tmp_path: Path, workers: tuple[str, ...]
) -> None:
    record = tmp_path / "run.jsonl"
    done = run(f"--world-path={_TOY}", "--world-option=way=unmakeable", f"--world-record={record}", *workers)
    output = done.stdout + done.stderr
    assert done.returncode == 4, output
    assert output.count("could not make its world") == 1
    assert "(cause: Error: there is no such table), at index.mjs:24" in output
    assert "options with --world-option" in output
    assert "hunter2" not in output
    assert not record.exists()


def test_beside_others_it_is_inconclusive_with_the_reason(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    done = run(
        f"--world-path={_TOY}",
        "--world-option=way=unmakeable",
        "--world-level=storage",
        "--world-fail-on=never",
        f"--world-record={record}",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = [json.loads(line) for line in record.read_text().splitlines() if '"kind":"verdict"' in line]
    assert verdicts
    assert {verdict["verdict"] for verdict in verdicts} == {"inconclusive"}
    assert all("could not make its world" in verdict["reason"] for verdict in verdicts)


def test_raw_errors_fail_convergence_and_logs(run: Run, tmp_path: Path) -> None:
    _, verdicts = _judged(run, tmp_path, "throws")
    prefix = [verdict for verdict in verdicts if "prefix was refused" in verdict["reason"]]
    assert len(prefix) == len(verdicts), "the prefix itself is refused, so nothing was raced"
    assert all("TypeError" in verdict["reason"] for verdict in prefix)


@pytest.mark.slow
def test_a_flooded_log_stays_bounded(run: Run, tmp_path: Path) -> None:
    _, verdicts = _judged(run, tmp_path, "floods", status=1)  # it keeps nothing, which is found
    assert verdicts
    assert (tmp_path / "floods.jsonl").stat().st_size < 5_000_000


@pytest.mark.slow
def test_no_host_is_left_behind(run: Run, tmp_path: Path) -> None:
    _judged(run, tmp_path, "hangs")
    left = [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any("conformance/hosts" in word for word in process.info["cmdline"] or ())
        and process.ppid() in (1, psutil.Process().pid)
        and str(_TOY) in " ".join(process.info["cmdline"] or ())
    ]
    assert left == []
