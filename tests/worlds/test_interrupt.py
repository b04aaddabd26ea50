"""Ctrl-C and kill in the middle of a run: no host and no server stays behind; Ctrl-C leaves no files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest


def _descendants(pid: int) -> dict[int, float]:
    """Processes below one, with their start times (a pid may be used again)."""
    try:
        return {child.pid: child.create_time() for child in psutil.Process(pid).children(recursive=True)}
    except psutil.NoSuchProcess:
        return {}


def _alive(processes: dict[int, float]) -> list[str]:
    left = []
    for pid, began in processes.items():
        try:
            process = psutil.Process(pid)
            if process.create_time() == began and process.status() != psutil.STATUS_ZOMBIE:
                left.append(" ".join(process.cmdline())[:120])
        except psutil.NoSuchProcess:
            continue
    return left


@pytest.mark.parametrize(
    ("how", "workers"),
    [(signal.SIGINT, ()), (signal.SIGTERM, ()), (signal.SIGKILL, ()), (signal.SIGKILL, ("-n", "2"))],
)
def test_nothing_is_left_behind(tmp_path: Path, how: signal.Signals, workers: tuple[str, ...]) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    words += ["--world=redis", "--world-service=embedded", "--world-budget=thorough", *workers]
    process = subprocess.Popen(
        words,
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    seen: dict[int, float] = {}
    hosts = 0
    deadline = time.monotonic() + 90
    while hosts < 2 and time.monotonic() < deadline:
        time.sleep(0.3)
        seen |= _descendants(process.pid)
        hosts = sum("main.mjs" in line for line in _alive(seen))
    assert hosts >= 2, "the run never came to start its hosts"
    time.sleep(1.0)
    seen |= _descendants(process.pid)
    process.send_signal(how)
    process.wait(30)
    deadline = time.monotonic() + 20
    while (left := _alive(seen)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left == []
    if how is signal.SIGINT:
        # After a kill the folders are taken away by the next run.
        assert [path.name for path in scratch.iterdir() if "pytest-of" not in path.name] == []
