"""How the memory world is read: entities as the SDK shapes them, and lists of them in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.core.gates import Gate, Rows
from conformance.spec.lines import line_of, stamp
from conformance.spec.machine import Hook, Run, State, Step
from conformance.spec.vocabulary import Entity, Event, WorldError, not_found

#: Which entity: its kind, its run, its id.
_Which = tuple[str, str, str]


class Reading:
    """What is stored, and every read of it."""

    state: State
    events: dict[str, list[Event]]
    runs: dict[str, Entity]
    #: what the state does not hold of an entity: its times, and details that no row depends on
    kept: dict[_Which, Entity]

    async def runs_get(self, run_id: str) -> Entity:
        await Gate(f"read {run_id}", "read", (run_id,))
        if run_id not in self.runs:
            raise WorldError("WorkflowRunNotFoundError", f"no run {run_id}", status=404)
        return self.run_entity(run_id)

    async def runs_list(self, params: dict[str, Any]) -> dict[str, Any]:
        """Runs of a workflow, or in a status, or all."""
        await Gate("list runs", "read", tuple(self.runs))
        found = [self.run_entity(run_id) for run_id in self.runs]
        for name in ("workflowName", "status"):
            if params.get(name) is not None:
                found = [run for run in found if run[name] == params[name]]
        return self.page(found, "runId", params)

    async def steps_get(self, run_id: str, step_id: str) -> Entity:
        await Gate(f"read {step_id}", "read", (run_id,))
        if (run_id, step_id) not in self.state.steps:
            raise not_found(f"no step {step_id}")
        return self.step_entity(run_id, step_id)

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        run_id = params["runId"]
        await Gate(f"list steps of {run_id}", "read", (run_id,))
        found = [self.step_entity(run, step) for run, step in self.state.steps if run == run_id]
        return self.page(found, "stepId", params)

    async def hooks_get(self, hook_id: str) -> Entity:
        await Gate(f"read {hook_id}", "read", (Rows("hooks", (("id", hook_id),)),))
        hook = self.state.hooks.get(hook_id)
        if hook is None or hook.status != "active":
            raise not_found(f"no hook {hook_id}")
        return self.hook_entity(hook_id)

    async def hooks_get_by_token(self, token: str) -> Entity:
        await Gate(f"read token {token}", "read", (Rows("hooks", (("token", token),)),))
        hook_id = self.state.tokens.get(token)
        if hook_id is None:
            raise not_found("no hook with that token")
        return self.hook_entity(hook_id)

    async def hooks_list(self, params: dict[str, Any]) -> dict[str, Any]:
        run_id = params["runId"]
        await Gate(f"list hooks of {run_id}", "read", (run_id,))
        hooks = self.state.hooks.items()
        found = [
            self.hook_entity(key) for key, hook in hooks if hook.run_id == run_id and hook.status == "active"
        ]
        return self.page(found, "hookId", params)

    async def events_get(self, run_id: str, event_id: str) -> Event:
        await Gate(f"read event of {run_id}", "read", (run_id,))
        for event in self.events.get(run_id, ()):
            if event["eventId"] == event_id:
                return event
        raise not_found(f"no event {event_id}")

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        run_id = params["runId"]
        await Gate(f"list events of {run_id}", "read", (run_id,))
        return self.page_of_log(run_id, params.get("pagination") or {})

    async def events_list_by_correlation_id(self, params: dict[str, Any]) -> dict[str, Any]:
        """The events of one entity."""
        about, run_id = params["correlationId"], params.get("runId")
        runs = list(self.events) if run_id is None else [run_id]
        await Gate(f"list events of {about}", "read", tuple(runs))
        found = [e for run in runs for e in self.events.get(run, ()) if e.get("correlationId") == about]
        return self.page(found, "eventId", params)

    def page_of_log(self, run_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        """One page of a log; its cursor is the id of the last event, and what comes after that is next."""
        return self.page(self.events.get(run_id, []), "eventId", {"pagination": asked})

    def page(self, entries: Sequence[Entity], key: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The page asked for of all entries, which come in the order in which they were made."""
        asked = params.get("pagination") or {}
        if asked.get("sortOrder") == "desc":
            entries = entries[::-1]
        first = 0
        if asked.get("cursor") is not None:
            ids = [entry[key] for entry in entries]
            if asked["cursor"] not in ids:
                raise WorldError("WorkflowWorldError", "there is no such cursor", status=400)
            first = ids.index(asked["cursor"]) + 1
        shown = list(entries[first : first + (asked.get("limit") or len(entries))])
        cursor = shown[-1][key] if shown else asked.get("cursor")
        return {"data": shown, "cursor": cursor, "hasMore": first + len(shown) < len(entries)}

    # -- entities as the SDK shapes them --------------------------------------------------------

    def run_entity(self, run_id: str) -> Entity:
        """A run as the SDK shapes it."""
        run: Run = self.state.runs[run_id]
        entity = {
            **self.runs[run_id],
            "status": run.status,
            "startedAt": run.started_at,
            "output": run.output,
            **self.kept.get(("run", run_id, ""), {}),
        }
        if run.error is None:
            entity["error"] = None
        attributes = {key: value for (of, key), value in self.state.attributes.items() if of == run_id}
        return {**entity, "attributes": attributes} if attributes else entity

    def step_entity(self, run_id: str, step_id: str) -> Entity:
        """A step as the SDK shapes it."""
        step: Step = self.state.steps[run_id, step_id]
        entity = {
            "runId": run_id,
            "stepId": step_id,
            "stepName": step.name,
            "status": step.status,
            "attempt": step.attempt,
            "input": step.input,
            "output": step.output,
            "retryAfter": step.retry_after,
            "error": step.error,
            **self.kept.get(("step", run_id, step_id), {}),
        }
        if step.error is None:
            entity["error"] = None
        return entity

    def wait_entity(self, run_id: str, wait_id: str) -> Entity:
        """A wait as the SDK shapes it."""
        status = self.state.waits[run_id, wait_id]
        return {
            "waitId": wait_id,
            "runId": run_id,
            "status": status,
            **self.kept.get(("wait", run_id, wait_id), {}),
        }

    def hook_entity(self, hook_id: str) -> Entity:
        """A hook as the SDK shapes it."""
        hook: Hook = self.state.hooks[hook_id]
        entity = {
            "hookId": hook_id,
            "runId": hook.run_id,
            "token": hook.token,
            **self.kept.get(("hook", hook.run_id, hook_id), {}),
        }
        # Absent, not null, when there is none: the runtime reads what is there.
        return entity if hook.metadata is None else {**entity, "metadata": hook.metadata}


