"""From a message of a host to the keys of its gate."""

from __future__ import annotations

import pytest

from conformance.core.errors import NoService
from conformance.core.gates import Rows
from conformance.drivers.touched import touched
from conformance.provision.catalog.diagnose import of_target
from conformance.provision.catalog.target import parse
from conformance.provision.rows import RowKeys, Table, Tables
from conformance.world import rows

_STATEMENT = {"sql": "select * from runs where id = 'a'", "values": [], "tables": ["runs"]}


def test_rows_that_a_host_names() -> None:
    message = {"access": "write", "keys": ["run1", rows("hooks", run="run1", id="h"), rows("hooks")]}
    assert touched(message, None) == (
        "write",
        ("run1", Rows("hooks", (("id", "h"), ("run", "run1"))), Rows("hooks")),
    )


def test_rows_that_the_engine_finds() -> None:
    keys = RowKeys(lambda: Tables({"w": {"runs": Table("w.runs", {"id": "text"})}}))
    message = {"access": "read", "keys": ["runs"], "statements": [_STATEMENT]}
    assert touched(message, keys) == ("read", (Rows("w.runs", (("id", "a"),)),))
    assert touched(message, None) == ("read", ("runs",))
    assert touched({"access": "read", "keys": ["runs"]}, keys) == ("read", ("runs",))


def test_a_database_that_does_not_say_is_asked_once_and_that_is_said() -> None:
    said: list[str] = []

    def refuse() -> Tables:
        raise NoService("the postgres at x refuses us")

    keys = RowKeys(refuse, said.append)
    for _ in range(2):
        assert keys("read", ["runs"], [_STATEMENT]) == ("read", ("runs",))
    [line] = said
    assert line.endswith("not by row, so more schedules differ: the postgres at x refuses us")


def test_the_doctor_says_that_the_parser_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.provision.rows.sql.available", lambda: False)
    found = {finding.subject: finding for finding in of_target(parse("postgres"), force="embedded")}
    assert "pip install sqlglot" in found["rows"].what
    assert "rows" not in {finding.subject for finding in of_target(parse("redis"), force="embedded")}
