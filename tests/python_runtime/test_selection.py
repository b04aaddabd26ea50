"""``--world-runtime python``: which release, how it is named, and over which worlds it can run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.core.errors import CannotInstall, ConformanceError, NotSupported
from conformance.provision.catalog import python_runtime
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from tests.plugin.conftest import Run, run

from .conftest import NEWEST

__all__ = ["run"]


def test_python_is_the_release_of_this_environment() -> None:
    assert RuntimeWanted.parse("python") == NEWEST
    assert python_runtime.environment(NEWEST.version) == {}


def test_without_one_here_it_is_the_one_the_host_is_made_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_runtime, "installed", lambda: "")
    assert python_runtime.checked("") == python_runtime.NEWEST


@pytest.mark.parametrize("word", ["python@0.11.2", "4.8.9", "5.0.0-beta.55"])
def test_words_and_labels_lead_back(word: str) -> None:
    wanted = RuntimeWanted.parse(word)
    assert wanted.word == word
    assert RuntimeWanted.of(wanted.label) == wanted


def test_labels_of_the_record() -> None:
    assert RuntimeWanted.parse("python@0.11.2").label == "python 0.11.2"
    assert RuntimeWanted.of("4.8.9 translated") == RuntimeWanted("4.8.9", True)
    # It tells errors apart by their classes: there is no other way to say a refusal.
    assert RuntimeWanted.parse("python@0.11.2", translate=True).label == "python 0.11.2"


def test_what_is_no_version() -> None:
    with pytest.raises(ConformanceError, match="python@new: not a version"):
        RuntimeWanted.parse("python@new")


def test_a_release_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("WORLD_CONFORMANCE_CACHE", str(tmp_path))
    for name in ("PIP_NO_INDEX", "PIP_NO_CACHE_DIR"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(CannotInstall, match=r"vercel-workflow==0\.0\.1"):
        python_runtime.environment("0.0.1")


def test_a_world_of_node_is_unsupported() -> None:
    with pytest.raises(NotSupported, match="takes Worlds written in Python"):
        open_world(parse("local"), None, runtime=NEWEST)


@pytest.mark.slow
def test_another_release_is_the_one_that_runs(run: Run, tmp_path: Path) -> None:
    """The version in the words, in the environment of the hosts, and in the record."""
    version = "0.11.2"
    assert version != NEWEST.version
    done = run(
        *["--world=memory", "--world-level=runtime", f"--world-runtime=python@{version}"],
        *["--world-budget=quick", "-k", "run_completed", "--world-record=r.jsonl"],
        timeout=300,
    )
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    verdicts = [line for line in lines if line["kind"] == "verdict"]
    assert {verdict["runtime"] for verdict in verdicts} == {f"python {version}"}, done.stdout + done.stderr
    assert "inconclusive" not in {verdict["verdict"] for verdict in verdicts}
    said = subprocess.run(
        [sys.executable, "-c", "import importlib.metadata as m; print(m.version('vercel-workflow'))"],
        env={**os.environ, **python_runtime.environment(version)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == version
