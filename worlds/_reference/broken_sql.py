"""The mutants of the SQL reference worlds: statements without their guards."""

from __future__ import annotations

from conformance.world import rows

from . import sql
from .mutants import BrokenAnswers
from .operators import BrokenReads
from .refusal import refusal
from .shapes import touches
from .sql_operators import schema_of, without
from .sql_world import Row, SqlWorld, Taken, Values

_KEYS = {"run_": "run_id", "step": "run_id, step_id", "wait": "run_id, wait_id", "hook": "run_id, hook_id"}


def unguarded(kind: str) -> str:
    """The statement of an event with nothing that could refuse it. A second creation overwrites the first."""
    text = sql.MOVES[kind]
    for guard in sql.GUARDS:
        text = text.replace(guard, "")
    overwrite = (
        f"ON CONFLICT ({_KEYS.get(kind[:4])}) DO UPDATE SET made = excluded.made, updated = excluded.updated"
    )
    return text.replace("ON CONFLICT DO NOTHING", overwrite).replace("coalesce(started, :at)", ":at")


class BrokenSql(BrokenReads, BrokenAnswers, SqlWorld):
    """Mixed in before the reference of one database."""

    def schema(self) -> str:
        schema = schema_of(self.broken, super().schema())
        if self.broken.name != "token-not-atomic" and self.broken.kinds != {"hook_created"}:
            return schema
        return schema.replace(
            "UNIQUE INDEX IF NOT EXISTS hooks_live_token", "INDEX IF NOT EXISTS hooks_token"
        )

    def made_for(self) -> object:
        # A statement that lacks its key changes what others have left.
        return self.broken if self.broken.operator == "key-narrowed" else self.schema()

    def releases(self, kind: str) -> bool:
        if self.broken.name == "hooks-kept" or self.broken.does("released-later", kind):
            return False
        return super().releases(kind)

    def statement(self, kind: str) -> str:
        if kind == "step_started" and self.broken.name == "attempt-lost":
            return super().statement(kind).replace("attempt = attempt + 1", "attempt = :seen")
        if kind in self.broken.kinds:
            return unguarded(kind)
        return without(self.broken, kind, super().statement(kind))

    async def transition(self, kind: str, values: Values) -> Taken:
        if self.broken.does("logged-later", kind) or self.broken.does("logged-first", kind):
            return await self._in_two(kind, values, first=self.broken.operator == "logged-first")
        taken = await self._guarded(kind, values)
        if taken.position is None or taken.conflict:
            return taken
        run_id = values["run"]
        if self.broken.does("released-later", kind):
            await self.rows("UPDATE hooks", "write", [run_id, rows("hooks", run=run_id)], sql.RELEASE, values)
        if self.broken.does("expired", kind):
            family = kind.partition("_")[0]
            drop = f"DELETE FROM {family}s WHERE run_id = :run AND {family}_id = :id"
            await self.rows(f"DELETE {family}", "write", [run_id, rows("hooks", run=run_id)], drop, values)
        return taken

    async def _in_two(self, kind: str, values: Values, *, first: bool) -> Taken:
        """The entity and the log, each in a transaction of its own."""
        run_id, logged = values["run"], []
        if first:
            refused = await self._look_first(kind, values)
            if refused is not None:
                return refused
            logged = await self._log_alone(values)
        keys = touches(kind, run_id, values.get("token"))
        moved = await self.rows(f"{kind} {run_id}", "write", keys, self.statement(kind), values)
        runs = await self.look("run", run_id) if not moved else []
        if not moved:
            family = kind.partition("_")[0]
            seen = runs if family == "run" else await self.look(family, run_id, values["id"])
            run = runs[0]["status"] if runs else None
            if kind == "hook_created" and run in ("pending", "running") and not seen:
                taken = await self._log_alone(values | {"entry": values["conflict"]})
                return Taken(run, None, taken[0]["position"], conflict=True)
            return Taken(run, seen[0] if seen else None, None)
        if self.releases(kind):
            await self.rows("UPDATE hooks", "write", keys, sql.RELEASE, values)
        logged = logged or await self._log_alone(values)
        return Taken(None, moved[0], logged[0]["position"])

    async def _log_alone(self, values: Values) -> list[Row]:
        return await self.rows("INSERT event", "write", [values["run"]], sql.APPEND, values)

    async def _guarded(self, kind: str, values: Values) -> Taken:
        if self.broken.looks and kind in self.broken.kinds:
            refused = await self._look_first(kind, values)
            if refused is not None:
                return refused
        if kind == "step_started" and self.broken.name == "attempt-lost":
            rows = await self.look("step", values["run"], values["id"])
            values = values | {"seen": rows[0]["attempt"] + 1 if rows else 1}
        return await super().transition(kind, values)

    async def _look_first(self, kind: str, values: Values) -> Taken | None:
        """The guard, asked in round trips of its own; None when the event may be taken as things were."""
        runs = await self._seen("run", values["run"])
        family = kind.partition("_")[0]
        found = runs if family == "run" else await self._seen(family, values["run"], values["id"])
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

    async def _seen(self, family: str, run_id: str, entity_id: str | None = None) -> list[Row]:
        """What is there; with a cache, what was there when this process first looked."""
        if self.broken.operator != "guard-cached":
            return await self.look(family, run_id, entity_id)
        kept: dict[tuple[str, str, str | None], list[Row]] = self.__dict__.setdefault("_looked", {})
        key = (family, run_id, entity_id)
        if not kept.get(key):
            kept[key] = await self.look(family, run_id, entity_id)
        return kept[key]
