"""An empty folder of a maintainer's, and what the documents give to put into it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "http-world"
#: one race at one level, tried a little: a journey is about the way, and not about the depth
SHORT = ("-k", "step_completed and storage", "--world-budget=quick")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder that a maintainer works in."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def mine(home: Path) -> Path:
    """The example of docs/worlds-behind-http.md, copied as it says, as a checkout of one's own."""
    return Path(shutil.copytree(EXAMPLE, home / "mine"))
