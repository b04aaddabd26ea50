"""Put something into a namespace and count what is there, as a world would."""

from __future__ import annotations

from typing import Any

from conformance.provision.services.kinds.postgres import _session
from conformance.provision.services.service import Namespace


def put(kind: str, namespace: Namespace) -> None:
    """Store one thing."""
    if kind == "redis":
        with _redis(namespace) as client:
            client.set(f"{namespace.name}:thing", 1)
    elif kind == "mongodb":
        with _mongo(namespace) as client:
            client[namespace.name].things.insert_one({"x": 1})
    else:
        with _session(namespace.url) as session:
            session.run("CREATE TABLE thing (x int)")


def count(kind: str, namespace: Namespace) -> int:
    """How many things are stored there."""
    if kind == "redis":
        with _redis(namespace) as client:
            return len(client.keys(f"{namespace.name}:*"))
    if kind == "mongodb":
        with _mongo(namespace) as client:
            return int(client[namespace.name].things.count_documents({}))
    with _session(namespace.url) as session:
        return len(session.run("SELECT 1 FROM pg_tables WHERE tablename = 'thing'"))


def _redis(namespace: Namespace) -> Any:
    import redis  # noqa: PLC0415 (a driver is needed for its own kind only)

    return redis.Redis.from_url(namespace.url)


def _mongo(namespace: Namespace) -> Any:
    import pymongo  # noqa: PLC0415

    return pymongo.MongoClient(namespace.url)
