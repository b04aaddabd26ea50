"""The events of the SDK, one function each, as scenarios write them."""

from __future__ import annotations

from typing import Any

from conformance.spec.vocabulary import Event


def _event(kind: str, about: str | None = None, data: dict[str, Any] | None = None) -> Event:
    event: Event = {"eventType": kind}
    if about is not None:
        event["correlationId"] = about
    if data is not None:
        event["eventData"] = data
    return event


def _input(argument: Any) -> Any:
    """The arguments of a workflow or step that takes one. Bytes are the arguments in the runtime's form."""
    return argument if isinstance(argument, bytes) else [argument]


def run_created(workflow: str, argument: Any = None) -> Event:
    data = {"deploymentId": "conformance", "workflowName": workflow, "input": _input(argument)}
    return _event("run_created", data=data)


def run_started() -> Event:
    return _event("run_started")


def run_completed(output: Any) -> Event:
    return _event("run_completed", data={"output": output})


def run_failed(message: str) -> Event:
    return _event("run_failed", data={"error": {"message": message}})


def run_cancelled() -> Event:
    return _event("run_cancelled")


def step_created(step_id: str, name: str, argument: Any = None) -> Event:
    return _event("step_created", step_id, {"stepName": name, "input": _input(argument)})


def step_started(step_id: str) -> Event:
    return _event("step_started", step_id)


def step_completed(step_id: str, result: Any) -> Event:
    return _event("step_completed", step_id, {"result": result})


def step_failed(step_id: str, message: str) -> Event:
    return _event("step_failed", step_id, {"error": message})


def step_retrying(step_id: str, message: str, retry_after: Any = None) -> Event:
    data = {"error": message} if retry_after is None else {"error": message, "retryAfter": retry_after}
    return _event("step_retrying", step_id, data)


def step_started_lazily(step_id: str, name: str, argument: Any = None) -> Event:
    """A start that brings what its step is made of, as the runtime of 5.x sends it."""
    return _event("step_started", step_id, {"stepName": name, "input": _input(argument)})


def attr_set(attribute_id: str, values: dict[str, str | None]) -> Event:
    """Set attributes of a run, or remove those whose value is None, as a workflow does (5.x)."""
    changes = [{"key": key, "value": value} for key, value in values.items()]
    return _event("attr_set", attribute_id, {"changes": changes, "writer": {"type": "workflow"}})


def wait_created(wait_id: str, resume_at: Any) -> Event:
    return _event("wait_created", wait_id, {"resumeAt": resume_at})


def wait_completed(wait_id: str) -> Event:
    return _event("wait_completed", wait_id)


def hook_created(hook_id: str, token: str) -> Event:
    return _event("hook_created", hook_id, {"token": token})


def hook_received(hook_id: str, payload: Any) -> Event:
    return _event("hook_received", hook_id, {"payload": payload})


def hook_disposed(hook_id: str) -> Event:
    return _event("hook_disposed", hook_id)
