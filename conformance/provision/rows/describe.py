"""The keys of an operation, from what a host says of it: rows, else tables, else anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from conformance.core.errors import NoService
from conformance.core.gates import Access, Key, Rows
from conformance.provision.rows import documents, sql
from conformance.provision.rows.tables import Anything, Tables, Unclear

#: Why SQL is not read.
MISSING: Final = "sqlglot, which parses SQL, is not installed (pip install sqlglot)"
#: What begins so is no table: the connection itself.
_OWN: Final = "@"


class Described(NamedTuple):
    """How an operation accesses what it touches."""

    access: Access
    keys: tuple[Key, ...]


class RowKeys:
    """Finds the rows. ``read`` asks the database for its tables: once, when they are needed.

    ``say`` is told, once, why keys are tables, when they are.
    """

    def __init__(self, read: Callable[[], Tables | None], say: Callable[[str], None] | None = None) -> None:
        self._read = read
        self._say = say
        self._tables: Tables | None = None
        self.why_not = ""

    def __call__(
        self, access: Access, keys: Sequence[str], statements: Sequence[dict[str, Any]], /
    ) -> Described:
        """``keys`` are the host's own: tables."""
        if not sql.available() and any("sql" in each for each in statements):
            self._give_up(MISSING)
        tables = None if self.why_not else self._known()
        if tables is None:
            return Described(access, tuple(keys))
        try:
            rows = [row for each in statements for row in _rows_of(each, tables)]
        except Anything:
            return Described("unknown", ())
        return Described(access, (*dict.fromkeys(rows), *[key for key in keys if key.startswith(_OWN)]))

    def _known(self) -> Tables | None:
        if self._tables is None:
            try:
                self._tables = self._read()
            except NoService as error:
                self._give_up(error.what)
        return self._tables

    def _give_up(self, why_not: str) -> None:
        if not self.why_not and self._say is not None:
            self._say(f"operations are described by table, not by row, so more schedules differ: {why_not}")
        self.why_not = why_not


def _rows_of(statement: dict[str, Any], tables: Tables) -> list[Rows]:
    if "collection" in statement:
        return documents.rows_of(statement, tables)
    try:
        return sql.rows_of(statement["sql"], statement["values"], tables)
    except Unclear:
        found = []
        for text in statement["tables"]:
            schema, _, name = text.rpartition(".")
            found += tables.find(schema, name).whole
        return found
