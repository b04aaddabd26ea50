"""Where the folders are that hold more than modules: worlds, scenarios, reports, hosts, pinned runtimes.

``worlds/``, ``scenarios/`` and ``reports/`` are content that people add to, so in a checkout they stand
at the top level; in the wheel they ship inside the package (see ``force-include`` in ``pyproject.toml``),
never as top-level names in site-packages.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parents[1]

#: The host programs, one folder for each language, and the schemas of their messages.
HOSTS: Final = _PACKAGE / "hosts"
#: Lock files of the pinned releases of ``@workflow/core``, one folder each.
RUNTIMES: Final = _PACKAGE / "provision" / "runtimes"


def content(name: str) -> Path:
    """The folder ``worlds``, ``scenarios`` or ``reports``, in a checkout and in a wheel alike."""
    shipped = _PACKAGE / "_content" / name
    return shipped if shipped.is_dir() else _PACKAGE.parent / name
