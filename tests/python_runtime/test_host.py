"""The operations of the runtime in the Python host, over the pipes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.core.flows import flow
from conformance.handlers import WORKFLOWS
from tests.python_host.driver import Driven

pytest.importorskip("vercel.workflow")

Said = list[dict[str, Any]]


class Runtime:
    """One host with the runtime over vercel-workflow's local world, and what is in its queue."""

    def __init__(self, folder: Path) -> None:
        env = {"WORKFLOW_LOCAL_DATA_DIR": str(folder)}
        self.driven = Driven(
            "vercel.workflow._internal.worlds.local:LocalWorld",
            env=env,
            gates=["fs"],
            runtime={"version": ""},
        )
        self.queue: Said = []
        #: the last log of a run that a handler read
        self.log: Said = []

    def ask(self, op: str, *args: Any, gated: bool = False) -> tuple[Said, dict[str, Any]]:
        """What the host reported on the way, and its answer."""
        ident, reported = self.driven.start(op, *args, gated=gated), []
        while (message := self.driven.next(20)).get("id") != ident:
            reported.append(message)
            if message["type"] == "gate":
                self.driven.go(message)
            if message["type"] == "message_queued":
                self.queue.append(message)
            if message["type"] == "operation_ended" and "data" in (message.get("value") or {}):
                self.log = message["value"]["data"]
        return reported, message

    def deliver(self, *, gated: bool = False) -> tuple[Said, dict[str, Any]]:
        """Give the oldest message to the real handler."""
        first = self.queue.pop(0)
        metadata = {"attempt": 1, "messageId": "msg_1"}
        return self.ask("runtime.deliver", first["queue"], first["payload"], metadata, gated=gated)

    def start(self, workflow: str, *args: Any) -> str:
        self.queue.clear()
        _, answer = self.ask("runtime.start", workflow, list(args))
        run_id: str = answer["value"]["runId"]
        return run_id

    def replay(self, run_id: str, log: Said) -> dict[str, Any]:
        run = self.ask("runs.get", run_id)[1]["value"]
        value: dict[str, Any] = self.ask("runtime.replay", run, log)[1]["value"]
        return value


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    made = Runtime(tmp_path)
    yield made
    made.driven.host.close()


def test_says_which_runtime_it_is_and_how_it_tells_errors_apart(runtime: Runtime) -> None:
    assert runtime.driven.opened.runtime.startswith("0.1")
    assert runtime.driven.opened.dialect == "class"


def test_a_delivery_is_held_at_the_files_of_the_world_and_told(runtime: Runtime) -> None:
    runtime.start("sequence", 1, "x")
    reported, answer = runtime.deliver(gated=True)
    assert answer["value"] == {}
    kinds = [message["type"] for message in reported if message["type"] != "gate"]
    assert kinds == ["operation_begun", "operation_ended"] * 3 + ["message_queued"]
    asked = [message["op"] for message in reported if message["type"] == "operation_begun"]
    assert asked == ["events.create", "events.list", "events.create"]
    # Each gate lies between an operation and its answer, but that where the message is queued.
    open_calls = 0
    for message in reported:
        open_calls += {"operation_begun": 1, "operation_ended": -1}.get(message["type"], 0)
        queues = message.get("keys") == ["@queue"]
        assert message["type"] != "gate" or open_calls == (0 if queues else 1)
    sends = [at for at, message in enumerate(reported) if message.get("keys") == ["@queue"]]
    assert [reported[at + 1]["type"] for at in sends] == ["message_queued"]
    assert runtime.queue[0]["options"]["idempotencyKey"] == runtime.queue[0]["payload"]["stepId"]


def test_a_body_is_told_with_its_attempt(runtime: Runtime) -> None:
    run_id = runtime.start("retrying_step", 1)
    runtime.deliver()
    step = runtime.queue[0]
    reported, answer = runtime.deliver()
    assert answer["value"] == {"resend": {"delaySeconds": 1.0}}
    runtime.queue.append(step)
    reported += runtime.deliver()[0]
    bodies = [message for message in reported if message["type"] == "step_begun"]
    assert [(body["runId"], body["name"], body["attempt"]) for body in bodies] == [
        (run_id, "retry", 1),
        (run_id, "retry", 2),
    ]


