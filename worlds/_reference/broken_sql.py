"""The mutants of the SQL reference worlds: statements without their guards."""

from __future__ import annotations

from conformance.world import rows

from . import sql
from .mutants import BrokenAnswers
from .refusal import refusal
from .sql_world import SqlWorld, Taken, Values

_KEYS = {"step": "run_id, step_id", "wait": "run_id, wait_id", "hook": "run_id, hook_id"}


def unguarded(kind: str) -> str:
    """The statement of an event with nothing that could refuse it. A second creation overwrites the first."""
    text = sql.MOVES[kind]
    for guard in sql.GUARDS:
        text = text.replace(guard, "")
    overwrite = (
        f"ON CONFLICT ({_KEYS.get(kind[:4])}) DO UPDATE SET made = excluded.made, updated = excluded.updated"
    )
    return text.replace("ON CONFLICT DO NOTHING", overwrite).replace("coalesce(started, :at)", ":at")


class BrokenSql(BrokenAnswers, SqlWorld):
    """Mixed in before the reference of one database."""

    def schema(self) -> str:
        if self.broken.name != "token-not-atomic":
            return super().schema()
        return (
            super()
            .schema()
            .replace("UNIQUE INDEX IF NOT EXISTS hooks_live_token", "INDEX IF NOT EXISTS hooks_token")
        )

    def releases(self, kind: str) -> bool:
        return self.broken.name != "hooks-kept" and super().releases(kind)

    def statement(self, kind: str) -> str:
        if kind == "step_started" and self.broken.name == "attempt-lost":
            return super().statement(kind).replace("attempt = attempt + 1", "attempt = :seen")
        return unguarded(kind) if kind in self.broken.kinds else super().statement(kind)

    async def transition(self, kind: str, values: Values) -> Taken:
        if self.broken.looks and kind in self.broken.kinds:
            refused = await self._look_first(kind, values)
            if refused is not None:
                return refused
        if kind == "step_started" and self.broken.name == "attempt-lost":
            rows = await self.look("step", values["run"], values["id"])
            values = values | {"seen": rows[0]["attempt"] + 1 if rows else 1}
        return await super().transition(kind, values)  # type: ignore[safe-super]

    async def _look_first(self, kind: str, values: Values) -> Taken | None:
        """The guard, asked in round trips of its own; None when the event may be taken as things were."""
        runs = await self.look("run", values["run"])
        family = kind.partition("_")[0]
        found = runs if family == "run" else await self.look(family, values["run"], values["id"])
        run, row = runs[0] if runs else None, found[0] if found else None
        states = (state["status"] if state else None for state in (run, row))
        due = (row or {}).get("due") or 0
        if refusal(kind, *states, wait_ms=due - values["at"]) is not None:
            return Taken(run["status"] if run else None, row, None)
        if kind == "hook_created":
            keys = [rows("hooks", token=values["token"])]
            if await self.rows("SELECT hook", "read", keys, sql.HOOK_BY_TOKEN, values):
                entry = values | {"entry": values["conflict"]}
                logged = await self.rows("INSERT event", "write", [values["run"]], sql.APPEND, entry)
                return Taken("running", None, logged[0]["position"], conflict=True)
        return None
