"""What a file of SQLite or libSQL says of its tables: columns, unique indexes, foreign keys, triggers."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from conformance.core.errors import NoService
from conformance.provision.rows.tables import Comparison, Table, Tables, Unique

#: Column types by affinity: in the others a value may be stored as it comes, whatever its type.
_TEXT: Final = re.compile(r"CHAR|CLOB|TEXT", re.IGNORECASE)
_INT: Final = re.compile(r"INT", re.IGNORECASE)
#: A collation that takes different texts for the same.
_COLLATES: Final = re.compile(r"\bCOLLATE\s+(?!BINARY\b)", re.IGNORECASE)
#: What else may be behind a plain table.
_UNUSUAL: Final = re.compile(r"\bON\s+CONFLICT\b|\bGENERATED\b|\)\s*AS\s*\(", re.IGNORECASE)


def file_of(options: Iterable[object]) -> Path | None:
    """The one database file that a World's options name (``file:/…``); None when there is none, or more."""
    texts = {each for each in options if isinstance(each, str) and each.startswith("file:")}
    if len(texts) != 1:
        return None
    path = Path(unquote(urlsplit(texts.pop()).path))
    return path if path.is_absolute() else None


def tables_of(path: Path) -> Tables:
    """The tables of a database file. Raises :class:`NoService` when it cannot be read."""
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            return _read(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise NoService(f"the tables of {path.name} cannot be read ({error})") from error


def _read(connection: sqlite3.Connection) -> Tables:
    made = connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master").fetchall()
    triggered = {table.lower() for kind, _, table, _ in made if kind == "trigger"}
    tables: dict[str, Table | None] = {}
    related: dict[str, set[str]] = {}
    for kind, name, _, text in made:
        if kind not in ("table", "view") or name.startswith("sqlite_"):
            continue
        plain = kind == "table" and name.lower() not in triggered and not _is_unusual(text)
        tables[name.lower()] = _table(connection, name, text) if plain else None
        for each in connection.execute('SELECT "table" FROM pragma_foreign_key_list(?)', (name,)):
            related.setdefault(name.lower(), set()).add(each[0].lower())
            related.setdefault(each[0].lower(), set()).add(name.lower())
    whole = {
        name: table and replace(table, related=frozenset(related.get(name, ())))
        for name, table in tables.items()
    }
    return Tables({"main": whole}, "sqlite")


def _is_unusual(text: str) -> bool:
    return bool(_UNUSUAL.search(text)) or text.lower().startswith("create virtual")


def _table(connection: sqlite3.Connection, name: str, text: str) -> Table:
    columns: dict[str, Comparison] = {}
    filled: set[str] = set()
    key: list[tuple[int, str, str]] = []
    every: list[str] = []
    for column, kind, default, position in connection.execute(
        "SELECT name, type, dflt_value, pk FROM pragma_table_info(?)", (name,)
    ):
        every.append(column.lower())
        compared = None if _COLLATES.search(text) else _comparison(kind)
        if compared is not None:
            columns[column.lower()] = compared
        if default is not None:
            filled.add(column.lower())
        if position:
            key.append((position, column.lower(), kind.upper()))
    unique: list[Unique] = []
    counted: set[str] = set()
    if len(key) == 1 and key[0][2] == "INTEGER":
        # It is the number of the row: the next one is drawn when none is given.
        counted.add(key[0][1])
        filled.add(key[0][1])
        unique.append(Unique((key[0][1],), frozenset((key[0][1],))))
    for index, is_unique, partial in connection.execute(
        'SELECT name, "unique", partial FROM pragma_index_list(?)', (name,)
    ):
        if is_unique:
            unique.append(_unique(connection, index, frozenset(every), is_partial=bool(partial)))
    return Table(name.lower(), columns, tuple(unique), frozenset(filled), frozenset(counted))


def _comparison(kind: str) -> Comparison | None:
    if _INT.search(kind):
        return "int"
    return "text" if _TEXT.search(kind) else None


def _unique(connection: Any, index: str, every: frozenset[str], *, is_partial: bool) -> Unique:
    rows = connection.execute("SELECT cid, name FROM pragma_index_info(?)", (index,)).fetchall()
    names = [name.lower() for cid, name in rows if cid >= 0]
    # An expression, or a predicate, may look at any column; then it is not known which rows meet.
    has_expression = len(names) < len(rows)
    watched = every if has_expression or is_partial else frozenset(names)
    return Unique(tuple(names), watched, has_expression)
