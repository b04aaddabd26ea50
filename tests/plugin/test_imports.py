"""What a start of pytest imports: nothing heavy before it is needed, and no warning for it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.plugin.conftest import Run, counts
from tests.user import OPTIONS

_LIGHT = {"core", "core.errors", "core.redact", "plugin", "plugin.options"}


def imported(folder: Path, *words: str) -> set[str]:
    """The modules that ``pytest`` imports in a folder with one test of a user's."""
    (folder / "test_mine.py").write_text("def test_mine(): pass\n")
    command = [sys.executable, "-X", "importtime", "-m", "pytest", *OPTIONS, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return set(re.findall(r"^import time:.*\| *(\S+)$", done.stderr, re.M))


def test_a_run_without_worlds_imports_the_options_only(tmp_path: Path) -> None:
    ours = {name for name in imported(tmp_path) if name.partition(".")[0] == "conformance"}
    assert ours <= {"conformance", *(f"conformance.{name}" for name in _LIGHT)}


def test_hypothesis_is_imported_by_a_run_that_generates_only(tmp_path: Path) -> None:
    assert "hypothesis" not in imported(tmp_path, "--world=memory", "--collect-only")


def test_and_it_is_quiet_there(run: Run) -> None:
    """Its plugin counts what is imported before the session starts."""
    done = run("--world=memory", "--world-budget=quick", "-k", "run_completed and storage", "-W", "error")
    assert done.returncode == 0, done.stdout
    assert counts(done).startswith("=")
    assert "warning" not in counts(done)
