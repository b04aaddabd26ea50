"""Data of somebody else's on a user's own server, and a checksum of everything that is there."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from conformance.provision.services.kinds.postgres import _session
from conformance.provision.services.service import Service, with_path


def fill(service: Service) -> None:
    """Put data into databases and keys that are not the suite's."""
    _FILL[service.kind](service.url)


def _fill_redis(url: str) -> None:
    import redis  # noqa: PLC0415

    with redis.Redis.from_url(url) as client:
        client.mset({"cart:1": "apples", "wc:mine": "not of the suite", "wc_notes": "nor this"})
        client.hset("bull:workflow_flows:meta", mapping={"opts.maxLenEvents": "7", "version": "bullmq:1.0.0"})
    with redis.Redis.from_url(with_path(url, "1")) as client:
        client.rpush("jobs", 1, 2, 3)


def _fill_postgres(url: str) -> None:
    with _session(url) as session:
        session.run("CREATE DATABASE shop")
    for database in ("shop", "postgres"):
        with _session(with_path(url, database)) as session:
            session.run("CREATE TABLE cart (id int primary key, what text)")
            session.run("INSERT INTO cart SELECT x, 'apple ' || x FROM generate_series(1, 100) x")


def _fill_mongodb(url: str) -> None:
    import pymongo  # noqa: PLC0415

    with pymongo.MongoClient[dict[str, Any]](url) as client:
        client.shop.cart.insert_many([{"_id": number, "what": "apple"} for number in range(100)])
        client.workflow.runs.insert_one({"_id": 1, "of": "somebody"})


_FILL: dict[str, Callable[[str], None]] = {
    "redis": _fill_redis,
    "postgres": _fill_postgres,
    "mongodb": _fill_mongodb,
}


def checksum(service: Service) -> dict[str, str]:
    """Everything on a server, by name, as a digest of its content."""
    if service.kind == "redis":
        import redis  # noqa: PLC0415

        found = {}
        for index in range(64):
            with redis.Redis.from_url(with_path(service.url, str(index))) as client:
                for key in client.scan_iter("*"):
                    found[f"{index}/{key.decode()}"] = hashlib.sha256(client.dump(key)).hexdigest()
        return found
    if service.kind == "mongodb":
        import pymongo  # noqa: PLC0415

        with pymongo.MongoClient[dict[str, Any]](service.url) as client:
            names = [name for name in client.list_database_names() if name not in ("config", "local")]
            return {name: str(client[name].command("dbHash")["md5"]) for name in names}
    found = {}
    with _session(service.url) as session:
        names = [str(name) for (name,) in session.run("SELECT datname FROM pg_database WHERE datallowconn")]
    for name in names:
        with _session(with_path(service.url, name)) as session:
            # What `pg_dump` would write: schemas, relations and columns, and the rows of every table.
            made = session.run(
                "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns "
                "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3"
            )
            tables = sorted({(str(schema), str(table)) for schema, table, *_ in made})
            rows = [session.run(f'SELECT * FROM "{schema}"."{table}" ORDER BY 1') for schema, table in tables]
            found[name] = hashlib.sha256(repr((made, rows)).encode()).hexdigest()
    return found


def dead_run() -> str:
    """The name of a run whose process is gone."""
    code = "from conformance.provision.services.runs import new_run_id; print(new_run_id())"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
