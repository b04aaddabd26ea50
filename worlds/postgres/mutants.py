"""The mutants on PostgreSQL: :mod:`worlds._reference.broken_sql`."""

from __future__ import annotations

from .._reference.broken_sql import BrokenSql
from .reference import PostgresWorld


class Broken(BrokenSql, PostgresWorld):
    """The reference with one guard taken out."""
