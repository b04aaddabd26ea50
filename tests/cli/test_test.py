"""``world-conformance test``: the command for people who do not use pytest."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest


def _typed(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("words", [("test", "memory"), ("test", "--world=memory"), ("--world=memory",)])
def test_it_is_pytest_with_that_world(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = _typed(
        tmp_path,
        *(*words, "-k", "step_started", "--world-level=storage", "--world-budget=quick"),
        "--world-record=run.jsonl",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "step_started[memory-storage]" in done.stdout
    header = json.loads((tmp_path / "run.jsonl").read_text().splitlines()[0])
    assert header["command"].startswith("world-conformance test --world=memory -k step_started")


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_what_it_prints_to_see_a_failure_again_needs_no_pytest(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    """``pipx run`` and ``uvx`` put no pytest on ``PATH``."""
    mutant = ("--world-option=mutant=late-guard", "-k", "step_completed", "--world-level=storage")
    done = _typed(tmp_path, "test", "memory", *mutant, "--world-budget=quick", *workers)
    assert done.returncode == 1, done.stdout + done.stderr
    printed = re.findall(r"again with: (.*)", done.stdout)
    assert printed
    for command in printed:
        program, *words = shlex.split(command)
        assert (program, words[0]) == ("world-conformance", "test")
    again = _typed(tmp_path, *shlex.split(printed[0])[1:])
    assert again.returncode == 1
    assert "step.terminal-once" in again.stdout


def test_a_folder_with_a_package_is_a_checkout(tmp_path: Path) -> None:
    package = tmp_path / "mine"
    package.mkdir()
    (package / "package.json").write_text('{"name": "mine", "version": "1.2.3", "main": "index.js"}')
    (package / "index.js").write_text("exports.createWorld = () => ({});")
    done = _typed(tmp_path, "test", "./mine", "--collect-only", "-q")
    assert "step_started[mine:path-storage]" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("test",), 4, "name a World first"),
        (("test", "-k", "x"), 4, "name a World first"),
        (("memory",), 4, "Did you mean 'test memory'?"),
        (("test", "rediss"), 4, "rediss"),
        (("test", "--help"), 0, "Judge Worlds"),
    ],
)
def test_what_it_says_of_a_mistake(tmp_path: Path, words: tuple[str, ...], status: int, said: str) -> None:
    done = _typed(tmp_path, *words)
    assert done.returncode == status, done.stdout + done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_shell_completes_the_names_of_worlds(tmp_path: Path) -> None:
    done = _typed(
        tmp_path,
        _WORLD_CONFORMANCE_COMPLETE="bash_complete",
        COMP_WORDS="world-conformance test re",
        COMP_CWORD="2",
    )
    assert "plain,redis" in done.stdout.splitlines()
