"""The mutants on libSQL: :mod:`worlds._reference.broken_sql`."""

from __future__ import annotations

from .._reference.broken_sql import BrokenSql
from .reference import TursoWorld


class Broken(BrokenSql, TursoWorld):
    """The reference with one guard taken out."""
