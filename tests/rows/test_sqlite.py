"""What a database file of SQLite or libSQL says, and what its statements touch."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from conformance.core.errors import NoService
from conformance.core.gates import Rows
from conformance.provision.rows import RowKeys, Tables, Unique, sql, sqlite
from conformance.provision.rows.tables import Anything, Unclear

_SCHEMA = """
CREATE TABLE Runs (id TEXT PRIMARY KEY, state TEXT DEFAULT 'new', n INTEGER, data BLOB);
CREATE TABLE steps (run TEXT REFERENCES runs(id), id TEXT, token TEXT, PRIMARY KEY (run, id));
CREATE UNIQUE INDEX live ON steps (token) WHERE run <> 'x';
CREATE UNIQUE INDEX lowered ON steps (lower(id));
CREATE TABLE events (id INTEGER PRIMARY KEY, run TEXT);
CREATE TABLE loose (id TEXT COLLATE NOCASE PRIMARY KEY);
CREATE TABLE replaced (id TEXT PRIMARY KEY ON CONFLICT REPLACE);
CREATE TABLE audited (id TEXT);
CREATE TRIGGER note AFTER INSERT ON audited BEGIN DELETE FROM runs; END;
CREATE VIEW few AS SELECT * FROM runs;
"""


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    file = tmp_path / "world #1.db"
    database = sqlite3.connect(file)
    database.executescript(_SCHEMA)
    database.close()
    return sqlite.tables_of(file)


def test_tables_and_their_unique_indexes(tables: Tables) -> None:
    runs, steps, events = (tables.find("", name) for name in ("RUNS", "steps", "events"))
    assert runs.columns == {"id": "text", "state": "text", "n": "int"}
    assert (runs.filled, runs.related) == (frozenset({"state"}), frozenset({"steps"}))
    assert runs.unique == (Unique(("id",), frozenset({"id"})),)
    every = frozenset({"run", "id", "token"})
    assert set(steps.unique) == {
        Unique(("run", "id"), frozenset({"run", "id"})),
        Unique(("token",), every),
        Unique((), every, True),
    }
    assert (events.counted, events.filled) == (frozenset({"id"}), frozenset({"id"}))
    assert tables.find("", "loose").columns == {}


@pytest.mark.parametrize("name", ["replaced", "audited", "few", "nothing", "sqlite_master"])
def test_what_may_touch_anything(tables: Tables, name: str) -> None:
    with pytest.raises(Anything):
        tables.find("", name)


def test_parameters_in_order_and_by_number(tables: Tables) -> None:
    def rows(text: str, *values: str | bool | None) -> list[Rows]:
        return sql.rows_of(text, values, tables)

    one = [Rows("runs", (("id", "r1"), ("state", "?")))]
    assert rows("SELECT * FROM Runs WHERE \"ID\" = ? AND state = '?'", "r1") == one
    assert rows("SELECT * FROM runs WHERE state = ?2 AND id = ?1", "r1", "?") == one
    assert rows("SELECT * FROM runs WHERE id = ?", True) == [Rows("runs")]
    assert rows("SELECT * FROM runs WHERE id = 01") == [Rows("runs")], "it is stored as 1"


@pytest.mark.parametrize(
    "text", ["INSERT OR REPLACE INTO runs (id) VALUES ('a')", "UPDATE runs SET id = 'b' WHERE id = 'a'"]
)
def test_what_takes_the_place_of_others_touches_the_table(tables: Tables, text: str) -> None:
    assert Rows("runs") in sql.rows_of(text, (), tables)


@pytest.mark.parametrize(
    "text", ["REPLACE INTO runs (id) VALUES ('a')", "UPDATE OR REPLACE runs SET id = 'b' WHERE id = 'a'"]
)
def test_what_cannot_be_read_touches_the_table(tables: Tables, text: str) -> None:
    with pytest.raises(Unclear):
        sql.rows_of(text, (), tables)
    keys = RowKeys(lambda: tables)("write", ["Runs"], [{"sql": text, "values": [], "tables": ["Runs"]}])
    assert Rows("runs") in keys.keys


def test_the_file_that_options_name(tmp_path: Path) -> None:
    file = tmp_path / "a b.db"
    assert sqlite.file_of(["x", 3, f"file:{tmp_path}/a%20b.db?mode=rw"]) == file
    assert sqlite.file_of(["libsql://example.com", "file:relative.db"]) is None
    assert sqlite.file_of(["file:/a.db", "file:/b.db"]) is None
    with pytest.raises(NoService, match=r"the tables of a b\.db cannot be read"):
        sqlite.tables_of(file)
