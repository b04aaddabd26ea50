"""The mutants on libSQL: :mod:`worlds._reference.broken_sql`."""

from __future__ import annotations

from .._reference.broken_sql import BrokenSql
from .._reference.sql_operators import made_ones
from .reference import TursoWorld

__all__ = ["Broken", "made_ones"]


class Broken(BrokenSql, TursoWorld):
    """The reference with one guard taken out."""
