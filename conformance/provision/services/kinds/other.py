"""Any service we know nothing about: it answers on its port, or it does not."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from conformance.core.errors import NoService
from conformance.provision.rows.tables import Tables
from conformance.provision.services.kinds import Binary, NotReadyError, Plan, Preparation, Waits
from conformance.provision.services.kinds._mysql_waits import MysqlWaits, can_ask
from conformance.provision.services.service import Namespace

SCHEMES = ("http",)
PORT = 0
KEPT_SINCE = ()
IMAGES = ()
CONTAINER_ARGS = ()


def url(host: str, port: int, _env: Mapping[str, str]) -> str:
    return f"http://{host}:{port}"


def check(url: str, timeout: float) -> str:
    """Connects, no more: the version is unknown."""
    parts = urlsplit(url)
    if parts.port is None:
        raise NotReadyError(f"the address has no port ({parts.scheme}://…)")
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port), timeout).close()
    except OSError as error:
        raise NotReadyError(str(error)) from error
    return "unknown version"


def binaries() -> list[Binary]:
    return []


def plan(binary: Binary, folder: Path, port: int) -> Plan:
    raise NoService(f"{binary.path} is of an unknown kind ({folder}, {port}).")


def keep(_url: str) -> None:
    """It writes everything down when it is asked to end."""


def namespace(
    url: str, name: str, _isolation: str, prepare: Preparation | None, _fixed: Sequence[str] = ()
) -> Namespace:
    """Only a name: what can be done with it is in the world's own options."""
    if prepare is not None:
        prepare.run(url)
    return Namespace(name, url)


def drop_all(_url: str, _prefix: str) -> None:
    """What an unknown service holds goes when it is ended."""


def made(_url: str) -> list[str]:
    """Nobody to ask."""
    return []


def members(_url: str) -> list[str]:
    """One server."""
    return []


def waits(url: str) -> Waits | None:
    """Who waits for a lock in a database of MySQL or MariaDB; of anything else nobody can be asked."""
    return MysqlWaits(url) if can_ask(url) else None


def tables(_url: str, _name: str) -> Tables | None:
    """Nothing is known of its tables."""
    return None
