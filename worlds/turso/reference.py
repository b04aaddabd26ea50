"""The reference world on libSQL (and SQLite): one immediate transaction per transition.

``BEGIN IMMEDIATE`` takes the database's one write lock before anything is read, so between reading and
writing nobody else writes. (A plain ``BEGIN`` reads first and asks for the lock at the first write: two such
transactions both read "pending", and one of them fails half way with SQLITE_BUSY.)

The library waits for a lock with the interpreter held, so the wait is done here: the event loop goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import libsql  # type: ignore[import-untyped, import-not-found, unused-ignore]

from conformance.world import Access, Key, gate

from .._reference import sql
from .._reference.line import line_of
from .._reference.mutants import Breakable
from .._reference.shapes import family_of, touches
from .._reference.sql_world import Row, SqlWorld, Taken, Values

_LOCK_POLL = 0.002


class TursoWorld(Breakable, SqlWorld):
    """Storage and queue in the database file at ``path``; a call waits ``lock_seconds`` for its lock."""

    name = "turso:reference"

    def __init__(
        self,
        path: str,
        lock_seconds: float = 30,
        spec: str = "",
        mutant: str = "",  # noqa: ARG002 - chooses a subclass, see Breakable
    ) -> None:
        self.line = line_of(spec)
        self._path = path
        self._lock_seconds = lock_seconds
        # One connection has one transaction at a time.
        self._turn = asyncio.Lock()

    def made_for(self) -> object:
        return self.schema()

    async def open(self) -> None:
        """Open the file and create the tables."""
        self._connection = libsql.connect(self._path, isolation_level=None, timeout=0)
        # Readers do not wait for writers, and nothing is flushed before a checkpoint.
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL"):
            await self._waiting(f"PRAGMA {pragma}")
        async with self._transaction():
            for statement in self.schema().split(";"):
                self._connection.execute(statement)

    async def close(self) -> None:
        self._connection.close()

    async def transitions(self, asked: Sequence[tuple[str, Values]]) -> list[Taken]:
        """Take the write lock; for each event move the entity, release, and append it, or say what is there.

        One gate for all of it: the file is on this machine, and until COMMIT nobody else sees or writes.
        """
        run_id: str = asked[0][1]["run"]
        keys = [key for kind, values in asked for key in touches(kind, run_id, values.get("token"))]
        label = f"BEGIN IMMEDIATE; {', '.join(kind for kind, _ in asked)} {run_id}; COMMIT"
        async with self._turn, self.transport(), gate(label, "write", keys), self._transaction():
            return [self._move(kind, values) for kind, values in asked]

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        await self._waiting("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise

    def _move(self, kind: str, values: Values) -> Taken:
        run = self._one(sql.LOOK["run"], values)
        state = run["status"] if run else None
        if values["once"] is not None:
            known = self._one(sql.KNOWN, values)
            if known is not None:
                return Taken(state, None, None, known=known)
        values = self.with_attributes(values, run)
        moved = self._one(self.statement(kind), values)
        if moved is not None:
            if self.releases(kind):
                self._run(sql.RELEASE, values)
            if values["created"] is not None:
                self._append(values["created"], values)
            return Taken(state, moved, self._append(values["entry"], values))
        seen = self._one(sql.LOOK[family_of(kind)], values)
        if kind == "hook_created" and state in ("pending", "running") and seen is None:
            # The run is live and the hook is new, so it is the token that was refused.
            return Taken(state, None, self._append(values["conflict"], values), conflict=True)
        return Taken(state, seen, None)

    def _append(self, entry: str, values: Values) -> int:
        (row,) = self._run(sql.APPEND, values | {"entry": entry})
        return int(row["position"])

    def _one(self, text: str, values: Values) -> Row | None:
        rows = self._run(text, values)
        return rows[0] if rows else None

    def _run(self, text: str, values: Values) -> list[Row]:
        cursor = self._connection.execute(*sql.bind(text, values, "?"))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()] if names else []

    async def _waiting(self, statement: str) -> None:
        """Run a statement that wants the lock, when it is free. Raises what the library does in the end."""
        deadline = time.monotonic() + self._lock_seconds
        while True:
            try:
                self._connection.execute(statement).fetchall()
            except ValueError as error:  # the library has no class for it
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
            else:
                return
            await asyncio.sleep(_LOCK_POLL)

    async def rows(
        self, label: str, access: Access, keys: Sequence[Key], text: str, values: Values
    ) -> list[Row]:
        async with self._turn, self.transport(), gate(label, access, keys):
            if access == "read":
                return self._run(text, values)
            async with self._transaction():
                return self._run(text, values)
