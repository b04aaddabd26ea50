"""A World is added as one folder, a rule in one place: each is done in a copy, with no other file touched.

(A scenario is added as one file in ``tests/promises/test_05_records_from_strangers.py``.)
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .test_layers import ROOT

_WORLD = """\
title = "Pebble"
engine = "python"
levels = ["storage"]

[isolation]
kind = "directory"

[reference]
class = "pebble:Pebble"
options = { path = "{directory}/pebble.db" }
"""
#: the same store as another World's, under a name of its own
_CLASS = """\
from ..turso.reference import TursoWorld


class Pebble(TursoWorld):
    pass
"""
_RULE = '    ("step.ends-for-good", "must", "whatever ended a step is the last that it hears", _DOCS),\n'


class Copy:
    """A copy of the project. Commands run in ``folder``, and import the copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ignored = shutil.ignore_patterns("node_modules", "__pycache__")
        for name in ("conformance", "scenarios", "worlds", "reports/templates"):
            shutil.copytree(ROOT / name, folder / "project" / name, ignore=ignored)
        self.project = folder / "project"

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``python -m`` these words."""
        env = {**os.environ, "PYTHONPATH": str(self.project), "COLUMNS": "160"}
        return subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def judge(self, world: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Judge two scenarios of a world at level ``storage``; the record is ``run.jsonl``."""
        words = (
            "-p",
            "no:cacheprovider",
            f"--world={world}",
            "--world-level=storage",
            "--world-budget=quick",
        )
        return self.run("pytest", *words, "-k", "step_completed", "--world-record=run.jsonl", *more)

    def text(self, name: str) -> str:
        """A file that a command wrote."""
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


@pytest.mark.slow
def test_a_world_is_added_as_one_folder(copy: Copy) -> None:
    added = copy.project / "worlds" / "pebble"
    added.mkdir()
    (added / "world.toml").write_text(_WORLD, encoding="utf-8")
    (added / "pebble.py").write_text(_CLASS, encoding="utf-8")

    listed = copy.run("conformance", "list", "--json")
    assert "pebble" in [one["world"] for one in json.loads(listed.stdout)], listed.stdout
    plan = copy.run("conformance", "doctor", "--world=pebble")
    assert "path={directory}/pebble.db" in plan.stdout, plan.stdout + plan.stderr
    done = copy.judge("pebble")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    merged = copy.run("conformance", "report", "merge", "run.jsonl", "--gate", "--markdown", "m.md")
    assert merged.returncode == 0, merged.stderr
    assert "| pebble" in copy.text("m.md")


@pytest.mark.slow
def test_a_rule_is_added_in_one_place(copy: Copy) -> None:
    """It is a line of the rules, and a row of the table is judged by it."""
    rules, table = (copy.project / "conformance" / "spec" / name for name in ("rules.py", "transitions.py"))
    text = rules.read_text(encoding="utf-8")
    before = '    ("step.terminal-once",'
    assert text.count(before) == 1
    rules.write_text(text.replace(before, _RULE + before), encoding="utf-8")
    text = table.read_text(encoding="utf-8")
    row = "Row(event, _LIVE, _ENDED, (_CONFLICT,), rule, source=_REVIEW)"
    assert text.count(row) == 1
    table.write_text(text.replace(row, row.replace("rule", '"step.ends-for-good"')), encoding="utf-8")

    page = copy.run("conformance.spec.document").stdout
    assert "| `step.ends-for-good` | **must** | whatever ended a step is the last that it hears |" in page
    done = copy.judge("memory", "--world-option=mutant=late-guard")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "[step.ends-for-good]" in done.stdout
    wanted = {"--markdown": "m.md", "--html": "m.html", "--junit": "m.xml", "--sarif": "m.sarif"}
    outputs = [word for pair in wanted.items() for word in pair]
    gated = copy.run("conformance", "report", "merge", "run.jsonl", "--gate", *outputs)
    assert gated.returncode == 1, gated.stderr
    for name in wanted.values():
        assert "step.ends-for-good" in copy.text(name), name
    assert "whatever ended a step is the last that it hears" in copy.text("m.html")


@pytest.mark.slow
def test_a_promoted_race_is_one_file_as_it_is_written(copy: Copy) -> None:
    """A failure of the race map is a scenario without a change, and fails as one."""
    place = "map/storage/run_cancelled~hook_received@running+hook-active/aA2bB2"
    done = copy.run("conformance", "promote", place, "--into", "project/scenarios", "--name", "late_payload")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "project/scenarios/s9_late_payload.py"
    judged = copy.judge("memory", "--world-option=mutant=received-late", "-k", "late_payload")
    assert judged.returncode == 1, judged.stdout + judged.stderr
    assert "late_payload[memory-storage]" in judged.stdout
