"""Worlds of PyPI's vercel-workflow run in the Python host: its own local world, held at its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .driver import Driven

pytest.importorskip("vercel.workflow")

_LOCAL = "vercel.workflow._internal.worlds.local:LocalWorld"
Open = Callable[[str], Driven]


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Open]:
    """``local("A")``: a host with a local world on one directory."""
    opened = []

    def start(actor: str) -> Driven:
        env = {"WORKFLOW_LOCAL_DATA_DIR": str(tmp_path)}
        opened.append(Driven(_LOCAL, actors=actor, env=env, gates=["fs"]))
        return opened[-1]

    yield start
    for driven in opened:
        driven.host.close()


def _create(kind: str, key: str | None = None, **data: Any) -> dict[str, Any]:
    event: dict[str, Any] = {"eventType": kind, "specVersion": 2}
    return event | ({"correlationId": key} if key else {}) | ({"eventData": data} if data else {})


def _do(driven: Driven, op: str, *args: Any, actor: str = "A") -> Any:
    gates, answer = driven.run(op, *args, actor=actor, gated=False)
    assert not gates
    return answer.get("value", answer.get("error"))


def _run(driven: Driven) -> str:
    made = _create("run_created", deploymentId="d", workflowName="w", input=[1, {"x": None}])
    run_id: str = _do(driven, "events.create", None, made)["run"]["runId"]
    _do(driven, "events.create", run_id, _create("run_started"))
    return run_id


def test_speaks_our_shapes(local: Open) -> None:
    driven = local("A")
    assert driven.opened.name == "vercel-workflow:LocalWorld"
    assert driven.opened.version.startswith("0.")
    run_id = _run(driven)
    run = _do(driven, "runs.get", run_id)
    assert (run["status"], run["input"]) == ("running", [1, {"x": None}])
    made = _do(driven, "events.create", run_id, _create("step_created", "s", stepName="n", input=b"\0\xff"))
    assert made["step"]["input"] == b"\0\xff"
    _do(driven, "events.create", run_id, _create("hook_created", "h", token="t", metadata="m"))
    assert _do(driven, "steps.list", {"runId": run_id})["data"][0]["stepId"] == "s"
    assert _do(driven, "hooks.list", {"runId": run_id})["data"][0]["metadata"] == "m"
    log = _do(driven, "events.list", {"runId": run_id, "pagination": {"limit": 3}})
    assert [event["eventType"] for event in log["data"]] == ["run_created", "run_started", "step_created"]
    assert log["hasMore"]
    rest = _do(driven, "events.list", {"runId": run_id, "pagination": {"cursor": log["cursor"]}})
    assert [event["eventType"] for event in rest["data"]] == ["hook_created"]
    assert _do(driven, "queue", "__wkf_workflow_w", {"runId": run_id}, {"idempotencyKey": "k"})["messageId"]


def test_says_no_in_its_own_words(local: Open) -> None:
    driven = local("A")
    run_id = _run(driven)
    _do(driven, "events.create", run_id, _create("run_completed", output=1))
    again = _do(driven, "events.create", run_id, _create("run_completed", output=2))
    assert again["name"] == "EntityConflictError"
    assert _do(driven, "runs.get", "wrun_nobody")["name"] == "WorkflowWorldError"
    assert _do(driven, "hooks.getByToken", "nobody")["name"] == "HookNotFoundError"


def test_two_processes_are_held_at_their_files(local: Open) -> None:
    """Each operation on the directory is a gate, so a race between two processes can be chosen."""
    one, other = local("A"), local("B")
    run_id = _run(one)
    actors = {"A": one, "B": other}
    for actor, driven in actors.items():
        driven.start("events.create", run_id, _create("run_completed", output=actor), actor=actor)
    held = {actor: driven.next() for actor, driven in actors.items()}
    assert {gate["access"] for gate in held.values()} == {"read"}
    for actor, driven in actors.items():
        gate = held[actor]
        while gate["type"] == "gate":
            assert gate["label"].split()[0] in {
                "open", "open(r)", "stat", "lstat", "mkdir", "link", "unlink", "replace", "listdir",
                "scandir", "write",
            }  # fmt: skip
            driven.go(gate)
            gate = driven.next()
        held[actor] = gate
    assert held["A"]["type"] == "result"
    events = _do(one, "events.list", {"runId": run_id})["data"]
    assert "run_completed" in [event["eventType"] for event in events]
