"""One Redis, failures of the published World as scripts, and a way to run them as a maintainer does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.provision.catalog.code import Code, resolve
from conformance.provision.catalog.target import parse
from conformance.provision.node import find_node
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service
from conformance.record.replays import read_replays
from conformance.repro.export import Exported, export

STORAGE = "step_completed/storage/complete-complete/A2B5A3"
INSTANCE = "step_completed/storage/complete-complete+instance/A2B5A3"
HANDLERS = "step_completed/handlers/step-message-twice/A2B10A8"
#: The handler of A is killed between two writes; B cancels.
KILLED = "run_failed/handlers/fail-and-cancel+faults?faults=kill@9/A10B2"


@dataclass(frozen=True)
class Redis:
    """The published package, a server, and the scripts that were exported from both."""

    code: Code
    service: Service
    exported: dict[str, Exported]


#: ``run(script, env…)`` in a directory of its own: the finished process.
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """All failures, exported side by side."""
    target = parse("redis")
    assert target.descriptor.service is not None
    service = start_service(target.descriptor.service, force="embedded")
    try:
        with ThreadPoolExecutor(2) as pool:
            made = {
                failure: pool.submit(export, read_replays(failure)[0], target, url=service.url)
                for failure in (STORAGE, INSTANCE, HANDLERS, KILLED)
            }
            exported = {failure: done.result() for failure, done in made.items()}
        yield Redis(resolve(target), service, exported)
    finally:
        service.stop()


@pytest.fixture
def run(redis: Redis, tmp_path: Path) -> Run:
    """Run a script beside ``node_modules`` that hold the package, with none of our code."""
    assert redis.code.root is not None
    modules = tmp_path / "node_modules" / "@workflow-worlds"
    modules.mkdir(parents=True)
    (modules / "redis").symlink_to(redis.code.root)

    def start(script: str, **env: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "repro.mjs"
        file.write_text(script, encoding="utf-8")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return subprocess.run(
            [find_node(), "repro.mjs"],
            cwd=tmp_path,
            env={**kept, "REDIS_URL": redis.service.url, **env},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return start
