"""PostgreSQL: a database for each namespace, copied from one that was set up once."""

from __future__ import annotations

import contextlib
import getpass
import socket
import ssl
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from conformance.core.errors import NoService
from conformance.core.text import error_line
from conformance.provision.rows.tables import Tables
from conformance.provision.services.kinds import (
    NotReadyError,
    Preparation,
    Waits,
    WrongServerError,
    driver,
)
from conformance.provision.services.kinds._postgres_server import FAST, binaries, plan  # noqa: F401 (of this kind)
from conformance.provision.services.kinds._postgres_tables import tables_of
from conformance.provision.services.runs import MARK
from conformance.provision.services.service import Namespace, with_path

SCHEMES = ("postgres", "postgresql")
PORT = 5432
KEPT_SINCE = (15,)
IMAGES = ("postgres", "postgresql")
CONTAINER_ARGS = ("postgres", *(word for key, value in FAST.items() for word in ("-c", f"{key}={value}")))
#: the code of the message that asks for encryption
_SSL_REQUEST = 80877103
#: SQLSTATEs: starting up or shutting down, too many clients
_LATER = frozenset({"57P03", "57P01", "53300"})


def url(host: str, port: int, env: Mapping[str, str]) -> str:
    user = env.get("POSTGRES_USER", "postgres")
    password = env.get("POSTGRES_PASSWORD", "")
    login = f"{user}:{password}" if password else user
    return f"postgres://{login}@{host}:{port}/{env.get('POSTGRES_DB', user)}"


def _detail(error: BaseException) -> dict[str, str]:
    """The fields of an error of the server: ``C`` is the SQLSTATE, ``M`` the message."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, dict) else {}


def _connect(url: str, timeout: float = 10.0) -> Any:
    """A connection that commits each statement by itself (``CREATE DATABASE`` wants that)."""
    pg = driver("pg8000.native", "pg8000")
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or PORT
    sock = socket.create_connection((host, port), timeout)
    # Two small writes in a row would otherwise wait 40 ms for each other.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        return pg.Connection(
            unquote(parts.username or getpass.getuser()),
            host=host,
            port=port,
            database=unquote(parts.path.lstrip("/")) or None,
            password=unquote(parts.password) if parts.password is not None else None,
            ssl_context=_tls(parse_qs(parts.query).get("sslmode", ["prefer"])[0]),
            timeout=timeout,
            application_name="world-conformance",
            sock=sock,
        )
    except BaseException:
        sock.close()
        raise


@contextlib.contextmanager
def _session(url: str, timeout: float = 10.0) -> Iterator[Any]:
    session = _connect(url, timeout)
    try:
        yield session
    finally:
        session.close()


def _tls(mode: str) -> ssl.SSLContext | None:
    """libpq's ``sslmode``: encrypted from ``require`` on, verified from ``verify-ca`` on."""
    if mode in ("disable", "allow", "prefer"):
        return None
    context = ssl.create_default_context()
    context.check_hostname = mode == "verify-full"
    if mode == "require":
        context.verify_mode = ssl.CERT_NONE
    return context


def check(url: str, timeout: float) -> str:
    errors = driver("pg8000.exceptions", "pg8000")
    try:
        _greet(url, timeout)
        with _session(url, timeout) as session:
            version = str(session.run("SHOW server_version")[0][0])
    except errors.DatabaseError as error:
        detail = _detail(error)
        said = str(detail.get("M", error))
        if detail.get("C") in _LATER:
            raise NotReadyError(said) from error
        raise WrongServerError(f"it refuses us ({said})") from error
    except errors.InterfaceError as error:
        # "Can't create a connection" is a refused one; anything else is another protocol.
        if isinstance(error.__cause__ or error.__context__, OSError):
            raise NotReadyError(str(error)) from error
        raise WrongServerError(f"it does not answer like PostgreSQL ({error})") from error
    except OSError as error:
        raise NotReadyError(str(error)) from error
    return f"postgres {version.split(maxsplit=1)[0]}"


