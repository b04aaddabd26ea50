"""Run pytest as a user does: in a process of its own, in a directory that is not ours."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.user import PYTEST

#: A pytest run of a user's: arguments in, finished process out.
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run("--world=memory", …, env={…})`` in an empty directory."""

    def start(
        *args: str, env: dict[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        words = [*PYTEST, *args]
        return subprocess.run(
            words,
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "120", **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return start


def counts(process: subprocess.CompletedProcess[str]) -> str:
    """The last line of pytest's output."""
    lines = [line for line in process.stdout.splitlines() if line.strip()]
    return lines[-1] if lines else process.stderr
