"""``world-conformance sweep`` on real packages: since when a rule holds, and what cannot be judged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from conformance.record.file import read
from conformance.report.trend import trend

from .test_cli import run


@pytest.mark.slow
def test_a_rule_that_began_to_hold(tmp_path: Path) -> None:
    record = tmp_path / "sweep.jsonl"
    done = run(
        "sweep", "--world=postgres", "--versions=4.3.7,4.1.0-beta.46", "--scenario=6", "--budget=quick",
        "--service=embedded", f"--record={record}", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "step.terminal-once: broken in 4.1.0-beta.46, holds since 4.3.7" in done.stdout
    assert "[2/2] postgres 4.3.7" in done.stderr
    runs = read(record).runs
    assert [one.complete for one in runs] == [True, True]
    [series] = trend(read(record))
    assert [point.version for point in series.points] == ["4.1.0-beta.46", "4.3.7"]
    assert [path.name for path in tmp_path.iterdir()] == [record.name]


@pytest.mark.slow
def test_a_version_that_cannot_be_judged_is_unknown(tmp_path: Path) -> None:
    """The first version of this package does not name all it needs, so it cannot be loaded."""
    done = run(
        "sweep", "--world=local", "--versions=4.4.1,4.0.1-beta.1", "--scenario=step_completed",
        "--budget=quick", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 6, done.stderr
    found = json.loads(done.stdout)
    standings = [rule["standings"] for rule in found["rules"] if rule["severity"] == "must"]
    assert standings
    assert standings == [{"4.0.1-beta.1": "unknown", "4.4.1": "broken"}] * len(standings)
    assert "Cannot find package" in found["inconclusive"]["4.0.1-beta.1"][0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--world=pstgres", "--versions=4.3.7"], "Did you mean 'postgres'?"),
        (["--world=memory", "--versions=all"], "'memory' has no published versions"),
        (
            ["--world=local", "--versions=4.4.11"],
            "There is no @workflow/world-local 4.4.11 on the npm registry",
        ),
        (["--world=local", "--versions=last:0"], "--versions=last:0 names none"),
        (["--world=local", "--versions=4.4.1", "--scenario=9"], "There is no scenario '9'"),
        (["--world=local", "--versions=4.4.1", "--level=runtime", "--runtime=new"], "new: not a version"),
    ],
)
def test_mistakes(words: list[str], said: str) -> None:
    done = run("sweep", *words)
    assert done.returncode == 4
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind(tmp_path: Path, how: signal.Signals) -> None:
    words = ["--world=local", "--versions=4.4.1", "--budget=thorough", "--scenario=6,7,8"]
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", "sweep", *words, "--record=swept.jsonl"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        mine: list[psutil.Process] = []
        deadline = time.monotonic() + 60
        while not any("main.mjs" in " ".join(_words(one)) for one in mine) and time.monotonic() < deadline:
            time.sleep(0.3)
            mine = psutil.Process(process.pid).children(recursive=True)
        assert any("main.mjs" in " ".join(_words(one)) for one in mine), "it never came to start a host"
        process.send_signal(how)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    if how is not signal.SIGKILL:
        assert process.returncode == 2
        assert "stopped" in said
        assert "Traceback" not in said
    # Killed outright it cannot wait for the run to put its things away.
    _, left = psutil.wait_procs(mine, timeout=5 if how is not signal.SIGKILL else 30)
    assert [_words(one) for one in left] == []


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []
