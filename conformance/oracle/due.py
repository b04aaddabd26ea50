"""What is due in entities and events after calls that were taken one after another: every field that an event
brings, and what the interface of Worlds adds.

A :class:`Due` field is argued by who reads it. The runtime (@workflow/core 4.8.9) reads of a run ``input``,
``output``, ``error``, ``startedAt``, ``deploymentId``, ``workflowName``, ``executionContext`` and
``specVersion``, and for its users ``completedAt`` (``runtime/run.js``); of a step ``input``, ``attempt``,
``startedAt`` and ``error``; of a hook ``token``, ``metadata`` and ``isWebhook``; of an event all that is in
``eventData``. The rest is shown to people: ``updatedAt``, which the interface has in every run, step and wait
(@workflow/world 4.5.0, ``runs.ts``), by the panel of the SDK's web interface (@workflow/web-shared,
``attribute-panel.tsx``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from conformance.core.stored_values import plain
from conformance.spec.clock import millis
from conformance.spec.machine import State, creates_step
from conformance.spec.table import Line, Outcome
from conformance.spec.vocabulary import RUN_TERMINAL, Entity, Event

#: What an event brings is stored and comes back unchanged.
INTACT: Final = "data.kept"
#: Times and details that no handler reads.
WHOLE: Final = "stored.whole"

#: What the runtime reads of the data of each event; everything that is here was sent.
_READ: Final = (
    "input",
    "output",
    "result",
    "error",
    "stack",
    "payload",
    "metadata",
    "resumeAt",
    "retryAfter",
    "token",
    "errorCode",
    "isWebhook",
    "deploymentId",
    "executionContext",
    "workflowName",
    "stepName",
)
#: What of these no handler misses. (A step's name that is there has to be the right one: a replay that finds
#: another diverges, @workflow/core 4.8.9, ``step.js``.)
_MISSED_BY_NONE: Final = frozenset({"isWebhook", "workflowName", "stepName"})
#: What may be left out of an entity where a read asks for no data.
HEAVY: Final = frozenset({"input", "output", "error", "metadata"})
#: And of an event: all of its ``eventData`` (@workflow/world, ``events.ts``).
DATA: Final = frozenset(_READ)


class Due(NamedTuple):
    """A field of an entity or of an event's data, the value that is due there, and the rule that says so.

    ``value`` None: it has to be absent. :data:`SOME`: whatever the World chose, the same at every read.
    :data:`ANY`: whatever it chooses, anew at every read. :data:`MOVES`: the time of the last change.
    """

    field: str
    value: Any
    rule: str = INTACT


#: A value that the World chooses.
SOME: Final = object()
#: A value that has to be there.
ANY: Final = object()
#: A time that has to be there, never goes back, and goes on when the entity has changed.
MOVES: Final = object()


class Fields:
    """The fields that are due in every entity, kept up to date call by call beside the :class:`State`."""

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, Any]] = {}
        self.steps: dict[tuple[str, str], dict[str, Any]] = {}
        self.waits: dict[tuple[str, str], dict[str, Any]] = {}
        self.hooks: dict[str, dict[str, Any]] = {}
        #: the events of each run that are due in its log, in order
        self.logs: dict[str, list[Event]] = {}

    def take(self, run_id: str, event: Event, outcome: Outcome) -> None:
        """An event was taken, with this outcome."""
        kind, data = event["eventType"], event.get("eventData") or {}
        if outcome.logs:
            self._log(run_id, event, conflict=outcome.answer == "hook_conflict")
        if outcome.to is None:
            return
        about = event.get("correlationId") or ""
        if kind.startswith("run"):
            self._run(run_id, event, data)
        elif kind.startswith("step"):
            self._step((run_id, about), event, data)
        elif kind == "wait_created":
            self.waits[run_id, about] = {"resumeAt": data.get("resumeAt")}
        elif kind == "hook_created":
            names = ("token", "metadata", "isWebhook")
            self.hooks[about] = {name: data[name] for name in names if name in data}

    def _run(self, run_id: str, event: Event, data: dict[str, Any]) -> None:
        match event["eventType"]:
            case "run_created":
                names = ("deploymentId", "workflowName", "input", "executionContext")
                fields = {name: data.get(name) for name in names}
                self.runs[run_id] = fields
            case "run_completed":
                self.runs[run_id]["output"] = data.get("output")
            case "run_failed":
                self.runs[run_id] |= {"error": data.get("error"), "errorCode": data.get("errorCode")}

    def _step(self, key: tuple[str, str], event: Event, data: dict[str, Any]) -> None:
        kind = event["eventType"]
        if kind == "step_created" or creates_step(event):
            self.steps[key] = {"stepName": data.get("stepName"), "input": data.get("input")}
        step = self.steps[key]
        if kind in ("step_started", "step_completed"):
            step["error"] = step["retryAfter"] = None
        if kind == "step_completed":
            step["output"] = data.get("result")
        elif kind in ("step_failed", "step_retrying"):
            step["error"], step["stack"] = data.get("error"), data.get("stack")
            step["retryAfter"] = data.get("retryAfter")

    def _log(self, run_id: str, event: Event, *, conflict: bool) -> None:
        log = self.logs.setdefault(run_id, [])
        if creates_step(event):
            data = dict(event["eventData"])
            created = {name: data.pop(name) for name in ("stepName", "input") if name in data}
            log.append({**event, "eventType": "step_created", "eventData": created})
            event = {**event, "eventData": data}
        if conflict:
            token = {"token": event["eventData"]["token"]}
            event = {**event, "eventType": "hook_conflict", "eventData": token}
        log.append(event)

    # -- what is due of one entity ----------------------------------------------------------------

    def run(self, state: State, run_id: str) -> Iterator[Due]:
        """The fields of a run that exists."""
        run, held = state.runs[run_id], self.runs[run_id]
        ended = run.status in RUN_TERMINAL
        yield Due("runId", run_id)
        yield Due("status", run.status)
        for name in ("deploymentId", "workflowName", "input", "executionContext"):
            if held.get(name) is not None:
                yield Due(name, held[name])
        # A World may stamp a run with a line of its own.
        yield Due("specVersion", SOME)
        if run.status == "completed":
            yield Due("output", held["output"])
        else:
            yield Due("output", None, WHOLE)
        if run.status == "failed":
            yield from _failure(held, state.line)
        else:
            yield Due("error", None, WHOLE)
        yield Due("createdAt", SOME, WHOLE)
        yield Due("updatedAt", MOVES, WHOLE)
        if ended:
            # Without it the runtime tells its users that the run has not ended.
            yield Due("completedAt", ANY)
        yield Due("completedAt", SOME if ended else None, WHOLE)
        if run.status == "pending" or (ended and run.started_at is None):
            yield Due("startedAt", None, WHOLE)
        else:
            yield Due("startedAt", SOME, "run.started-at-once")

    def step(self, state: State, run_id: str, step_id: str) -> Iterator[Due]:
        """The fields of a step that exists."""
        step, held = state.steps[run_id, step_id], self.steps[run_id, step_id]
        yield Due("runId", run_id)
        yield Due("stepId", step_id)
        yield Due("status", step.status)
        yield Due("attempt", step.attempt, "step.attempt-exact")
        yield Due("stepName", held["stepName"])
        yield Due("input", held["input"])
        if step.status == "completed":
            yield Due("output", held["output"])
        if held.get("error") is not None:
            yield from _failure(held, state.line)
        if held.get("retryAfter") is not None:
            yield Due("retryAfter", held["retryAfter"], WHOLE)
        yield Due("createdAt", SOME, WHOLE)
        yield Due("updatedAt", MOVES, WHOLE)
        if step.attempt:
            yield Due("startedAt", SOME)
        yield Due("completedAt", SOME if step.status in ("completed", "failed") else None, WHOLE)

    def wait(self, state: State, run_id: str, wait_id: str) -> Iterator[Due]:
        """The fields of a wait that exists. Only answers show one."""
        yield Due("runId", run_id)
        yield Due("waitId", wait_id)
        status = state.waits[run_id, wait_id]
        yield Due("status", status)
        yield Due("resumeAt", self.waits[run_id, wait_id]["resumeAt"])
        yield Due("updatedAt", MOVES, WHOLE)
        yield Due("completedAt", SOME if status == "completed" else None, WHOLE)

    def hook(self, state: State, hook_id: str) -> Iterator[Due]:
        """The fields of a hook that is alive."""
        yield Due("runId", state.hooks[hook_id].run_id)
        yield Due("hookId", hook_id)
        for name, value in self.hooks[hook_id].items():
            # Without it the runtime takes a hook for one of an older World.
            yield Due(name, value, WHOLE if name == "isWebhook" else INTACT)
        yield Due("createdAt", SOME, WHOLE)


def event_due(run_id: str, event: Event) -> Iterator[Due]:
    """What is due of an event in a log, its data as fields of their own."""
    yield Due("runId", run_id)
    yield Due("eventType", event["eventType"])
    if event.get("correlationId") is not None:
        yield Due("correlationId", event["correlationId"])
    yield Due("createdAt", SOME)
    data = event.get("eventData") or {}
    for name in _READ:
        if data.get(name) is not None:
            yield Due(name, data[name], WHOLE if name in _MISSED_BY_NONE else INTACT)


def _failure(held: dict[str, Any], line: Line) -> Iterator[Due]:
    """The error of a run or step that failed. In 4.x it has a shape (@workflow/world 4.5.0,
    ``StructuredError``), and users get message and code as those of an error (@workflow/errors,
    ``WorkflowRunFailedError``). In 5.x it is opaque, with the code beside it (@workflow/core 5.0.0-beta.55,
    ``runtime/run.js``)."""
    error, code = held["error"], held.get("errorCode")
    if line == 5:
        yield Due("error", error)
        if code is not None:
            yield Due("errorCode", code)
        return
    given = error if isinstance(error, dict) else {"message": error}
    yield Due("error.message", given.get("message"))
    if code is not None:
        yield Due("error.code", code)
    stack = held.get("stack") or given.get("stack")
    if stack is not None:
        yield Due("error.stack", stack, WHOLE)


def same(due: Any, got: Any) -> bool:
    """Whether a value came back as it was sent. A date has to come back as a date; of an object every
    property that was sent has to be there, and one that was not may be."""
    if isinstance(due, datetime):
        return isinstance(got, datetime) and millis(due) == millis(got)
    if isinstance(due, bytes):
        return _same_bytes(due, got)
    if isinstance(due, dict):
        return isinstance(got, dict) and all(same(value, got.get(key)) for key, value in due.items())
    if isinstance(due, list):
        return isinstance(got, list) and len(due) == len(got) and all(map(same, due, got))
    if isinstance(due, bool) or isinstance(got, bool):
        return due is got
    return bool(due == got)


def _same_bytes(due: bytes, got: Any) -> bool:
    if isinstance(got, bytes | bytearray):
        return due == bytes(got)
    # Drivers read back what is in the runtime's form.
    read = plain(due)
    return not isinstance(read, bytes) and json.dumps(read) == json.dumps(got, default=repr)


def field_of(entity: Entity, name: str) -> Any:
    """A field by its name; ``error.message`` is one within another."""
    value: Any = entity
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