def test_a_refusal_is_told_by_its_class_and_out_of_its_task_group(runtime: Runtime) -> None:
    run_id = runtime.start("sequence", 1)
    runtime.deliver()
    step = runtime.queue[0]
    runtime.deliver()
    # The step is finished; its start is refused, and the handler knows what to do.
    runtime.queue = [step]
    reported, answer = runtime.deliver()
    refused = next(message["error"] for message in reported if "error" in message)
    assert refused["name"] == "EntityConflictError"
    assert answer["type"] == "result"
    # A step that nobody made: the handler does not, and the delivery fails.
    lost = {"runId": run_id, "stepId": "step_0", "stepName": step["payload"]["stepName"]}
    runtime.queue = [{**step, "payload": lost}]
    _, answer = runtime.deliver()
    assert (answer["type"], answer["error"]["name"]) == ("error", "WorkflowWorldError")


def test_replays_a_log_as_its_handlers_do(runtime: Runtime) -> None:
    run_id = runtime.start("sequence", 2, "x")
    runtime.deliver()
    runtime.deliver()
    runtime.deliver()  # reads a log with one step finished, and suspends on the next
    suspended = runtime.replay(run_id, runtime.log)
    assert suspended["outcome"] == "suspended"
    assert [len(suspended[name]) for name in ("steps", "waits", "hooks")] == [1, 0, 0]
    assert suspended["steps"] == [runtime.queue[0]["payload"]["stepId"]]
    while runtime.queue:
        runtime.deliver()
    assert runtime.replay(run_id, runtime.log)["outcome"] == "completed"
    turned = [event for event in runtime.log if event["eventType"] == "step_created"][::-1]
    diverged = runtime.replay(run_id, [runtime.log[0], *turned])
    assert diverged["outcome"] == "diverged"
    run_id = runtime.start("failing_workflow", 0)
    runtime.deliver()
    assert runtime.replay(run_id, runtime.log) == {
        "outcome": "threw",
        "name": "RuntimeError",
        "message": "the workflow throws",
    }


def test_a_cancelled_run_queues_nothing(runtime: Runtime) -> None:
    run_id = runtime.start("sequence", 1)
    reported, _ = runtime.ask("runtime.cancel", run_id)
    assert [message["type"] for message in reported] == ["operation_begun", "operation_ended"]
    assert runtime.ask("runs.get", run_id)[1]["value"]["status"] == "cancelled"


def test_what_it_does_not_have_is_not_implemented(runtime: Runtime) -> None:
    _, answer = runtime.ask("runtime.firstId", "wrun_0", "w", 0)
    assert answer["error"]["code"] == "NOT_IMPLEMENTED"
    _, answer = runtime.ask("runtime.start", "no_such_workflow", [])
    assert answer["error"]["code"] == "NOT_IMPLEMENTED"


ARGUMENTS: dict[str, list[Any]] = {
    "hook_only": ["t"],
    "hook_then_step": ["t"],
    "hook_or_step": ["t"],
    "hook_or_sleep": ["t"],
    "hook_sleep_step": ["t"],
    "hook_taken": ["t"],
    "leaves_hooks": [["t", "u"]],
    "failing_step_caught": [],
    "flow": [flow("early-payload").data, ["t"]],
}


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_every_workflow_of_the_suite_runs_to_the_end_that_it_is_for(runtime: Runtime, workflow: str) -> None:
    arguments = ARGUMENTS.get(workflow, [])
    run_id = runtime.start(workflow, *arguments)
    for _ in range(20):
        if not runtime.queue:
            break
        again = runtime.queue[0]
        _, answer = runtime.deliver()
        resend = answer["value"].get("resend")
        if resend is not None:
            runtime.driven.host.reset(1, _later(runtime, resend["delaySeconds"]))
            runtime.queue.append(again)
    if runtime.ask("runs.get", run_id)[1]["value"]["status"] == "running":
        runtime.ask("runtime.resumeHook", "t", {"said": 1})
        while runtime.queue:
            runtime.deliver()
    run = runtime.ask("runs.get", run_id)[1]["value"]
    failing = workflow in ("failing_step", "failing_workflow")
    assert run["status"] == ("failed" if failing else "completed")
    if workflow == "hook_then_step":
        assert b"said" in run["output"]


def _later(runtime: Runtime, seconds: float) -> int:
    """A moment after what was asked for, in the host's own time."""
    answer = runtime.ask("runs.get", "wrun_nobody")[1]
    return int(answer["clock"] + seconds * 1000 + 1000)
