"""A copy of this project as somebody else has it, without what was made here."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.promises.documents import ROOT

_MADE_HERE = (
    ".git",
    ".venv",
    ".node",
    ".tox",
    ".hypothesis",
    ".*_cache",
    "__pycache__",
    "node_modules",
    "*.egg-info",
)


def clone(folder: Path) -> Path:
    """Copy the project to a folder that does not exist yet; that folder."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*_MADE_HERE))
    return folder
