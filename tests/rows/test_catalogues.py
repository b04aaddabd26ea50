"""What the databases say of their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from conformance.core.gates import Rows
from conformance.provision.catalog.find import load
from conformance.provision.rows.tables import Anything, Tables, Unique
from conformance.provision.services.kinds import driver, kind_of
from conformance.provision.services.service import Namespace, Service
from conformance.provision.services.start import start_service
from tests.needs import stores


@pytest.fixture(scope="module")
def namespace() -> Iterator[Callable[[str], Namespace]]:
    running: list[Service] = []
    made: list[Namespace] = []

    def make(kind: str) -> Namespace:
        spec = load(kind).service
        assert spec is not None
        running.append(start_service(spec, force="embedded"))
        made.append(kind_of(kind).namespace(running[-1].url, "rows_test", "database", None))
        return made[-1]

    yield make
    for space in made:
        space.drop()
    for service in running:
        service.stop()


def _tables(kind: str, space: Namespace) -> Tables:
    tables = kind_of(kind).tables(space.url, space.name)
    assert tables is not None
    return tables


_SCHEMA = """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE runs (id varchar PRIMARY KEY, mood mood, number int, key uuid, at timestamp DEFAULT now(),
  "Odd" text);
CREATE TABLE steps (run text REFERENCES runs, id text, position bigserial, note char(3),
  PRIMARY KEY (run, id));
CREATE UNIQUE INDEX ON steps (lower(id)) WHERE note = 'x';
CREATE TABLE counted (id int GENERATED ALWAYS AS IDENTITY, other text DEFAULT gen_random_uuid());
CREATE VIEW few AS SELECT * FROM runs;
CREATE SCHEMA w;
CREATE TABLE w.counted (id text);
CREATE TABLE w.audited (id text);
CREATE FUNCTION w.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER note AFTER INSERT ON w.audited FOR EACH ROW EXECUTE FUNCTION w.note();
CREATE TABLE w.parent (id text);
CREATE TABLE w.child () INHERITS (w.parent)
"""


def test_postgres(namespace: Callable[[str], Namespace]) -> None:
    space = namespace("postgres")
    from conformance.provision.services.kinds import postgres  # noqa: PLC0415 (its session)

    with postgres._session(space.url) as session:
        for statement in _SCHEMA.replace("'BEGIN RETURN NEW; END'", "'BEGIN RETURN NEW\x00 END'").split(";"):
            session.run(statement.replace("\x00", ";"))
    tables = _tables("postgres", space)

    runs = tables.find("", "runs")
    assert runs.name == "public.runs"
    assert runs.columns == {"id": "text", "mood": "text", "number": "int", "key": "uuid", "Odd": "text"}
    assert runs.unique == (Unique(("id",), frozenset({"id"})),)
    assert runs.filled == {"at"}
    assert runs.counted == frozenset()
    assert runs.related == {"public.steps"}

    steps = tables.find("public", "steps")
    assert steps.related == {"public.runs"}
    assert steps.counted == {"position"}
    assert {(index.columns, index.watched) for index in steps.unique} == {
        (("run", "id"), frozenset({"run", "id"})),
        ((), frozenset({"id", "note"})),
    }
    assert "note" not in steps.columns

    assert tables.find("public", "counted").counted == {"id"}
    assert tables.find("public", "counted").filled == {"id", "other"}
    for schema, name in (
        ("", "few"),
        ("", "counted"),
        ("w", "audited"),
        ("w", "parent"),
        ("w", "child"),
        ("", "x"),
    ):
        with pytest.raises(Anything):
            tables.find(schema, name)


@pytest.mark.parametrize("kind", stores(["mongodb"]))
def test_mongodb(kind: str, namespace: Callable[[str], Namespace]) -> None:
    space = namespace(kind)
    with driver("pymongo", "pymongo").MongoClient(space.url) as client:
        database = client[space.name]
        database.steps.create_index([("run", 1), ("id", 1)], unique=True)
        database.steps.create_index([("at", 1), ("deep.down", 1)])
        database.steps.create_index(
            [("token", 1)], unique=True, partialFilterExpression={"live": True}, name="token"
        )
        database.steps.create_index([("blind", 1)], unique=True, collation={"locale": "en", "strength": 2})
        database.steps.insert_one({"run": "r", "id": "i", "at": ["x", "y"]})
        database.create_collection("folded", collation={"locale": "en", "strength": 2})
        database.create_collection("seen", viewOn="steps", pipeline=[])
    tables = _tables(kind, space)
    steps = tables.find("", "steps")
    # Each element of a list meets a condition, so a field with a list in it is none.
    assert set(steps.columns) == {"_id", "run", "id", "token", "blind"}
    assert {(index.columns, index.watched) for index in steps.unique} == {
        (("_id",), frozenset({"_id"})),
        (("run", "id"), frozenset({"run", "id"})),
        (("token",), frozenset({"token", "live"})),
        ((), frozenset({"blind"})),
    }
    assert Rows("steps (unique)") in steps.made({"run": "r", "id": "i"})
    for name in ("folded", "seen", "nobody"):
        with pytest.raises(Anything):
            tables.find("", name)
