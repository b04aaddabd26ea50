"""What a database says of its tables, and which rows a statement may touch in them.

The rows of a statement are those that it finds, those that it makes, and those that it could meet in a unique
index. Two statements whose rows have different values in one column touch nothing in common. A value counts
only where different texts are different values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from conformance.core.gates import Rows

#: How values of a column are compared. Columns of other types are left out.
Comparison = Literal["text", "int", "uuid"]
Dialect = Literal["postgres", "sqlite"]
#: A column's value: a text, or None for NULL. What is not known is left out.
Values = Mapping[str, str | None]

#: The name of what stands for a table's unique indexes ends so, and that for the order of its new rows.
UNIQUE: Final = " (unique)"
ORDER: Final = " (order)"
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Unclear(Exception):
    """It is not clear which rows are touched: the tables are."""


class Anything(Exception):
    """It is not even clear which tables are touched."""


class Unique(NamedTuple):
    """A unique index. ``watched``: columns whose change can make a row meet another in it."""

    columns: tuple[str, ...]
    watched: frozenset[str]
    #: two rows without a value meet, too
    nulls: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table or a collection, under the one name by which its rows are known."""

    name: str
    columns: Mapping[str, Comparison]
    unique: tuple[Unique, ...] = ()
    #: columns that get something other than NULL when they are not given
    filled: frozenset[str] = frozenset()
    #: columns of these that get it from a counter, which all inserts share
    counted: frozenset[str] = frozenset()
    #: tables that a change of this one reads or changes, by foreign keys
    related: frozenset[str] = frozenset()

    @property
    def whole(self) -> list[Rows]:
        """All its rows, and all that they can meet."""
        return [Rows(self.name), Rows(self._meetings), *self._related()]

    @property
    def _meetings(self) -> str:
        """What stands for its unique indexes: a row that is made meets others there, whoever reads them."""
        return f"{self.name}{UNIQUE}"

    def found(self, where: Values) -> Rows:
        """The rows that have these values."""
        return Rows(self.name, self._known(where))

    def changed(self, where: Values, sets: Iterable[str] | None) -> list[Rows]:
        """The rows that have these values, before and after ``sets`` were changed (None: any column)."""
        columns = None if sets is None else frozenset(sets)
        if columns is None or any(index.watched & columns for index in self.unique):
            return self.whole
        kept = {name: value for name, value in where.items() if name not in columns}
        return [self.found(kept), *self._related()]

    def deleted(self, where: Values) -> list[Rows]:
        """The rows that have these values, which go, so that others can be made."""
        return [self.found(where), Rows(self._meetings, self._known(where)), *self._related()]

    def made(self, values: Values, *, new: bool = True) -> list[Rows]:
        """A row that is made, and those that it can meet. ``new``: it may be one more than there were.

        New rows of a table have an order: a read that says no other may give the first of them first.
        """
        if self.counted - values.keys():
            return self.whole
        rows = [self.found(values), *([Rows(f"{self.name}{ORDER}")] if new else [])]
        for index in self.unique:
            if index.nulls or all(values.get(column, "") is not None for column in index.columns):
                own = {name: values[name] for name in index.columns if name in values}
                rows.append(Rows(self._meetings, self._known(own)))
        return [*dict.fromkeys(rows), *self._related()]

    def met(self, values: Values) -> list[Rows]:
        """The rows that a new row can meet, which are changed then."""
        return [
            self.found({name: values[name] for name in index.columns if name in values})
            for index in self.unique
        ]

    def _known(self, where: Values) -> tuple[tuple[str, str], ...]:
        known = {column: self._value(column, value) for column, value in where.items()}
        return tuple(sorted((column, value) for column, value in known.items() if value is not None))

    def _related(self) -> list[Rows]:
        return [Rows(name) for name in sorted(self.related)]

    def _value(self, column: str, value: str | None) -> str | None:
        """The value in the one way in which it is written; None when it cannot be compared."""
        match self.columns.get(column):
            case "text":
                return value
            case "int" if value is not None and re.fullmatch(r"-?\d{1,18}", value):
                return str(int(value))
            case "uuid" if value is not None and _UUID.fullmatch(value):
                return value.lower()
        return None


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a database. ``schemas``: schema -> name -> table; None for what has tables or code behind
    it (a view, a table with triggers), so that it may touch anything.
    """

    schemas: Mapping[str, Mapping[str, Table | None]] = field(default_factory=dict)
    #: whose SQL its statements are in
    dialect: Dialect = "postgres"

    def find(self, schema: str, name: str) -> Table:
        """Raises :class:`Anything` when there is no such table, or more than one without a schema."""
        if self.dialect == "sqlite":  # where no case counts
            schema, name = schema.lower(), name.lower()
        if schema:
            found = [self.schemas.get(schema, {}).get(name)]
        else:
            found = [tables[name] for tables in self.schemas.values() if name in tables]
        if len(found) != 1 or found[0] is None:
            raise Anything(f"{schema}.{name}")
        return found[0]
