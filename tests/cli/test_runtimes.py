"""4.2.0-beta.70 against 4.2.0-beta.71 on the same worlds, with the commands of ``docs/runtimes.md``."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.user import PYTEST

from .test_cli import run

BEFORE, AFTER = "4.2.0-beta.70", "4.2.0-beta.71"


def _compared(tmp_path: Path, *words: str) -> dict[str, Any]:
    record = tmp_path / "runtimes.jsonl"
    done = subprocess.run(
        [*PYTEST, "--world-level=runtime", *words,
         f"--world-runtime={BEFORE}", f"--world-runtime={AFTER}", "--world-budget=quick",
         "--world-fail-on=never", f"--world-record={record}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    said = run("report", "runtimes", str(record), "--json", "-")
    assert said.returncode == 0, said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    assert (found["before"], found["after"]) == (BEFORE, AFTER)
    return found


def _changes(found: dict[str, Any]) -> set[tuple[str, int, str, str]]:
    return {(one["kind"], one["scenario"], one["variant"], one["check"]) for one in found["changes"]}


def _levels(found: dict[str, Any]) -> dict[str, tuple[list[str], list[str]]]:
    return {one["text"]: (one["before"], one["after"]) for one in found["lines"]}


LOWERED = (["warn"], ["info"])


@pytest.mark.slow
def test_on_a_world_that_is_right(tmp_path: Path) -> None:
    found = _compared(
        tmp_path, "--world=memory", "--world-translate-errors",
        "-k", "run_completed or end_against_suspension or step_completed",
    )  # fmt: skip
    assert _changes(found) == {
        ("fixed", 2, "only-message-twice", "logs"),
        ("fixed", 4, "hooks-left-behind", "logs"),
    }
    levels = _levels(found)
    assert levels["Tried completing workflow run, but run has already finished."] == LOWERED
    assert levels["Tried completing step, but step has already finished."] == LOWERED
    assert levels["Run already finished during setup, skipping"] == ([], ["info"])
    assert levels["Workflow run already completed, skipping hook"] == ([], ["info"])
    assert levels["Step already exists, continuing"] == (["info"], ["info"])


@pytest.mark.slow
@pytest.mark.parametrize("world", ["redis", "starter"])
def test_on_a_published_world_of_that_dialect(tmp_path: Path, world: str) -> None:
    found = _compared(tmp_path, f"--world={world}", "--world-service=embedded", "-k", "run_completed")
    assert ("fixed", 2, "only-message-twice", "logs") in _changes(found)
    assert not [one for one in found["changes"] if one["kind"] == "broken"]
    assert _levels(found)["Tried completing workflow run, but run has already finished."] == LOWERED
