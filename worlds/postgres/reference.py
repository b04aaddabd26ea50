"""The reference world on PostgreSQL: a short transaction per transition, the run's row locked first.

The lock makes all transitions of a run take turns, so that each statement after it sees what was committed
before (READ COMMITTED takes a new snapshot per statement), and the log's positions are in commit order. The
guard itself is in the statement: a conditional UPDATE or INSERT that writes the event with it, or nothing.

One statement alone, without the lock, is not enough where two tables are involved: an UPDATE that waited for
a row sees its newest version, but a DELETE or SELECT beside it still sees the snapshot from before the
wait, so a run could end and leave alive a hook that was created while it waited.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any
from weakref import WeakValueDictionary

import asyncpg  # type: ignore[import-untyped, import-not-found, unused-ignore]

from conformance.world import Access, Key, gate

from .._reference import sql
from .._reference.line import line_of
from .._reference.mutants import Breakable
from .._reference.shapes import ENDS_RUN, NEXT, family_of, touches
from .._reference.sql_world import Row, SqlWorld, Taken, Values

#: Two processes that both create tables "if not exists" collide in the catalogue without it.
_SETUP_LOCK = "SELECT pg_advisory_xact_lock(8215401)"


class PostgresWorld(Breakable, SqlWorld):
    """Storage and queue on the database at ``url``; tables are made when they are missing."""

    name = "postgres:reference"
    locking = " FOR UPDATE SKIP LOCKED"
    disconnected = (
        ConnectionError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        asyncpg.InterfaceError,
    )
    _pool: asyncpg.Pool

    def __init__(
        self,
        url: str = "postgres://postgres@localhost:5432/postgres",
        pool_size: int = 4,
        spec: str = "",
        mutant: str = "",  # noqa: ARG002 - chooses a subclass, see Breakable
    ) -> None:
        self.line = line_of(spec)
        self._url = url
        self._pool_size = pool_size
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def made_for(self) -> object:
        return self.schema()

    async def open(self) -> None:
        """Connect the whole pool and create the tables."""

        async def nothing(_connection: Any) -> None:
            """What a connection needs when it is given back: nothing, for we leave nothing behind."""

        self._pool = await asyncpg.create_pool(
            self._url,
            min_size=self._pool_size,
            max_size=self._pool_size,
            reset=nothing,
            server_settings={"application_name": os.environ.get("PGAPPNAME", self.name)},
        )
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SETUP_LOCK)
            await connection.execute(self.schema())

    async def close(self) -> None:
        await self._pool.close()

    #: The first statement of a transition.
    lock = "SELECT * FROM runs WHERE run_id = :run FOR UPDATE"

    async def transitions(self, asked: Sequence[tuple[str, Values]]) -> list[Taken]:
        """Lock the run; then for each event move the entity and append it in one statement, or say what is
        there."""
        run_id: str = asked[0][1]["run"]
        kinds = ", ".join(kind for kind, _ in asked)
        keys = [key for kind, values in asked for key in touches(kind, run_id, values.get("token"))]
        # Two calls of this process on one run wait here for each other, not with a connection each.
        turn = self._turns.setdefault(run_id, asyncio.Lock())
        async with turn, self.transport(), self._pool.acquire() as connection:
            transaction = connection.transaction()
            async with gate(f"BEGIN; SELECT run {run_id} FOR UPDATE", "write", [run_id]):
                await transaction.start()
                run = await self._fetch(connection, self.lock, {"run": run_id})
            try:
                async with gate(f"{kinds} {run_id}; COMMIT", "write", keys):
                    taken: list[Taken] = []
                    state = run and run["status"]
                    for kind, values in asked:
                        whole = self.with_attributes(values, run)
                        taken.append(await self._move(connection, kind, whole, state))
                        if kind in ENDS_RUN and taken[-1].position is not None:
                            state = NEXT[kind]
                    await transaction.commit()
            except BaseException:
                await transaction.rollback()
                raise
        return taken

    async def _move(self, connection: Any, kind: str, values: Values, run: str | None) -> Taken:
        if run is None and kind != "run_created":
            return Taken(None, None, None)  # there was nothing to lock
        if values["once"] is not None:
            known = await self._fetch(connection, sql.KNOWN, values)
            if known is not None:
                return Taken(run, None, None, known=known)
        moved = await self._fetch(connection, self._with_log(kind), values)
        if moved is not None:
            return Taken(run, moved, moved["position"])
        seen = await self._fetch(connection, sql.LOOK[family_of(kind)], values)
        if kind == "hook_created" and run in ("pending", "running") and seen is None:
            # The run is live and the hook is new, so it is the token that was refused.
            logged = await self._fetch(connection, sql.APPEND, values | {"entry": values["conflict"]})
            return Taken(run, None, logged["position"], conflict=True)
        return Taken(run, seen, None)

    def _with_log(self, kind: str) -> str:
        """The move, what it releases, and its event or two, as one statement."""
        released = f", released AS ({sql.RELEASE} AND EXISTS (SELECT FROM moved))"
        return (
            f"WITH moved AS ({self.statement(kind)}){released if self.releases(kind) else ''}, "
            f"logged AS ({sql.append_if_moved(kind)}) "
            "SELECT moved.*, (SELECT max(position) FROM logged) AS position FROM moved"
        )

    @staticmethod
    async def _fetch(connection: Any, text: str, values: Values) -> Any:
        statement, parameters = sql.bind(text, values, "$")
        return await connection.fetchrow(statement, *parameters)

    async def rows(
        self, label: str, access: Access, keys: Sequence[Key], text: str, values: Values
    ) -> list[Row]:
        statement, parameters = sql.bind(text, values, "$")
        async with self.transport(), self._pool.acquire() as connection, gate(label, access, keys):
            return list(await connection.fetch(statement, *parameters))
