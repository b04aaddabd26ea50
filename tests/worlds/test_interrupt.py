"""Ctrl-C and kill in the middle of a run: no host and no server stays behind; Ctrl-C leaves no files."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.interrupted import started


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "workers"),
    [(signal.SIGINT, ()), (signal.SIGTERM, ()), (signal.SIGKILL, ()), (signal.SIGKILL, ("-n", "2"))],
)
def test_nothing_is_left_behind(tmp_path: Path, how: signal.Signals, workers: tuple[str, ...]) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    words = ["--world=redis", "--world-service=embedded", "--world-budget=thorough", *workers]
    with started(*words, cwd=tmp_path, env={"TMPDIR": str(scratch)}) as run:
        run.wait_for("node/main.mjs")
        time.sleep(1.0)
        assert run.interrupt(how) == []
    if how is signal.SIGINT:
        # After a kill the folders are taken away by the next run.
        assert [path.name for path in scratch.iterdir() if "pytest-of" not in path.name] == []
