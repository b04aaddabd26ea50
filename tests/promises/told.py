"""What a run told: its verdicts, and no traceback; and a user's folder with a World in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_TOY = Path(__file__).parent / "toy"


def verdicts(record: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    return [line for line in lines if line["kind"] == "verdict"]


def no_traceback(done: subprocess.CompletedProcess[str]) -> None:
    said = done.stdout + done.stderr
    # A JavaScript TypeError is what the real runtime says of such an answer: it stands in a message.
    for word in ("Traceback", "INTERNALERROR", "KeyError", "\nTypeError", "E   TypeError"):
        assert word not in said, said


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A user's folder with a World in it, ``./toy``."""
    shutil.copytree(_TOY, tmp_path / "toy")
    return tmp_path
