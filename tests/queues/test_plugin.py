"""``pytest --world-queue=world`` as a user runs it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.queues.catalogue import FLOWS, PROBES
from conformance.record.file import read
from tests.user import PYTEST

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def start(*args: str) -> subprocess.CompletedProcess[str]:
        words = [*PYTEST, *args]
        return subprocess.run(
            words,
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "140"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return start


def test_the_tests_are_probes_and_stress_races(run: Run) -> None:
    done = run("--world=redis", "--world-queue=world", "--collect-only", "-q")
    names = [line for line in done.stdout.splitlines() if "[" in line]
    assert names == [
        *(f"queue_{probe}[redis-queue]" for probe in PROBES),
        *(f"natural_{flow}[redis-natural]" for flow in FLOWS),
    ]


def test_releases_of_the_runtime_are_told_apart(run: Run) -> None:
    versions = ("--world-runtime=4.8.9", "--world-runtime=4.2.0-beta.71")
    done = run("--world=redis", "--world-queue=world", "--collect-only", "-q", *versions)
    assert "natural_hook[redis-natural@4.8.9]" in done.stdout
    assert "natural_hook[redis-natural@4.2.0-beta.71]" in done.stdout
    assert done.stdout.count("queue_delivers[") == 1


def test_captured_is_as_before(run: Run) -> None:
    done = run("--world=memory", "--world-queue=captured", "--collect-only", "-q")
    assert "run_started[memory-storage]" in done.stdout
    assert "queue_" not in done.stdout


@pytest.mark.slow
def test_a_world_of_one_process(run: Run, tmp_path: Path) -> None:
    done = run(
        "--world=starter",
        "--world-queue=world",
        "--world-budget=quick",
        "--world-record=run.jsonl",
        "-k",
        "queue_delivers or idempotency or survives or natural_fan_out[",
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 passed" in done.stdout  # delivers, and keys as far as one process goes
    assert "fan_out fail (dialect) [error.recognised]" in done.stdout
    assert "queue of starter" in done.stdout
    [recorded] = read(tmp_path / "run.jsonl").runs
    verdicts = {(line.probe, *line.rules): line for line in recorded.verdicts}
    assert verdicts["delivers", "queue.delivers"].verdict == "pass"
    assert verdicts["delivers", "queue.delivers"].runs == 10
    assert verdicts["idempotency_key", "queue.idempotency-shared"].verdict == "unsupported"
    assert verdicts["survives", "queue.survives"].verdict == "unsupported"
    refused = verdicts["fan_out", "error.recognised"]
    assert (refused.verdict, refused.runtime, refused.hosts) == ("fail", "4.8.9", 1)
    assert refused.evidence is not None
    assert refused.evidence.timeline
    assert recorded.footer is not None
    assert recorded.footer.counts["unsupported"] == 2


@pytest.mark.slow
def test_a_queue_that_gives_up_after_three_lost_workers_is_red(run: Run) -> None:
    """The run of that message is stranded: its handlers would have gone on."""
    done = run("--world=starter", "--world-queue=world", "-k", "queue_redelivers")
    assert done.returncode == 1
    assert "[queue.persists]" in done.stdout


@pytest.mark.slow
def test_what_has_no_queue_is_skipped_and_said(run: Run) -> None:
    done = run("--world=memory,redis:reference", "--world-queue=world", "--world-service=embedded", "-rs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{2 * (len(PROBES) + len(FLOWS))} skipped" in done.stdout
    assert "it has no queue of its own" in done.stdout
    assert "runs in Python" in done.stdout


def test_nothing_of_it_can_be_replayed(run: Run) -> None:
    spec = "run_started/storage/start-start/AB"
    done = run("--world=memory", "--world-queue=world", f"--world-replay={spec}")
    assert done.returncode == 4
    assert "cannot be replayed" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_time_limit_is_no_verdict_on_the_world(run: Run) -> None:
    args = ("--world=starter", "--world-queue=world", "--world-time-limit=3", "-k", "queue_redelivers")
    done = run(*args)
    assert done.returncode == 6
    assert "redelivers inconclusive: it took longer than 3 s" in done.stdout
