"""Statements that share no rows commute: every pair of some, from every state, on a real engine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import combinations, product
from pathlib import Path

import pytest

from conformance.core.gates import Gate, independent
from conformance.provision.rows import Table, Tables, Unique, sql, sqlite

_SCHEMA = "CREATE TABLE t (id text PRIMARY KEY, token text UNIQUE, run text, state text)"
_TABLE = Table(
    "t",
    dict.fromkeys(("id", "token", "run", "state"), "text"),
    (Unique(("id",), frozenset({"id"})), Unique(("token",), frozenset({"token"}))),
)
_TABLES = Tables({"": {"t": _TABLE}})


@pytest.fixture(params=["as they are given", "as SQLite says"], autouse=True)
def tables(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are found by what a catalogue says of the table, and by what the database file says itself."""
    if request.param == "as SQLite says":
        file = tmp_path / "world.db"
        database = sqlite3.connect(file)
        database.execute(_SCHEMA)
        database.close()
        found = sqlite.tables_of(file)
        assert found.find("main", "T").columns == _TABLE.columns
        monkeypatch.setitem(globals(), "_TABLES", found)


def _statements() -> Iterator[str]:
    for one, two in product("xy", repeat=2):
        yield f"SELECT * FROM t WHERE id = '{one}' AND state = '{two}'"
        yield f"SELECT count(*) FROM t WHERE run = '{one}' AND NOT token = '{two}'"
        yield f"SELECT * FROM t WHERE run = '{one}' OR token = '{two}'"
        yield f"UPDATE t SET state = '{one}' WHERE id = '{two}' RETURNING *"
        yield f"UPDATE t SET state = '{one}' WHERE state = '{two}' RETURNING id"
        yield f"UPDATE t SET token = '{one}' WHERE id = '{two}'"
        yield f"DELETE FROM t WHERE run = '{one}' AND state = '{two}' RETURNING *"
        yield f"DELETE FROM t WHERE token = '{one}'"
        yield f"INSERT INTO t (id, token, run, state) VALUES ('{one}', '{two}', 'x', 'x')"
        yield f"INSERT INTO t (id, token, run) VALUES ('{one}', NULL, '{two}') ON CONFLICT DO NOTHING"
        yield (
            f"INSERT INTO t (id, run, state) VALUES ('{one}', 'y', '{two}') "
            "ON CONFLICT (id) DO UPDATE SET state = t.state || excluded.state RETURNING *"
        )


def _states() -> Iterator[list[tuple[str, str | None, str, str | None]]]:
    for token, run, state in product(("x", None), "xy", "xy"):
        yield [("x", token, run, state)]
        yield [("x", token, "x", state), ("y", "y" if token else "x", run, "x")]
    yield []


def _gate(text: str) -> Gate:
    return Gate(text, "read" if text.startswith("SELECT") else "write", tuple(sql.rows_of(text, (), _TABLES)))


def _outcome(database: sqlite3.Connection, rows: object, statements: Iterable[str]) -> object:
    """What each statement gives, by statement, and what is there in the end."""
    database.execute("DELETE FROM t")
    database.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)  # type: ignore[arg-type]
    found: dict[str, object] = {}
    for text in statements:
        try:
            found[text] = sorted(database.execute(text).fetchall(), key=str)
        except sqlite3.IntegrityError:
            found[text] = "refused"
    return found, sorted(database.execute("SELECT * FROM t").fetchall(), key=str)


def _commuting() -> tuple[int, list[tuple[str, str]]]:
    """How many pairs with a write share no rows, and those of them whose order matters all the same."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.execute(_SCHEMA)
    gates = [_gate(text) for text in dict.fromkeys(_statements())]
    pairs = [
        (one, other)
        for one, other in combinations(gates, 2)
        if "write" in (one.access, other.access) and independent(one, other)
    ]
    wrong = [
        (one.label, other.label)
        for one, other in pairs
        if any(
            _outcome(database, rows, (one.label, other.label))
            != _outcome(database, rows, (other.label, one.label))
            for rows in _states()
        )
    ]
    database.close()
    return len(pairs), wrong


def test_what_shares_no_rows_commutes() -> None:
    pairs, wrong = _commuting()
    assert wrong == []
    assert pairs > 60  # by table none of them


def _without_meetings(self: Table, values: dict[str, str | None]) -> object:
    return [self.found(values)]


def _as_it_was(self: Table, where: dict[str, str | None], sets: object) -> object:  # noqa: ARG001
    return [self.found(where)]


def _without_what_is_free(self: Table, where: dict[str, str | None]) -> object:
    return [self.found(where)]


@pytest.mark.parametrize(
    ("name", "narrow"),
    [("made", _without_meetings), ("changed", _as_it_was), ("deleted", _without_what_is_free)],
)
def test_narrower_keys_are_caught(name: str, narrow: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without unique indexes, without what an update makes of a row, without what a deletion leaves free."""
    monkeypatch.setattr(Table, name, narrow)
    assert _commuting()[1]


def test_a_condition_that_need_not_hold_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    exp = pytest.importorskip("sqlglot").exp

    monkeypatch.setattr(sql._Statement, "_all", lambda _, condition: condition.find_all(exp.EQ))
    assert _commuting()[1]