def _greet(url: str, timeout: float) -> None:
    """Ask for encryption, which every PostgreSQL answers with one letter. Its client trusts what it reads.

    Raises ``OSError`` and :class:`WrongServerError`.
    """
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or PORT), timeout) as sock:
        sock.sendall(struct.pack("!ii", 8, _SSL_REQUEST))
        answer = sock.recv(1)
    if answer not in (b"S", b"N", b"E"):
        raise WrongServerError("it does not answer like PostgreSQL")


def keep(_url: str) -> None:
    """It writes everything down when it is asked to end."""


def namespace(
    url: str, name: str, isolation: str, prepare: Preparation | None, _fixed: Sequence[str] = ()
) -> Namespace:
    """A database called ``name``, unless fresh run ids are enough: then the one of the URL."""
    if isolation != "database":
        if prepare is not None:
            prepare.run(url)
        return Namespace(name, url)
    own = with_path(url, name)
    if prepare is None:
        _run(url, f"CREATE DATABASE {_quoted(name)}")
    else:
        _once(url, prepare)
        _run(url, f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(prepare.label)}")
    return Namespace(name, own, lambda: _drop(url, name))


def _once(url: str, prepare: Preparation) -> None:
    """Make the template database, if no other worker has; an advisory lock keeps two from trying.

    Its name means that it is complete, so it is set up under another name first.
    """
    with _session(url, timeout=180.0) as session:
        session.run("SELECT pg_advisory_lock(hashtext(:label))", label=prepare.label)
        if session.run("SELECT 1 FROM pg_database WHERE datname = :label", label=prepare.label):
            return
        raw = f"{prepare.label[:56]}_raw"
        session.run(f"DROP DATABASE IF EXISTS {_quoted(raw)} WITH (FORCE)")
        session.run(f"CREATE DATABASE {_quoted(raw)}")
        prepare.run(with_path(url, raw))
        session.run(f"ALTER DATABASE {_quoted(raw)} RENAME TO {_quoted(prepare.label)}")


def _drop(url: str, name: str) -> None:
    _run(url, f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")


def drop_all(url: str, prefix: str) -> None:
    with _session(url) as session:
        rows = session.run(
            "SELECT datname FROM pg_database WHERE starts_with(datname, :prefix)", prefix=prefix
        )
        for (name,) in rows:
            session.run(f"DROP DATABASE IF EXISTS {_quoted(str(name))} WITH (FORCE)")


class _Waits:
    """A connection of its own that asks who waits: 0.3 ms a question."""

    _ASK = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event_type = 'Lock' AND cardinality(pg_blocking_pids(pid)) > 0"
    )

    def __init__(self, url: str) -> None:
        self._url = url
        self._connect()

    def _connect(self) -> None:
        self._session = _connect(self._url)
        self._ask = self._session.prepare(self._ASK)

    def count(self) -> int:
        """Raises :class:`NoService` when the server is gone."""
        errors = driver("pg8000.exceptions", "pg8000")
        try:
            return int(self._ask.run()[0][0])
        except (errors.Error, OSError):
            self.close()
        try:
            self._connect()  # the server was restarted
            return int(self._ask.run()[0][0])
        except (errors.Error, OSError) as error:
            raise NoService(f"PostgreSQL cannot be asked who waits for locks: {error_line(error)}") from error

    def close(self) -> None:
        with contextlib.suppress(driver("pg8000.exceptions", "pg8000").Error, OSError):
            self._session.close()


def made(url: str) -> list[str]:
    with _session(url) as session:
        rows = session.run("SELECT datname FROM pg_database WHERE starts_with(datname, :mark)", mark=MARK)
        return [str(name) for (name,) in rows]


def members(_url: str) -> list[str]:
    """One server."""
    return []


def waits(url: str) -> Waits | None:
    """Who waits for a lock in the database of ``url``."""
    return _Waits(url)


def tables(url: str, _name: str) -> Tables | None:
    with _session(url) as session:
        return tables_of(session)


def _run(url: str, statement: str) -> None:
    try:
        with _session(url, timeout=60.0) as session:
            session.run(statement)
    except driver("pg8000.exceptions", "pg8000").DatabaseError as error:
        raise NoService(
            f"PostgreSQL refused {statement!r}: {_detail(error).get('M', error)}.",
            "The user of the URL needs the right to create databases.",
        ) from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
