"""Logs replayed by the real runtime, and the same logs replayed by the model.

``replays.json`` holds what ``@workflow/core`` 4.8.9 made of some hundred logs: real ones, cut short,
and spoiled (events doubled, dropped, swapped, made strange). To record anew::

    python -m tests.handlers.real.replays path/to/node_modules/@workflow/core
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from conformance.handlers import (
    WORKFLOWS,
    Completed,
    Diverged,
    Suspended,
    Threw,
    deliver,
    replay,
    resume_hook,
)
from conformance.handlers.ids import Ids
from conformance.spec.clock import date, millis
from conformance.spec.vocabulary import Event, Json
from tests.handlers.stage import Stage

RECORD = Path(__file__).with_suffix(".json")
RUN_ID = "wrun_01JZZZZZZZZZZZZZZZZZZZZZZZ"
STARTED_AT = 1_700_000_000_000

ARGUMENTS: dict[str, list[Json]] = {
    "empty": ["x"],
    "sequence": [3, "x"],
    "fan_out": [3],
    "fan_out_then": [2],
    "sleep_then_step": [1000],
    "sleep_and_step": [1000],
    "sleeps": [2, 1000],
    "hook_only": ["t"],
    "hook_then_step": ["t"],
    "hook_or_step": ["t"],
    "hook_or_sleep": ["t", 1000],
    "hook_sleep_step": ["t", 1000],
    "hook_taken": ["t"],
    "leaves_hooks": [["t", "u"]],
    "leaves_step": [1],
    "leaves_sleep": [60000],
    "failing_step": [],
    "failing_step_caught": [],
    "failing_workflow": [2],
}

#: ``[type, number of the call site, data]``
Entry = list[Any]


def outcome(case: dict[str, Any]) -> dict[str, Any]:
    """What the model makes of a case, in the form of the record."""
    name = case["workflow"]
    walk = Ids.of_run(RUN_ID, name, STARTED_AT)
    ulids = [walk.draw("step").partition("_")[2] for _ in range(64)]
    sites = {ulid: number for number, ulid in enumerate(ulids)}
    run = {"runId": RUN_ID, "workflowName": name, "startedAt": date(STARTED_AT), "input": case["args"]}
    found = replay(WORKFLOWS[name], run, as_events(case["log"], ulids), STARTED_AT)

    def site(identifier: str) -> int:
        return sites[identifier.partition("_")[2]]

    match found:
        case Completed(output):
            return {"kind": "completed", "output": output}
        case Threw(error, message):
            return {"kind": "threw", "name": error, "message": message}
        case Diverged(_, event):
            return {"kind": "diverged", "at": event["eventId"]}
        case Suspended(steps, hooks, waits):
            return {
                "kind": "suspended",
                "steps": [[site(each.id), each.name, each.args, each.has_created] for each in steps],
                "hooks": [[site(each.id), each.token, each.has_created, each.disposed] for each in hooks],
                "waits": [[site(each.id), each.resume_at if each.has_created else None] for each in waits],
            }


def as_events(log: list[Entry], ulids: list[str]) -> list[Event]:
    """The log of a case as the handlers read it; ``ulids`` are those that the replay draws."""
    return [_event(entry, at, ulids) for at, entry in enumerate(log)]


def _event(entry: Entry, at: int, ulids: list[str]) -> Event:
    kind, site, data = entry
    data = dict(data)
    if "resumeAt" in data:
        data["resumeAt"] = date(data["resumeAt"])
    event: Event = {"eventType": kind, "eventId": at, "eventData": data}
    if site is not None:
        event["correlationId"] = f"{kind.partition('_')[0]}_{'alien' if site < 0 else ulids[site]}"
    return event


def real_log(name: str, rng: random.Random) -> list[Entry]:
    """The log of a run whose messages were delivered in a random order, hooks resumed in between."""
    stage = Stage()
    run_id = stage.start(name, *ARGUMENTS[name])
    for _ in range(40):
        waiting = stage.queue.pending() + stage.queue.delayed()
        tokens = sorted(stage.driver.world.state.tokens)
        if tokens and rng.random() < 0.3:
            stage.alone(resume_hook(stage.suite, stage.queue, rng.choice(tokens), {"p": rng.randrange(9)}))
        elif waiting:
            message = rng.choice(waiting)
            if message not in stage.queue.pending():
                stage.runtime.jump(100_000)
            stage.alone(deliver(stage.suite, message, stage.queue, stage.runtime))
    run = stage.run(run_id)
    started_at = millis(run["startedAt"])
    assert started_at is not None
    walk = Ids.of_run(run_id, name, started_at)
    sites = {walk.draw("step").partition("_")[2]: number for number in range(64)}
    entries: list[Entry] = []
    for event in stage.driver.world.events[run_id]:
        kind = event["eventType"]
        if kind in ("run_completed", "run_failed"):
            continue
        data = {key: value for key, value in event.get("eventData", {}).items() if key in _KEPT}
        if "resumeAt" in data:
            data["resumeAt"] = millis(data["resumeAt"])
        about = event.get("correlationId")
        entries.append([kind, None if about is None else sites[about.partition("_")[2]], data])
    return entries


_KEPT = ("result", "payload", "error", "resumeAt", "stepName", "token")


def spoil(log: list[Entry], rng: random.Random) -> list[Entry]:
    """Cut a log short, and maybe double, drop, swap, or change an event or two."""
    log = json.loads(json.dumps(log[: rng.randint(0, len(log))]))
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        if len(log) < 2:
            break
        at = rng.randrange(len(log))
        other = rng.randrange(len(log))
        match rng.randrange(7):
            case 0:
                log.insert(other, log[at])
            case 1:
                del log[at]
            case 2:
                log[at], log[other] = log[other], log[at]
            case 3:
                log[at][1] = rng.choice((None, -1, 0, 1, 2)) if log[at][1] is not None else None
            case 4:
                log[at][0] = log[other][0]
            case 5:
                log[at][2] = {**log[at][2], "stepName": "another"}
            case 6:
                log.insert(at, ["hook_conflict", rng.choice((0, 1)), {"token": "t"}])
    return log


def cases(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """``count`` different cases, the same for a seed."""
    rng = random.Random(seed)
    found: dict[str, dict[str, Any]] = {}
    while len(found) < count:
        name = rng.choice(sorted(ARGUMENTS))
        case = {"workflow": name, "args": ARGUMENTS[name], "log": spoil(real_log(name, rng), rng)}
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
