"""What a user sees while a run goes on: on a terminal, in a CI log, and with workers."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path

import pyte
import pytest

from conformance.plugin.progress import WorkersLine
from tests.plugin.conftest import Run
from tests.user import PYTEST

_WIDTH = 80


def _on_terminal(folder: Path, *options: str) -> tuple[list[list[str]], list[str]]:
    """What a terminal shows after each thing that is written, and at the end."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(_WIDTH), "TERM": "xterm"}
    process = subprocess.Popen(
        [*PYTEST, *options], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    screen = pyte.HistoryScreen(_WIDTH, 60, history=1000)
    stream = pyte.ByteStream(screen)
    seen: list[list[str]] = []
    while True:
        try:
            data = os.read(ours, 1 << 16)
        except OSError:  # Linux says so when the other end is closed
            break
        if not data:
            break
        for part in re.split(rb"(?=\n\r\x1b\[2K)", data):
            stream.feed(part)
            seen.append([line.rstrip() for line in screen.display])
    process.wait()
    os.close(ours)
    return seen, seen[-1]


def test_on_a_terminal_one_line_says_how_far_the_run_is_and_leaves_nothing(tmp_path: Path) -> None:
    seen, end = _on_terminal(tmp_path, "--world=memory", "-k", "step_started", "--world-level=storage")
    live = re.compile(r"^\d+/\d+ in \d+ s.*: [a-z-]+(\+instance)?, \d+ schedules?(, \d+/\d+ conflicts)?")
    shown = [line for screen in seen for line in screen if live.match(line)]
    assert shown, end
    assert max(sum(bool(live.match(line)) for line in screen) for screen in seen) == 1
    assert not any(live.match(line) for line in end)
    assert any(re.match(r"step_started\[memory-storage\] \. +\[100%\]", line) for line in end), end


def test_a_log_has_no_such_line(run: Run) -> None:
    done = run("--world=memory", "-k", "step_started and storage")
    assert "\x1b" not in done.stdout
    assert "schedules" not in done.stdout.partition("= worlds =")[0]


@pytest.fixture
def often(tmp_path: Path) -> dict[str, str]:
    """The environment of a run in which a line is said more often, as nobody waits for 15 seconds here."""
    plugin = "from conformance.plugin import progress\nprogress.SAID_EVERY = 0.2\n"
    (tmp_path / "often.py").write_text(plugin, encoding="utf-8")
    return {"PYTHONPATH": str(tmp_path)}


_RUN = ("-p", "often", "--world=memory", "-k", "step_started and storage")


def test_but_a_line_now_and_then(run: Run, often: dict[str, str]) -> None:
    done = run(*_RUN, env=often)
    said = r"^step_started\[memory-storage\] \d+/\d+ in \d+ s.*: [a-z-]+, \d+ schedules"
    assert re.search(said, done.stdout, re.MULTILINE), done.stdout
    assert done.returncode == 0
    assert not re.search(said, run("-q", *_RUN, env=often).stdout, re.MULTILINE)


def test_the_first_verdicts_of_a_long_run_are_said_before_its_first_test_ends(
    run: Run, tmp_path: Path
) -> None:
    plugin = "from conformance.plugin import progress\nprogress.FIRST_AFTER = 0.0\n"
    (tmp_path / "long.py").write_text(plugin, encoding="utf-8")
    words = ("-p", "long", "--world=memory", "-k", "wait_completed and storage")
    long = {"PYTHONPATH": str(tmp_path)}
    said = r"^wait_completed\[memory-storage\] first verdicts: ([a-z-]+): (\w+ \w+, \w+ \w+, \w+ \w+)$"
    done = run(*words, env=long)
    [(variant, got)] = re.findall(said, done.stdout, re.MULTILINE)
    assert got == "convergence pass, continuation pass, logs pass"
    assert done.stdout.index(f"first verdicts: {variant}") < done.stdout.index("[100%]")
    assert not re.search(said, run("-q", *words, env=long).stdout, re.MULTILINE)


def test_with_workers_too(run: Run, often: dict[str, str]) -> None:
    done = run("-n", "1", *_RUN, env=often)
    assert "0 of 1 tests done" in done.stdout
    assert "running: step_started[memory-storage] (" in done.stdout


def test_with_workers_the_tests_that_run_are_said(pytestconfig: pytest.Config) -> None:
    line = WorkersLine(pytestconfig)
    assert line.text(line._began + 20) == "the workers are starting, 20 s"
    line.tests = 16
    for test in ("one", "two", "three"):
        line.started(test)
    line.finished("two", failed=True)
    said = line.text(line._began + 80)
    assert said.startswith("1 of 16 tests done, 1 failed, 1 min 20 s; running: one (")
    assert "two" not in said
    assert "three (" in said
