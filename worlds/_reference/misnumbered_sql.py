"""The counter that SQL worlds draw positions from, when they do so before the write."""

from __future__ import annotations

from typing import Final

from . import sql
from .misnumbered import Misnumbered
from .sql_world import SqlWorld

_TABLE: Final = "CREATE TABLE IF NOT EXISTS counters (run_id text PRIMARY KEY, n bigint NOT NULL)"
_DRAW: Final = (
    "INSERT INTO counters (run_id, n) VALUES (:run, CAST(:step AS bigint)) "
    "ON CONFLICT (run_id) DO UPDATE SET n = counters.n + excluded.n RETURNING n"
)


class MisnumberedSql(Misnumbered, SqlWorld):
    """Mixed in before the reference of one database."""

    def schema(self) -> str:
        return f"{sql.SCHEMA.rstrip()};\n{_TABLE}"

    async def drawn(self, run_id: str, step: int) -> int:
        found = await self.rows("UPDATE counter", "write", [run_id], _DRAW, {"run": run_id, "step": step})
        return int(found[0]["n"])
