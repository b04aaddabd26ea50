"""Who waits for a lock in a database of MySQL or MariaDB (InnoDB)."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import re
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from conformance.core.errors import NoService
from conformance.core.text import error_line

SCHEMES: Final = frozenset({"mysql", "mysql2", "mariadb"})
_PORT: Final = 3306
#: Who is connected to this database, and whether it waits for a named lock, or that of a table.
_CONNECTED: Final = (
    "SELECT ID, STATE = 'User lock' OR STATE LIKE 'Waiting for % lock' FROM information_schema.PROCESSLIST "
    "WHERE DB = DATABASE()"
)
#: Locks of rows, where the server lists who waits: ids of connections.
_ROWS: Final = (
    "SELECT DISTINCT t.PROCESSLIST_ID FROM performance_schema.data_lock_waits w "
    "JOIN performance_schema.threads t ON t.THREAD_ID = w.REQUESTING_THREAD_ID"
)
#: MariaDB has no such list, but for one that it renews ten times a second at most. Its counter of waits is
#: lowered by whoever waited, when it has woken up. Whoever lets go takes away the mark that this text shows.
_MONITOR: Final = "SHOW ENGINE INNODB STATUS"
_WAITING: Final = re.compile(
    r"^---TRANSACTION .*\n(?:mysql tables .*\n)?LOCK WAIT .*\nMariaDB thread id (\d+),", re.MULTILINE
)


def waiting_in(monitor: str) -> set[int]:
    """The ids of the connections that wait for a row, in the text of InnoDB's monitor."""
    return {int(ident) for ident in _WAITING.findall(monitor)}


def can_ask(url: str) -> bool:
    """Whether a URL is of such a database, and its client (PyMySQL) is installed."""
    return urlsplit(url).scheme in SCHEMES and importlib.util.find_spec("pymysql") is not None


class MysqlWaits:
    """A connection of its own that asks who waits. Raises :class:`NoService` when it cannot connect."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pymysql: Any = importlib.import_module("pymysql")
        try:
            self._connect()
        except self._pymysql.MySQLError as error:
            raise self._cannot(error) from error

    def _connect(self) -> None:
        parts = urlsplit(self._url)
        self._session = self._pymysql.connect(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or _PORT,
            user=unquote(parts.username or "root"),
            password=unquote(parts.password or ""),
            database=unquote(parts.path.lstrip("/")) or None,
            autocommit=True,
            connect_timeout=10,
            read_timeout=10,
        )
        self._has_list = "MariaDB" not in self._session.server_version

    def count(self) -> int:
        """How many connections wait. Raises :class:`NoService` when the server is gone."""
        errors = self._pymysql.MySQLError, OSError
        try:
            return self._count()
        except errors:
            self.close()
        try:
            self._connect()  # the server was restarted
            return self._count()
        except errors as error:
            raise self._cannot(error) from error

    def _count(self) -> int:
        with self._session.cursor() as cursor:
            cursor.execute(_CONNECTED)
            connected = {ident: bool(waits) for ident, waits in cursor.fetchall()}
            cursor.execute(_ROWS if self._has_list else _MONITOR)
            rows = cursor.fetchall()
        for_rows = {row[0] for row in rows} if self._has_list else waiting_in(rows[0][2])
        return sum(named or ident in for_rows for ident, named in connected.items())

    def close(self) -> None:
        with contextlib.suppress(self._pymysql.MySQLError, OSError):
            self._session.close()

    def _cannot(self, error: Exception) -> NoService:
        return NoService(
            f"MySQL cannot be asked who waits for locks: {error_line(error)}.",
            "The user of the URL needs the right PROCESS, and SELECT on performance_schema.",
        )
