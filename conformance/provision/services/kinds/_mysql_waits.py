"""Who waits for a lock in a database of MySQL or MariaDB (InnoDB)."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from conformance.core.errors import NoService
from conformance.core.text import error_line

SCHEMES: Final = frozenset({"mysql", "mysql2", "mariadb"})
_PORT: Final = 3306
#: Named locks, and locks of tables and of their definitions.
_NAMED: Final = (
    "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() "
    "AND (STATE = 'User lock' OR STATE LIKE 'Waiting for % lock')"
)
#: Locks of rows, where the server lists who waits.
_ROWS: Final = (
    "SELECT COUNT(DISTINCT w.REQUESTING_THREAD_ID) FROM performance_schema.data_lock_waits w "
    "JOIN performance_schema.threads t ON t.THREAD_ID = w.REQUESTING_THREAD_ID "
    "WHERE t.PROCESSLIST_DB = DATABASE()"
)
#: MariaDB lists them in tables that it renews ten times a second at most. So its counter is asked, which is
#: of all databases: no more of them than the statements that are under way in this one.
_ROWS_OF_MARIADB: Final = (
    "SELECT LEAST((SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() "
    "AND COMMAND IN ('Query', 'Execute') AND ID <> CONNECTION_ID()), "
    "(SELECT VARIABLE_VALUE + 0 FROM information_schema.GLOBAL_STATUS "
    "WHERE VARIABLE_NAME = 'INNODB_ROW_LOCK_CURRENT_WAITS'))"
)


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
        rows = _ROWS_OF_MARIADB if "MariaDB" in self._session.server_version else _ROWS
        self._ask = f"SELECT ({_NAMED}) + ({rows})"

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
            cursor.execute(self._ask)
            (count,) = cursor.fetchone()
        return int(count)

    def close(self) -> None:
        with contextlib.suppress(self._pymysql.MySQLError, OSError):
            self._session.close()

    def _cannot(self, error: Exception) -> NoService:
        return NoService(
            f"MySQL cannot be asked who waits for locks: {error_line(error)}.",
            "The user of the URL needs the right PROCESS, and SELECT on performance_schema.",
        )
