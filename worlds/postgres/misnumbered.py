"""Wrong numbers of events: :mod:`worlds._reference.misnumbered`."""

from __future__ import annotations

from .._reference.misnumbered_sql import MisnumberedSql
from .reference import PostgresWorld


class Broken(MisnumberedSql, PostgresWorld):
    """The reference, which numbers its events in a wrong way."""
