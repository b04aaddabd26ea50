"""Gates at the client of libSQL, on a client that only keeps a list of what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .driver import Driven

Toy = Callable[..., Driven]

CLIENT = """
class Transaction {
  closed = false;
  async execute(statement) { return statement.sql ?? statement; }
  async commit() { this.closed = true; }
  async rollback() { this.closed = true; }
  close() { this.closed = true; }
}
export class Client {
  async execute(statement) { return statement.sql ?? statement; }
  async batch(statements) { return statements.length; }
  async transaction(mode) { return new Transaction(); }
  close() {}
}
"""
WORLD = """
import { Client } from '@libsql/client/sqlite3';
export function createWorld() {
  const client = new Client();
  return { runs: { get: async () => {} }, toy: {
    async all() {
      await client.execute('PRAGMA journal_mode = WAL');
      await client.execute({ sql: 'select * from "runs" where id = ?', args: [1] });
      await client.batch([{ sql: 'insert into a values (1)' }, ['delete from b where c = ?', ['one']]]);
      const tx = await client.transaction('write');
      await tx.execute('update runs set a = 1');
      await tx.commit();
      tx.close();
      const other = await client.transaction('write');
      other.close();
      client.close();
      return 'done';
    },
  } };
}
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    client = tmp_path / "node_modules" / "@libsql" / "client"
    client.mkdir(parents=True)
    exports = {f"./{name}": {"import": "./client.mjs"} for name in ("sqlite3", "http", "ws")}
    (client / "package.json").write_text(
        json.dumps({"name": "@libsql/client", "version": "0", "exports": exports})
    )
    (client / "client.mjs").write_text(CLIENT)
    (tmp_path / "package.json").write_text('{"name": "a-world", "version": "1.2.3", "main": "world.mjs"}')
    (tmp_path / "world.mjs").write_text(WORLD)
    return tmp_path


def test_statements_batches_and_transactions(toy: Toy, package: Path) -> None:
    host = toy(module=str(package), gates=["libsql"], options={})
    assert (host.opened.name, host.opened.version) == ("a-world", "1.2.3")
    gates, answer = host.run("toy.all", stacks=True)
    assert [(gate["label"], gate["access"], gate["keys"]) for gate in gates] == [
        ("PRAGMA", "read", ["@session"]),
        ("SELECT runs", "read", ["runs"]),
        ("INSERT a, DELETE b", "write", ["a", "b"]),
        ("BEGIN write", "unknown", []),
        ("UPDATE runs", "unknown", []),
        ("COMMIT", "unknown", []),
        ("BEGIN write", "unknown", []),
        ("CLOSE", "unknown", []),
    ]
    assert gates[1]["statements"] == [
        {"sql": 'select * from "runs" where id = ?', "values": [True], "tables": ["runs"]}
    ], "a number has more than one text"
    shown = [(each["sql"], each["values"]) for each in gates[2]["statements"]]
    assert shown == [("insert into a values (1)", []), ("delete from b where c = ?", ["one"])]
    assert all(gate["where"].startswith("world.mjs:") for gate in gates)
    assert answer["value"] == "done"


def test_a_world_without_that_client(toy: Toy, tmp_path: Path) -> None:
    (tmp_path / "world.mjs").write_text("export const createWorld = () => ({});")
    with pytest.raises(Exception, match="@libsql/client is not installed"):
        toy(module=str(tmp_path / "world.mjs"), gates=["libsql"], options={})
