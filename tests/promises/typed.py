"""What a user types, in a folder of theirs: pytest, the command line, and lines copied into a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.user import OPTIONS

TOYS = Path(__file__).parent / "toys"
Done = subprocess.CompletedProcess[str]

_ROOT = str(Path(__file__).resolve().parents[2])


def typed(words: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """Run a command with the suite on ``PATH``; output and errors in ``stdout`` and ``stderr``."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    mine = {
        "PATH": programs,
        "COLUMNS": "200",
        "PYTEST_ADDOPTS": " ".join(OPTIONS),
        "NO_COLOR": "1",
    }
    return subprocess.run(
        list(words),
        cwd=cwd,
        env={**os.environ, **mine, **(env or {})},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def suite(*words: str, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """``pytest --world…``"""
    return typed([sys.executable, "-m", "pytest", *words], cwd, env)


def command_line(*words: str, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """``world-conformance …``"""
    mine = {"PYTHONPATH": _ROOT, **(env or {})}
    return typed([sys.executable, "-m", "conformance", *words], cwd, mine)


def pasted(line: str, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """A line that was printed, copied into a shell."""
    return typed(["sh", "-c", line], cwd, env)


def printed(done: Done) -> list[str]:
    """The commands that show a failure again, each once, in the order in which they were printed."""
    return again_with(done.stdout)


def again_with(text: str) -> list[str]:
    """The same, of a text that was printed or stands on a page."""
    return list(dict.fromkeys(re.findall(r"again with: (.*)", text)))
