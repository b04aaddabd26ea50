"""The scripts on the real thing: they show the failure, and only the failure, without a line of ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.repro.bundle import bundle

from .conftest import HANDLERS, INSTANCE, KILLED, STORAGE, Redis, Run

#: A package that makes the published World and guards the end of a step with one indivisible operation.
_MENDED = """
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as published from %s;

const refuse = () => Object.assign(new Error('the step has ended'), %s);

export function createWorld(options) {
  const world = published.createWorld(options);
  const create = world.events.create.bind(world.events);
  world.events.create = async (runId, event, ...more) => {
    if (event.eventType === 'step_completed') {
      const lock = path.join(os.tmpdir(), `ended-${options.keyPrefix}-${runId}-${event.correlationId}`);
      try {
        fs.mkdirSync(lock);
      } catch {
        throw refuse();
      }
    }
    return await create(runId, event, ...more);
  };
  return world;
}
"""
_CONFLICT = "{ name: 'WorkflowAPIError', status: 409 }"
_RAW = "{ name: 'Error' }"


def _package(redis: Redis, folder: Path, refusal: str) -> str:
    """A checkout in which the step's end is guarded; its path."""
    assert redis.code.root is not None
    folder.mkdir()
    manifest = {"name": redis.code.name, "version": "9.9.9", "type": "module", "exports": "./index.js"}
    (folder / "package.json").write_text(json.dumps(manifest))
    (folder / "index.js").write_text(_MENDED % (json.dumps(redis.code.module), refusal))
    return str(folder)


def test_a_failure_of_the_handlers_is_shown_with_no_handlers(redis: Redis, run: Run) -> None:
    done = run(redis.exported[HANDLERS].script)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "WRONG: A's step_started step1 got success; right is a conflict" in done.stdout
    assert "does not fit" not in done.stdout
    assert done.stderr == ""


def test_actors_of_one_world_race_in_one_process(redis: Redis, run: Run) -> None:
    script = redis.exported[INSTANCE].script
    assert "How: all actors call one World." in script
    done = run(script)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "WRONG: A's step_completed step1 got success; right is a conflict" in done.stdout
    assert "does not fit" not in done.stdout


def test_a_handler_is_killed_where_it_was(redis: Redis, run: Run) -> None:
    done = run(redis.exported[KILLED].script)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    killed = lines.index("✗ kill: the caller's process is killed before this operation is made")
    assert lines[killed - 1].startswith("• HSET runs:run1")
    assert lines[-1] == "WRONG: the events say run1 is running; the database says failed"
    # At the same place of another order the handler has done all of it.
    other = run(redis.exported[KILLED].script, SCHEDULE="BA40")
    assert other.returncode == 0, other.stdout + other.stderr
    assert "Not reproduced: what came of it is not what was recorded." in other.stdout


def test_an_actor_begins_where_the_schedule_says(redis: Redis, run: Run) -> None:
    done = run(redis.exported[STORAGE].script, SCHEDULE="aA2bB5A3")
    assert done.returncode == 1, done.stdout + done.stderr
    race = [line.strip() for line in done.stdout.split("\n\n")[1].splitlines()]
    assert [line[0] for line in race[1:6]] == ["→", "•", "•", "→", "•"]
    assert "does not fit" not in done.stdout


def test_it_prints_what_happens_and_what_is_wrong(redis: Redis, run: Run) -> None:
    done = run(redis.exported[STORAGE].script)
    assert done.returncode == 1, done.stdout + done.stderr
    race = [line.strip() for line in done.stdout.split("\n\n")[1].splitlines()]
    assert race[1:5] == [
        "→ step_completed step1",
        "→ step_completed step1",
        "• HGETALL runs:run1  dist/storage.js:114",
        "• HGETALL steps:run1:step1  dist/storage.js:283",
    ]
    assert [line for line in race if line.startswith("←")] == ["← success", "← success"]
    assert "step_completed step1           2 x" in done.stdout
    assert done.stdout.splitlines()[-1] == "WRONG: B's step_completed step1 got success; right is a conflict"


@pytest.mark.parametrize(("failure", "order"), [(STORAGE, "B40A40"), (HANDLERS, "A")])
def test_nothing_is_wrong_without_the_race(redis: Redis, run: Run, failure: str, order: str) -> None:
    done = run(redis.exported[failure].script, SCHEDULE=order)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Not reproduced: an order of these calls explains all of it." in done.stdout


def test_a_mended_world_passes_and_a_badly_mended_one_does_not(
    redis: Redis, run: Run, tmp_path: Path
) -> None:
    script = redis.exported[STORAGE].script
    good = run(script, WORLD_PACKAGE=_package(redis, tmp_path / "good", _CONFLICT), TMPDIR=str(tmp_path))
    assert good.returncode == 0, good.stdout + good.stderr
    bad = run(script, WORLD_PACKAGE=_package(redis, tmp_path / "bad", _RAW), TMPDIR=str(tmp_path))
    assert bad.returncode == 1
    assert "unexpected error Error; right is conflict" in bad.stdout
    assert "WRONG, though not as recorded" in bad.stdout


def test_what_is_missing_is_said(redis: Redis, run: Run, tmp_path: Path) -> None:
    script = redis.exported[STORAGE].script
    (tmp_path / "node_modules" / "@workflow-worlds" / "redis").unlink()
    done = run(script)
    assert done.returncode == 2
    assert "npm i @workflow-worlds/redis" in done.stderr
    assert "    at " not in done.stderr


def test_a_broken_host_is_no_failure_of_the_world(redis: Redis, run: Run) -> None:
    begin = "function host(require) {"
    script = redis.exported[STORAGE].script
    assert script.count(begin) == 1
    done = run(script.replace(begin, f"{begin} require('node:fs').writeSync(4, 'nonsense\\n');"))
    assert done.returncode == 2, done.stdout
    assert "Could not be run: SyntaxError" in done.stderr
    assert "WRONG" not in done.stdout


def test_the_script_stands_alone_and_says_what_it_is(redis: Redis) -> None:
    script = redis.exported[STORAGE].script
    head = script.partition("*/")[0]
    for said in (
        "@workflow-worlds/redis@0.2.2",
        "WRONG B's step_completed step1 got success; right is a conflict",
        "RULE  step.terminal-once",
        "KIND  not atomic",
        "src/storage.ts:462 (dist/storage.js:283)",
        "npm i @workflow-worlds/redis@0.2.2",
        "REDIS_URL=redis://localhost:6379 node repro.mjs",
        f"--world-replay={STORAGE}",
    ):
        assert said in head
    imports = [line for line in script.splitlines() if line.startswith("import ")]
    assert all(' from "node:' in line for line in imports)
    assert str(redis.code.root) not in script
    assert redis.service.url not in script


def test_the_issue_holds_the_evidence_and_the_script(redis: Redis) -> None:
    exported = redis.exported[STORAGE]
    assert exported.issue.startswith("# two handlers finish one step: not atomic (redis 0.2.2")
    assert "| • HGETALL runs:run1" in exported.issue
    assert f"````js\n{exported.script}````" in exported.issue
    assert len(exported.issue) < 65_536


def test_a_script_has_the_protocol_that_it_needs_and_no_other() -> None:
    hosts = {
        protocol: bundle(["net", protocol], streams=False)[1] for protocol in ("mysql", "mariadb", "redis")
    }
    assert [name for name, host in hosts.items() if "./mysql.mjs" in host] == ["redis"]
    assert [name for name, host in hosts.items() if "./redis.mjs" in host] == ["mysql", "mariadb"]
