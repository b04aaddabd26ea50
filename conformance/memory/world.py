"""The memory world: the spec made into a World, in plain Python, with gates.

It is the embedded default, the example of a correct world, and what the mutants break. Each
operation first reads (a gate), then decides and writes in one indivisible commit (a gate), as a
real world does with a conditional update. Nothing here awaits anything but gates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from conformance.core.gates import Gate, Key, Rows
from conformance.core.history import Level
from conformance.spec.lines import UNDECLARED, line_of
from conformance.spec.machine import CREATION, Hook, Run, State, Step
from conformance.spec.table import Outcome, Row
from conformance.spec.vocabulary import (
    Entity,
    Event,
    WorldError,
    conflict,
    gone,
    not_found,
    too_early,
)

#: Logical time begins here (2026-01-01T00:00:00Z, in milliseconds).
EPOCH = 1_767_225_600_000

_FREES_TOKENS = frozenset({"run_completed", "run_failed", "run_cancelled", "hook_disposed"})


class MemoryWorld:
    """A World in memory. All actors share one instance, as threads of one process would.

    Answers and refusals have the SDK's shapes; refusals are :class:`WorldError`.
    """

    #: what its runs are stamped with, which says of which line of the spec it is
    spec_version = UNDECLARED
    #: what it declares that it can do, by the names of the interface
    capabilities: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything; the logical clock begins anew."""
        self.state = State(line_of(self.spec_version))
        self.events: dict[str, list[Event]] = {}
        self.now = EPOCH
        self.runs: dict[str, Entity] = {}
        self.logs: list[tuple[Level, str]] = []
        self._ids = 0

    def save(self) -> dict[str, Any]:
        """Everything there is now; :meth:`restore` goes back to it, as often as wanted."""
        return {name: _copied(value) for name, value in vars(self).items()}

    def restore(self, saved: dict[str, Any]) -> None:
        """Go back to what was saved."""
        vars(self).update({name: _copied(value) for name, value in saved.items()})

    # -- the clock and ids ----------------------------------------------------------------------

    def tick(self) -> int:
        """The next millisecond."""
        self.now += 1
        return self.now

    def _next_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}_{self._ids:08d}"

    def log(self, level: Level, text: str) -> None:
        """What this world would print; the driver moves it into the history."""
        self.logs.append((level, text))

    # -- writing --------------------------------------------------------------------------------

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        """Append an event and move its entity, or refuse."""
        if run_id is None:
            run_id = self._next_id("wrun")
        keys = self.touches(run_id, event)
        await Gate(f"read {run_id}", "read", keys)
        seen = self.look_up(run_id, event)
        await Gate(f"commit {event['eventType']}", "write", keys)
        return self.commit(run_id, event, seen)

    def touches(self, run_id: str, event: Event) -> tuple[Key, ...]:
        """What an event reads and writes; the run itself is in it, for its status guards everything."""
        if event["eventType"] == "hook_created":
            return (run_id, Rows("hooks", (("token", event["eventData"]["token"]),)))
        if event["eventType"] in _FREES_TOKENS:
            # Which tokens become free is not known before the read.
            return (run_id, Rows("hooks", (("run", run_id),)))
        return (run_id,)

    def look_up(self, run_id: str, event: Event) -> Row:
        """The row that decides this event now."""
        return self.state.look_up(run_id, event, now=self.now)

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:  # noqa: ARG002 - mutants trust `seen`
        """Decide and write, with nothing in between. The row seen at the read is only a hint."""
        return self.carry_out(run_id, event, self.look_up(run_id, event))

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        """Do what a row says: refuse, or move the entity and append the event."""
        outcome = row.outcomes[0]
        if outcome.answer not in ("ok", "hook_conflict"):
            self.refuse(outcome, row, event)
        return self.write(run_id, event, outcome)

    def refuse(self, outcome: Outcome, row: Row, event: Event) -> NoReturn:
        """Raise the refusal that an outcome names."""
        raise refusal(outcome, f"{event['eventType']} refused ({row.rule})")

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        """Move the entity and append the event."""
        now = self.tick()
        two = outcome.logs and self.state.makes_two(run_id, event)
        self.state.take(run_id, event, outcome, now=now)
        created: Event | None = None
        if two:
            created, event = _apart(event)
            self.append(run_id, created, now)
        stored: Event | None = None
        if outcome.logs:
            stored = self.append(run_id, event, now, conflict=outcome.answer == "hook_conflict")
        maker = created if created is not None else event
        if maker["eventType"] == "run_created":
            data = maker["eventData"]
            self.runs[run_id] = {
                "runId": run_id,
                "workflowName": data["workflowName"],
                "deploymentId": data.get("deploymentId", ""),
                "input": data.get("input"),
                "createdAt": now,
                "specVersion": self.spec_version,
            }
        result = self.result(run_id, event, stored)
        return {**result, "stepCreated": True} if two and "step" in result else result

    def result(self, run_id: str, event: Event, stored: Event | None = None) -> dict[str, Any]:
        """A success: the event that was stored, if one was, and the entity as it is now."""
        result: dict[str, Any] = {} if stored is None else {"event": stored}
        key = event.get("correlationId")
        match event["eventType"][:4]:
            case "step":
                assert key is not None
                result["step"] = self._step(run_id, key)
            case "wait":
                assert key is not None
                result["wait"] = {"waitId": key, "runId": run_id, "status": self.state.waits[run_id, key]}
            case "hook":
                if key in self.state.hooks:
                    result["hook"] = self._hook(key)
            case _:
                result["run"] = self._run(run_id)
        return result

    def event_id(self, run_id: str) -> str:  # noqa: ARG002 - positions are those of a log
        """The id of the next event of a run."""
        return self._next_id("evnt")

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        """Add one event to the log."""
        stored = {**event, "runId": run_id, "eventId": self.event_id(run_id), "createdAt": now}
        if conflict:
            stored["eventType"] = "hook_conflict"
        self.events.setdefault(run_id, []).append(stored)
        return stored

    # -- reading --------------------------------------------------------------------------------

    async def runs_get(self, run_id: str) -> Entity:
        await Gate(f"read {run_id}", "read", (run_id,))
        if run_id not in self.runs:
            raise WorldError("WorkflowRunNotFoundError", f"no run {run_id}", status=404)
        return self._run(run_id)

    async def steps_get(self, run_id: str, step_id: str) -> Entity:
        await Gate(f"read {step_id}", "read", (run_id,))
        if (run_id, step_id) not in self.state.steps:
            raise not_found(f"no step {step_id}")
        return self._step(run_id, step_id)

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        run_id = params["runId"]
        await Gate(f"list steps of {run_id}", "read", (run_id,))
        return _page([self._step(run, step) for run, step in self.state.steps if run == run_id])

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        run_id = params["runId"]
        await Gate(f"list events of {run_id}", "read", (run_id,))
        return self.page_of_log(run_id, params.get("pagination") or {})

    def page_of_log(self, run_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        """One page of a log; its cursor is the id of the last event, and what comes after that is next."""
        log = self.events.get(run_id, [])
        first = 0
        if asked.get("cursor") is not None:
            ids = [event["eventId"] for event in log]
            if asked["cursor"] not in ids:
                raise WorldError("WorkflowWorldError", "there is no such cursor", status=400)
            first = ids.index(asked["cursor"]) + 1
        shown = log[first : first + (asked.get("limit") or len(log))]
        cursor = shown[-1]["eventId"] if shown else asked.get("cursor")
        return {"data": shown, "cursor": cursor, "hasMore": first + len(shown) < len(log)}

    async def hooks_get(self, hook_id: str) -> Entity:
        await Gate(f"read {hook_id}", "read", (Rows("hooks", (("id", hook_id),)),))
        hook = self.state.hooks.get(hook_id)
        if hook is None or hook.status != "active":
            raise not_found(f"no hook {hook_id}")
        return self._hook(hook_id)

    async def hooks_get_by_token(self, token: str) -> Entity:
        await Gate(f"read token {token}", "read", (Rows("hooks", (("token", token),)),))
        hook_id = self.state.tokens.get(token)
        if hook_id is None:
            raise not_found("no hook with that token")
        return self._hook(hook_id)

    async def hooks_list(self, params: dict[str, Any]) -> dict[str, Any]:
        run_id = params["runId"]
        await Gate(f"list hooks of {run_id}", "read", (run_id,))
        hooks = self.state.hooks.items()
        return _page(
            [self._hook(key) for key, hook in hooks if hook.run_id == run_id and hook.status == "active"]
        )

    # -- entities as the SDK shapes them --------------------------------------------------------

    def _run(self, run_id: str) -> Entity:
        run: Run = self.state.runs[run_id]
        entity = {
            **self.runs[run_id],
            "status": run.status,
            "startedAt": run.started_at,
            "output": run.output,
            "error": run.error,
        }
        attributes = {key: value for (of, key), value in self.state.attributes.items() if of == run_id}
        return {**entity, "attributes": attributes} if attributes else entity

    def _step(self, run_id: str, step_id: str) -> Entity:
        step: Step = self.state.steps[run_id, step_id]
        return {
            "runId": run_id,
            "stepId": step_id,
            "stepName": step.name,
            "status": step.status,
            "attempt": step.attempt,
            "input": step.input,
            "output": step.output,
            "error": step.error,
            "retryAfter": step.retry_after,
            "startedAt": self.now if step.attempt else None,
        }

    def _hook(self, hook_id: str) -> Entity:
        hook: Hook = self.state.hooks[hook_id]
        entity = {"hookId": hook_id, "runId": hook.run_id, "token": hook.token}
        # Absent, not null, when there is none: the runtime reads what is there.
        return entity if hook.metadata is None else {**entity, "metadata": hook.metadata}


#: What a start brings for the creation of its step or run, which gets it.
_OF_CREATION = {
    "step_started": frozenset({"stepName", "input"}),
    "run_started": frozenset({"workflowName", "deploymentId", "input", "executionContext", "attributes"}),
}


def _apart(event: Event) -> tuple[Event, Event]:
    """The creation and the start that a start which creates is made of."""
    kind: str = event["eventType"]
    data = event["eventData"]
    of_creation = _OF_CREATION[kind]
    created = {name: item for name, item in data.items() if name in of_creation}
    left = {name: item for name, item in data.items() if name not in of_creation}
    return {**event, "eventType": CREATION[kind], "eventData": created}, {**event, "eventData": left}


def _copied(value: Any) -> Any:
    """A copy of a part of the world: entities and events are not changed once they are there."""
    if not isinstance(value, dict | list | State):
        return value
    copied = value.copy()
    if isinstance(copied, dict):
        for key, item in copied.items():
            if isinstance(item, list):
                copied[key] = item.copy()
    return copied


def _page(data: Sequence[Entity]) -> dict[str, Any]:
    return {"data": data, "cursor": None, "hasMore": False}


def refusal(outcome: Outcome, message: str) -> WorldError:
    """The error for an outcome that is not a success."""
    match outcome.answer:
        case "conflict":
            return conflict(message)
        case "gone":
            return gone(message)
        case "not_found":
            return not_found(message)
        case "too_early":
            return too_early(message, 1.0)
        case other:  # pragma: no cover - the table holds no other refusals
            raise AssertionError(f"not a refusal: {other}")
