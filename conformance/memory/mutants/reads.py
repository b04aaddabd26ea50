"""Worlds that take every event as they should, and lose or change something of what is read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.core.gates import Gate
from conformance.memory.mutants.mutant import Mutant, mapped, storage
from conformance.memory.mutants.ways import Broken
from conformance.memory.world import MemoryWorld
from conformance.spec.table import Row, index
from conformance.spec.vocabulary import CREATIONS, Entity, Event, not_found


class _LosesInput(Broken):
    def step_entity(self, run_id: str, step_id: str) -> Entity:
        return {**super().step_entity(run_id, step_id), "input": None}


class _LosesError(Broken):
    def run_entity(self, run_id: str) -> Entity:
        return {**super().run_entity(run_id), "error": None}


class _LosesCode(Broken):
    def run_entity(self, run_id: str) -> Entity:
        run = super().run_entity(run_id)
        error = run.get("error")
        return {**run, "error": {**error, "code": None}} if isinstance(error, dict) else run


class _LosesStepName(Broken):
    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        data = stored.get("eventData") or {}
        stored["eventData"] = {name: data[name] for name in data if name != "stepName"}
        return stored


class _ForgetsStart(Broken):
    def run_entity(self, run_id: str) -> Entity:
        run = super().run_entity(run_id)
        return {**run, "startedAt": None} if run["status"] == "completed" else run


class _ForgetsEnd(Broken):
    def run_entity(self, run_id: str) -> Entity:
        return {**super().run_entity(run_id), "completedAt": None}


class _LosesDate(Broken):
    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        if event["eventType"] == "wait_created":
            stored["eventData"] = {}
        return stored


class _MakesText(Broken):
    """What is no UTF-8 does not survive."""

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        result = (event.get("eventData") or {}).get("result")
        if isinstance(result, bytes):
            text = result.decode("utf-8", "replace").replace("\0", "")
            stored["eventData"] = {**event["eventData"], "result": text.encode()}
        return stored


class _EmptyIsNothing(Broken):
    def step_entity(self, run_id: str, step_id: str) -> Entity:
        step = super().step_entity(run_id, step_id)
        return {**step, "output": step["output"] or None}


class _IgnoresOrder(Broken):
    def page_of_log(self, run_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        return super().page_of_log(run_id, {**asked, "sortOrder": "asc"})


class _IgnoresLimit(Broken):
    def page_of_log(self, run_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        return super().page_of_log(run_id, {**asked, "limit": None})


class _CursorSkips(Broken):
    """Its cursor stands behind the first entry of the next page."""

    def page(self, entries: Sequence[Entity], key: str, params: Mapping[str, Any]) -> dict[str, Any]:
        page = super().page(entries, key, params)
        if not page["hasMore"]:
            return page
        asked = {**(params.get("pagination") or {}), "cursor": page["cursor"], "limit": 1}
        return {**page, "cursor": super().page(entries, key, {"pagination": asked})["cursor"]}


class _ListsFirstPage(Broken):
    """Says of every page of steps that it is the last."""

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return {**await super().steps_list(params), "hasMore": False}


class _ListsEveryStatus(Broken):
    """Lists the runs of a workflow, whatever the status that is asked for."""

    async def runs_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return await super().runs_list({**params, "status": None})


class _KeepsTokens(Broken):
    """Finds a hook by its token once it was disposed of."""

    async def hooks_get_by_token(self, token: str) -> Entity:
        for hook_id, hook in self.state.hooks.items():
            if hook.token == token:
                return self.hook_entity(hook_id)
        raise not_found("no hook with that token")


class _CancelsNothing(Broken):
    """Cancels a run that does not exist."""

    def look_up(self, run_id: str, event: Event) -> Row:
        if event["eventType"] == "run_cancelled" and run_id not in self.state.runs:
            return index(4)["run_cancelled", "cancelled", "cancelled", ""]
        return super().look_up(run_id, event)

    def result(self, run_id: str, event: Event, stored: Event | None = None) -> dict[str, Any]:
        return super().result(run_id, event, stored) if run_id in self.state.runs else {}


class _CreatesInNothing(Broken):
    """Creates steps, waits and hooks of a run that does not exist."""

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        if event["eventType"] in CREATIONS and run_id not in self.state.runs:
            return index(4)[event["eventType"], "running", "missing", ""]
        return row


class _ReadsRunInTwo(MemoryWorld):
    """Reads the output of a run, and then its status."""

    async def runs_get(self, run_id: str) -> Entity:
        before = await super().runs_get(run_id)
        await Gate(f"read status of {run_id}", "read", (run_id,))
        return {**before, "status": self.run_entity(run_id)["status"]}


MUTANTS = (
    Mutant(
        "reads-run-in-two",
        "Reads the output of a run, and then its status: a poll sees completed and no output.",
        mapped("run_completed~runs.get@running", "read.run-whole"),
        _ReadsRunInTwo,
    ),
    Mutant("input-lost", "Keeps no input of a step.", storage(0, "data.kept"), _LosesInput),
    Mutant("error-lost", "Keeps no error of a run.", storage(0, "data.kept"), _LosesError),
    Mutant("code-lost", "Keeps no code of a run's error.", storage(0, "data.kept"), _LosesCode),
    Mutant(
        "step-name-lost",
        "Logs events without the name of their step.",
        storage(0, "stored.whole"),
        _LosesStepName,
    ),
    Mutant(
        "start-cleared",
        "Clears when a run was started once it is completed.",
        storage(0, "run.started-at-once"),
        _ForgetsStart,
    ),
    Mutant(
        "end-forgotten",
        "Keeps no time at which a run ended.",
        storage(0, "data.kept", "stored.whole"),
        _ForgetsEnd,
    ),
    Mutant("date-lost", "Logs a wait without its resumeAt.", storage(0, "data.kept"), _LosesDate),
    Mutant("bytes-as-text", "Logs results as UTF-8 text.", storage(0, "data.kept"), _MakesText),
    Mutant(
        "empty-is-nothing",
        "Takes an output of no bytes for no output.",
        storage(0, "data.kept"),
        _EmptyIsNothing,
    ),
    Mutant("order-ignored", "Lists a log from its beginning always.", storage(0, "list.log"), _IgnoresOrder),
    Mutant("limit-ignored", "Gives the whole log on one page.", storage(0, "list.log"), _IgnoresLimit),
    Mutant(
        "cursor-skips",
        "Leaves out an entry between two pages.",
        storage(0, "list.log", "list.entities"),
        _CursorSkips,
    ),
    Mutant(
        "first-page-only",
        "Says of every page of steps that it is the last.",
        storage(0, "list.entities"),
        _ListsFirstPage,
    ),
    Mutant(
        "status-ignored",
        "Lists runs in every status where those in one are asked for.",
        storage(0, "list.entities"),
        _ListsEveryStatus,
    ),
    Mutant("token-kept", "Finds a disposed hook by its token.", storage(0, "read.finds"), _KeepsTokens),
    Mutant(
        "cancels-nothing", "Cancels a run that does not exist.", storage(0, "run.unknown"), _CancelsNothing
    ),
    Mutant(
        "creates-in-nothing",
        "Creates steps, waits and hooks of a run that does not exist.",
        storage(0, "run.unknown"),
        _CreatesInNothing,
    ),
)
