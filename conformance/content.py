"""Where ``worlds/``, ``scenarios/`` and ``reports/`` are.

They are content that people add to, so in a checkout they stand at the top level; in the wheel
they ship inside the package (see ``force-include`` in ``pyproject.toml``), never as top-level
names in site-packages.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def content(name: str) -> Path:
    """The folder ``worlds``, ``scenarios`` or ``reports``, in a checkout and in a wheel alike."""
    shipped = _PACKAGE / "_content" / name
    return shipped if shipped.is_dir() else _PACKAGE.parent / name
