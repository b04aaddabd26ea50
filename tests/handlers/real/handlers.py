"""Deliveries to the real handlers over a world that answers as told, and the same to the model.

``handlers.json`` holds what the handlers of ``@workflow/core`` 4.8.9 asked the world, queued, logged and
gave back for some hundred deliveries. To record anew::

    python -m tests.handlers.real.handlers path/to/node_modules/@workflow/core
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from conformance.core.actor import Actor
from conformance.core.gates import run_alone
from conformance.core.history import History, Message
from conformance.handlers import STEPS, WORKFLOWS, CapturedQueue, Runtime, StepBody, Workflow, deliver
from conformance.handlers.ids import Ids
from conformance.spec.clock import date
from conformance.spec.vocabulary import WorldError, conflict, gone, not_found, too_early
from tests.handlers.real.replays import ARGUMENTS, RUN_ID, STARTED_AT, Entry, as_events, real_log

RECORD = Path(__file__).with_suffix(".json")
NOW = STARTED_AT + 60_000

REFUSALS = {
    "conflict": conflict("taken"),
    "gone": gone("finished"),
    "not_found": not_found("no such hook"),
    "too_early": too_early("not yet", 7),
    "throttled": WorldError("ThrottleError", "slowly", retry_after=3),
    "unexpected": WorldError("Error", "boom"),
    "contract": WorldError("WorkflowWorldError", "Schema validation failed for x"),
}
#: The steps of the recorder never succeed in another way than these.
_STEPS = {**STEPS, "retry": StepBody("retry", failures=99)}
_RUNTIME = {name: Workflow(workflow.fn, _STEPS) for name, workflow in WORKFLOWS.items()}


def outcome(case: dict[str, Any]) -> dict[str, Any]:
    """What the model does with a delivery, in the form of the record."""
    name = case["workflow"]
    walk = Ids.of_run(RUN_ID, name, STARTED_AT)
    ulids = [walk.draw("step").partition("_")[2] for _ in range(64)]
    run = {"runId": RUN_ID, "workflowName": name, "status": "running", "startedAt": date(STARTED_AT)}
    run |= {"input": case["args"], **(case.get("run") or {})}
    step = {
        "stepId": "step_1",
        "status": "running",
        "attempt": 1,
        "startedAt": date(STARTED_AT),
        "input": [],
        **(case.get("step") or {}),
    }
    answer = {
        "run": None if case.get("run", 1) is None else run,
        "step": None if case.get("step", 1) is None else step,
    }
    asked: list[str] = []

    async def perform(op: str, args: tuple[Any, ...]) -> Any:
        kind = "list" if op == "events.list" else args[1]["eventType"]
        asked.append(kind)
        refusal = case["refusals"].get(kind)
        if refusal == "hook_conflict":
            return {"event": {"eventType": "hook_conflict"}}
        if refusal is not None:
            raise REFUSALS[refusal]
        if op == "events.list":
            log = [{**event, "eventId": str(event["eventId"])} for event in as_events(case["log"], ulids)]
            return {"data": log, "cursor": None, "hasMore": False}
        return {"event": args[1], **answer}

    history = History()
    actor = Actor("A", history, perform, lambda: NOW)
    queue = CapturedQueue(history, lambda: NOW)
    message = _message(case)
    delivery = run_alone(deliver(actor, message, queue, Runtime(workflows=_RUNTIME)))
    later = [each.delay for each in history.messages if each.origin == "timeout"]
    return {
        "asked": asked,
        "queued": [_queued(each, ulids) for each in history.messages if each.origin != "timeout"],
        "logs": [line.level for line in history.logs if line.origin == "runtime" and line.level != "debug"],
        "later": later[0] if later else None,
        "failed": delivery.failed is not None,
    }


def _message(case: dict[str, Any]) -> Message:
    if case["message"] == "step":
        body = {"workflowName": case["workflow"], "stepName": case["stepName"]}
        return Message("msg_0", "step", RUN_ID, "step_1", attempt=case["attempt"], body=body)
    body = {"workflowName": case["workflow"], **case.get("body", {})}
    return Message("msg_0", "workflow", RUN_ID, attempt=case["attempt"], body=body)


def _queued(message: Message, ulids: list[str]) -> list[Any]:
    if message.queue == "workflow":
        chain = message.body.get("replayDivergence")
        return ["workflow", chain["count"] if chain else None, message.key is not None]
    assert message.step_id is not None
    return ["step", ulids.index(message.step_id.partition("_")[2]), message.key == message.step_id]


_ANY = ("conflict", "gone", "not_found", "unexpected", "too_early", "throttled")
_BY_TYPE = {
    "hook_created": (*_ANY, "hook_conflict"),
    "run_started": (*_ANY, "contract"),
    "list": ("contract", "unexpected"),
}
_CREATES = ("hook_created", "hook_disposed", "step_created", "wait_created", "wait_completed")
_ENDS = ("run_completed", "run_failed")


def _refusals(rng: random.Random, kinds: tuple[str, ...]) -> dict[str, str]:
    chosen = rng.sample(kinds, rng.choice((0, 1, 1, 1, 2)))
    return {kind: rng.choice(_BY_TYPE.get(kind, _ANY)) for kind in chosen}


def _workflow_case(rng: random.Random) -> dict[str, Any]:
    name = rng.choice(sorted(ARGUMENTS))
    log = real_log(name, rng)
    log = log[: rng.randint(0, len(log))]
    case: dict[str, Any] = {
        "message": "workflow",
        "workflow": name,
        "args": ARGUMENTS[name],
        "log": _timed(log, rng),
    }
    case["attempt"] = rng.choice((1, 1, 1, 1, 2, 48, 49))
    kinds = _CREATES + _ENDS if rng.random() < 0.8 else ("run_started", "list", *_ENDS)
    case["refusals"] = _refusals(rng, kinds)
    match rng.randrange(12):
        case 0:
            case["run"] = rng.choice(
                (None, {"status": "completed"}, {"status": "cancelled"}, {"startedAt": None})
            )
        case 1:
            case["log"].append([rng.choice(("run_completed", "run_failed", "run_cancelled")), None, {}])
        case 2:
            case["log"].insert(0, ["step_created", -1, {}])
            case["body"] = {"replayDivergence": {"eventId": "e", "count": rng.randint(1, 4)}}
    return case


def _timed(log: list[Entry], rng: random.Random) -> list[Entry]:
    """Put the sleeps of a log before or after the moment of the delivery."""
    times: dict[int, int] = {}
    for entry in log:
        if "resumeAt" in entry[2]:
            at = times.setdefault(entry[1], NOW + rng.choice((-5000, -1, 0, 1, 999, 1001, 30_000)))
            entry[2]["resumeAt"] = at
    return log


def _step_case(rng: random.Random) -> dict[str, Any]:
    kinds = ("step_started", "step_completed", "step_failed", "step_retrying")
    case: dict[str, Any] = {
        "message": "step",
        "stepName": rng.choice(("work", "work", "fatal", "retry", "nobody knows it")),
        "workflow": "sequence",
        "args": [],
        "log": [],
        "attempt": rng.choice((1, 1, 1, 2, 48, 49)),
        "refusals": _refusals(rng, kinds),
    }
    match rng.randrange(4):
        case 0:
            case["step"] = {"attempt": rng.choice((2, 3, 4, 5, 6))}
        case 1:
            case["step"] = rng.choice((None, {"startedAt": None}))
    return case


def cases(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """``count`` different deliveries, the same for a seed."""
    rng = random.Random(seed)
    found: dict[str, dict[str, Any]] = {}
    while len(found) < count:
        case = _step_case(rng) if rng.random() < 0.3 else _workflow_case(rng)
        found.setdefault(json.dumps(case), case)
    return list(found.values())


def record(core: str, count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Ask the real runtime, in Node."""
    script = Path(__file__).with_suffix(".mjs")
    answered = subprocess.run(
        ["node", str(script), core],
        input=json.dumps(cases(count, seed)),
        capture_output=True,
        text=True,
        check=True,
    )
    made: list[dict[str, Any]] = json.loads(answered.stdout)
    return made


if __name__ == "__main__":
    made = record(sys.argv[1], 400)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in made)
    RECORD.write_text(f"[\n{lines}\n]\n")
