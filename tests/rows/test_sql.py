"""Which rows a SQL statement touches: an equality narrows, and nothing else does.

``(unique)`` stands for what a row meets in unique indexes, ``(order)`` for that of new rows.
"""

from __future__ import annotations

import pytest

from conformance.provision.rows import RowKeys, Table, Tables, Unique
from conformance.provision.rows.sql import rows_of
from conformance.provision.rows.tables import Anything, Unclear

_RUNS = Table(
    "w.runs",
    {"id": "text", "status": "text", "number": "int"},
    (Unique(("id",), frozenset({"id"})),),
    filled=frozenset({"created"}),
)
_HOOKS = Table(
    "w.hooks",
    {"id": "text", "run_id": "text", "token": "text", "status": "text"},
    (
        Unique(("id",), frozenset({"id"})),
        Unique(("token",), frozenset({"token", "status"})),
    ),
)
_EVENTS = Table(
    "w.events",
    {"position": "int", "run_id": "text"},
    (Unique(("position",), frozenset({"position"})),),
    filled=frozenset({"position"}),
    counted=frozenset({"position"}),
)
_CHILD = Table("w.child", {"id": "text"}, related=frozenset({"w.runs"}))
_TABLES = Tables(
    {
        "w": {
            "runs": _RUNS,
            "hooks": _HOOKS,
            "events": _EVENTS,
            "child": _CHILD,
            "view": None,
            "twice": _RUNS,
        },
        "other": {"twice": _RUNS},
    }
)


def _rows(sql: str, *parameters: str | bool | None) -> set[str]:
    return {str(row) for row in rows_of(sql, parameters, _TABLES)}


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select * from w.runs where id = $1", {"w.runs{id: a}"}),
        ('select "status" from "w"."runs" where "runs"."id" = $1 limit $2', {"w.runs{id: a}"}),
        ('select 1 from "w"."runs" where "w"."runs"."id" = $1', {"w.runs{id: a}"}),
        (
            "SELECT * FROM Runs r WHERE ('a' = r.ID AND r.number = 07) FOR UPDATE",
            {"w.runs{id: a, number: 7}"},
        ),
        ("select * from runs where id = $1::text", {"w.runs{id: a}"}),
        # What does not narrow.
        ("select * from runs where id = $1 or status = $2", {"w.runs"}),
        ("select * from runs where not id = $1", {"w.runs"}),
        ("select * from runs where id <> $1", {"w.runs"}),
        ("select * from runs where id in ($1,$2)", {"w.runs"}),
        ("select * from runs where id = any($1)", {"w.runs"}),
        ("select * from runs where lower(id) = $1", {"w.runs"}),
        ("select * from runs where id = lower($1)", {"w.runs"}),
        ("select * from runs where id = $1::char(3)", {"w.runs"}),
        ("select * from runs where id like $1", {"w.runs"}),
        ("select * from runs where created = $1", {"w.runs"}),
        ("select * from runs where id = $4", {"w.runs"}),
        ("select * from runs where id = null", {"w.runs"}),
        ('select * from runs where "ID" = $1', {"w.runs"}),
        # More than one table, each by its own columns.
        (
            "select * from runs r join hooks h on h.run_id = r.id where r.id = $1 and h.token = $2",
            {"w.runs{id: a}", "w.hooks{token: b}"},
        ),
        ("select * from runs r left join hooks h on h.token = $2 where id = $1", {"w.runs", "w.hooks"}),
        (
            "select * from hooks where run_id = $1 and exists (select 1 from runs where id = run_id)",
            {"w.hooks{run_id: a}", "w.runs"},
        ),
        (
            "with r as (select * from runs where id = $1) select * from r where status = 'x'",
            {"w.runs{id: a}"},
        ),
        (
            "select * from runs where id = $1 union select * from runs where id = $2",
            {"w.runs{id: a}", "w.runs{id: b}"},
        ),
    ],
)
def test_what_is_found(sql: str, rows: set[str]) -> None:
    assert _rows(sql, "a", "b") == rows


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("update runs set status = $2 where id = $1 and status = 'new'", {"w.runs{id: a}"}),
        ("update runs set number = number + 1 where id = $1", {"w.runs{id: a}"}),
        ("update runs set (number, status) = (1, 'x') where id = $1", {"w.runs", "w.runs (unique)"}),
        ("update runs set id = $2 where id = $1", {"w.runs", "w.runs (unique)"}),
        # The predicate of a partial index counts as its column does.
        ("update hooks set status = 'gone' where id = $1", {"w.hooks", "w.hooks (unique)"}),
        (
            "update runs set status = 'x' from hooks h where runs.id = $1 and h.id = $2",
            {"w.runs{id: a}", "w.hooks", "w.hooks (unique)"},
        ),
        ("delete from hooks where run_id = $1", {"w.hooks{run_id: a}", "w.hooks (unique){run_id: a}"}),
        ("delete from child where id = $1", {"w.child{id: a}", "w.child (unique){id: a}", "w.runs"}),
    ],
)
def test_what_is_changed(sql: str, rows: set[str]) -> None:
    assert _rows(sql, "a", "b") == rows


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (
            "insert into hooks (id, run_id, token) values ($1,$2,$3) on conflict do nothing returning *",
            {
                "w.hooks (order)",
                "w.hooks{id: a, run_id: b, token: c}",
                "w.hooks (unique){id: a}",
                "w.hooks (unique){token: c}",
            },
        ),
        # Without a token it meets nobody; with one that is not shown it may meet anybody.
        (
            "insert into hooks (id, run_id, token) values ($1, $2, default)",
            {"w.hooks (order)", "w.hooks{id: a, run_id: b}", "w.hooks (unique){id: a}"},
        ),
        (
            "insert into hooks (id, run_id, token) values ($1, $2, $4)",
            {"w.hooks (order)", "w.hooks{id: a, run_id: b}", "w.hooks (unique){id: a}", "w.hooks (unique)"},
        ),
        (
            "insert into hooks (id, run_id) values ($1, 'x'), ($2, 'x')",
            {
                "w.hooks (order)",
                "w.hooks{id: a, run_id: x}",
                "w.hooks{id: b, run_id: x}",
                "w.hooks (unique){id: a}",
                "w.hooks (unique){id: b}",
            },
        ),
        (
            "insert into runs (id, status) values ($1, $2) on conflict (id) do update set status = 'x'",
            {"w.runs (order)", "w.runs{id: a, status: b}", "w.runs{id: a}", "w.runs (unique){id: a}"},
        ),
        (
            "insert into runs (id) values ($1) on conflict (id) do update set id = 'x'",
            {"w.runs", "w.runs (unique)"},
        ),
        # Which number it gets depends on who was there before.
        ("insert into events (run_id) values ($1)", {"w.events", "w.events (unique)"}),
        ("insert into events (position, run_id) values (default, $1)", {"w.events", "w.events (unique)"}),
        (
            "insert into events (position, run_id) values (5, $1)",
            {"w.events (order)", "w.events{position: 5, run_id: a}", "w.events (unique){position: 5}"},
        ),
        (
            "insert into runs (id) select run_id from hooks where id = $1",
            {"w.runs", "w.runs (unique)", "w.hooks{id: a}"},
        ),
        ("insert into runs values ($1, $2)", {"w.runs", "w.runs (unique)"}),
        ("insert into runs default values", {"w.runs", "w.runs (unique)"}),
        ("insert into child (id) values ($1)", {"w.child (order)", "w.child{id: a}", "w.runs"}),
    ],
)
def test_what_is_made(sql: str, rows: set[str]) -> None:
    assert _rows(sql, "a", "b", "c", True) == rows


