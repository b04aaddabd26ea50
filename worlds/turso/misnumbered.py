"""Wrong numbers of events: :mod:`worlds._reference.misnumbered`."""

from __future__ import annotations

from .._reference.misnumbered_sql import MisnumberedSql
from .reference import TursoWorld


class Broken(MisnumberedSql, TursoWorld):
    """The reference, which numbers its events in a wrong way."""