def details(event: Event, now: int, before: Entity) -> Entity:
    """What an event that was taken sets beside the state: times, and the shape of an error."""
    kind, data = event["eventType"], event.get("eventData") or {}
    found: Entity = {**before, "updatedAt": now}
    if kind.endswith("_created"):
        found["createdAt"] = now
    elif kind == "step_started":
        found.setdefault("createdAt", now)
        found.setdefault("startedAt", now)
    elif kind in _ENDS:
        found["completedAt"] = now
    if data.get("error") is not None:
        found |= _failure(event, data)
    elif kind in ("step_started", "step_completed"):
        found.pop("error", None)
    for name in ("resumeAt", "isWebhook"):
        if name in data:
            found[name] = data[name]
    if kind == "hook_created" and "specVersion" in event:
        # By it the runtime chooses the form of a payload.
        found["specVersion"] = event["specVersion"]
    return found


_ENDS = frozenset(
    {"run_completed", "run_failed", "run_cancelled", "step_completed", "step_failed", "wait_completed"}
)


def _failure(event: Event, data: dict[str, Any]) -> Entity:
    """The error of an entity. In 5.x it is kept as it was handed over, its code beside it."""
    error, code = data["error"], data.get("errorCode")
    if line_of(stamp(event.get("specVersion"))) == 5:
        return {"error": error} if code is None else {"error": error, "errorCode": code}
    given = error if isinstance(error, dict) else {"message": error}
    shaped = {
        "message": given.get("message"),
        "stack": data.get("stack") or given.get("stack"),
        "code": code,
    }
    return {"error": {name: value for name, value in shaped.items() if value is not None}}