@pytest.mark.parametrize(
    "sql",
    [
        "select add_job($1) from runs",
        "update runs set number = nextval('x') where id = $1",
        "select * from view where id = $1",
        "select * from twice where id = $1",
        "select * from nobody",
        "select * from made_of($1) m where m.id = 'x'",
    ],
)
def test_what_may_touch_anything(sql: str) -> None:
    with pytest.raises(Anything):
        _rows(sql, "a")


@pytest.mark.parametrize(
    "sql",
    ["select * from runs where", "select * from runs where id = E'a\\'b'", "select $x$ $1 $x$ from runs"],
)
def test_what_is_not_clear(sql: str) -> None:
    with pytest.raises(Unclear):
        _rows(sql, "a")


def test_what_is_not_clear_is_its_tables() -> None:
    keys = RowKeys(lambda: _TABLES)
    unclear = {"sql": "select * from runs where id = E'a'", "values": [], "tables": ["w.runs"]}
    assert [str(key) for key in keys("read", ["w.runs"], [unclear]).keys] == ["w.runs", "w.runs (unique)"]
    clear = {"sql": "update w.runs set status = 'x' where id = $1", "values": ["a"], "tables": ["w.runs"]}
    described = keys("write", ["w.runs", "@session"], [clear, unclear])
    assert [str(key) for key in described.keys] == ["w.runs{id: a}", "w.runs", "w.runs (unique)", "@session"]
    anything = {"sql": "select * from view", "values": [], "tables": ["view"]}
    assert keys("read", ["view"], [anything]) == ("unknown", ())


def test_without_the_parser_keys_are_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.provision.rows.sql.available", lambda: False)
    keys = RowKeys(lambda: _TABLES)
    statement = {"sql": "select * from w.runs where id = 'a'", "values": [], "tables": ["w.runs"]}
    assert keys("read", ["w.runs"], [statement]) == ("read", ("w.runs",))
    assert "pip install sqlglot" in keys.why_not
