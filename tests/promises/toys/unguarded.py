"""A World in Python that guards nothing, in one file of a folder: every write is taken."""

from __future__ import annotations

import os
from ast import literal_eval
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_NONE: dict[str, Any] = {"data": [], "cursor": None, "hasMore": False}


class Unguarded:
    def __init__(self, folder: str, **_ignored: Any) -> None:
        self._file = Path(folder, "store")

    def _load(self) -> dict[str, Any]:
        if not self._file.exists():
            return {"runs": {}, "steps": {}, "events": []}
        return dict(literal_eval(self._file.read_text()))

    def _save(self, store: dict[str, Any]) -> None:
        scratch = self._file.with_suffix(f".{os.getpid()}")
        scratch.write_text(repr(store))
        scratch.replace(self._file)

    async def events_create(self, run_id: str | None, data: dict[str, Any]) -> dict[str, Any]:
        store, kind, now = self._load(), data["eventType"], datetime.now(UTC).timestamp()
        run_id = run_id or f"wrun_{len(store['runs']):026}"
        number = len(store["events"])
        event = {**data, "eventId": f"evnt_{number:026}", "runId": run_id, "createdAt": now}
        run = store["runs"].setdefault(run_id, {"runId": run_id, "status": "pending", "createdAt": now})
        if kind == "run_created":
            run.update(data.get("eventData", {}))
        if kind == "run_started":
            run.update(status="running", startedAt=run.get("startedAt", now))
        if kind in ("run_completed", "run_failed", "run_cancelled"):
            run.update(status=kind.removeprefix("run_"), completedAt=now)
        step = None
        if kind.startswith("step_"):
            new = {"runId": run_id, "stepId": data["correlationId"], "attempt": 0, "createdAt": now}
            step = store["steps"].setdefault(f"{run_id} {data['correlationId']}", new)
            known = {"step_created": "pending", "step_started": "running", "step_retrying": "pending"}
            step["status"] = known.get(kind, kind.removeprefix("step_"))
            if kind == "step_created":
                step.update(stepName=data["eventData"]["stepName"], input=data["eventData"].get("input"))
            if kind == "step_started":
                step.update(attempt=step["attempt"] + 1, startedAt=now)
            if kind == "step_completed":
                step.update(output=data["eventData"]["result"], completedAt=now)
        store["events"].append(event)
        self._save(store)
        return {"event": _dated(event), "run": _dated(run), **({"step": _dated(step)} if step else {})}

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        found = [event for event in self._load()["events"] if event["runId"] == params["runId"]]
        return {**_NONE, "data": [_dated(event) for event in found]}

    async def runs_get(self, run_id: str) -> dict[str, Any]:
        return _dated(self._load()["runs"][run_id])

    async def steps_get(self, run_id: str, step_id: str) -> dict[str, Any]:
        return _dated(self._load()["steps"][f"{run_id} {step_id}"])

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        found = [step for step in self._load()["steps"].values() if step["runId"] == params["runId"]]
        return {**_NONE, "data": [_dated(step) for step in found]}

    async def hooks_list(self, *_ignored: Any) -> dict[str, Any]:
        return _NONE

    async def hooks_get(self, *_ignored: Any) -> None:
        return None

    async def hooks_get_by_token(self, *_ignored: Any) -> None:
        return None

    async def queue(self, *_ignored: Any) -> dict[str, Any]:
        return {"messageId": "1"}

    async def close(self) -> None:
        return None


def _dated(entity: dict[str, Any]) -> dict[str, Any]:
    return {
        key: datetime.fromtimestamp(value, UTC) if key.endswith("At") else value
        for key, value in entity.items()
    }
