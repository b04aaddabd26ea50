"""Records as anybody may write them, and the command that reads them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from conformance.cli._app import main
from conformance.core.exits import USAGE

Done = subprocess.CompletedProcess[str]
Line = dict[str, Any]

HEADER: Line = {
    "kind": "header", "schema": 1, "suite": "0.1.0", "started": "2026-11-20T10:00:00Z", "run": "r",
}  # fmt: skip
WORLD: Line = {"kind": "world", "world": "redis", "package": "@workflow-worlds/redis", "version": "0.2.2"}
VERDICT: Line = {
    "kind": "verdict", "world": "redis", "version": "0.2.2", "level": "storage", "scenario": 6,
    "check": "convergence", "verdict": "pass", "reason": "it held",
}  # fmt: skip
FAILED: Line = VERDICT | {
    "verdict": "fail", "rules": ["step.terminal-once"], "defect": "not-atomic",
    "reason": "both were accepted",
}  # fmt: skip
#: As a suite of schema 1 wrote it.
QUEUE: Line = {
    "kind": "queue", "world": "redis", "version": "0.2.2", "part": "queue", "name": "delivers",
    "rule": "queue.delivers", "verdict": "fail", "reason": "1 of 30 never came", "shown": 1, "runs": 30,
    "timeline": ["0.000 s  A queued m1", "60.0 s  nothing came"], "test": "queue_delivers[redis-queue]",
}  # fmt: skip
FOOTER: Line = {"kind": "footer", "finished": "2026-11-20T10:01:00Z"}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


Words = list[str | Path]


def record(name: str, *lines: Line | str, header: Line | None = None, footer: bool = True) -> Path:
    """A record with these lines between its header and its footer."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    every = [HEADER | (header or {}), WORLD, *lines, *([FOOTER] if footer else [])]
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in every))
    return path


def report(*words: str | Path) -> Done:
    """``world-conformance report …``, in this process: its exit status, and what it printed."""
    command = ["world-conformance", "report", *map(str, words)]
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        patch.setattr(sys, "argv", command)
        patch.setenv("COLUMNS", "140")
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:  # what Python does with it
            traceback.print_exc()
            status = 1
    said = []
    for stream in streams:
        stream.flush()
        said.append(stream.buffer.getvalue().decode())
    return subprocess.CompletedProcess(command, status, *said)


def report_alone(*words: str | Path, stdout: Any = subprocess.PIPE) -> Done:
    """The same in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "conformance", "report", *map(str, words)],
        stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=120, check=False,
    )  # fmt: skip


def refused(done: Done, words: str) -> None:
    """A mistake: its exit status, and a sentence (with what to do next), no traceback."""
    assert done.returncode == USAGE, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2, done.stderr


def everything() -> set[str]:
    return {str(path) for path in Path().rglob("*") if path.is_file()}
