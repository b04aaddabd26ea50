"""A run over upstream's catalogue: all of it with one word, and what cannot run stops nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.plugin.conftest import Run

WORLDS = [
    {
        "id": "cloud",
        "package": "acme-cloud",
        "requiresCredentials": True,
        "credentialsNote": "Requires A_KEY",
    },
    {"id": "edge", "package": "acme-edge", "requiresDeployment": True},
    {"id": "files", "package": "@workflow/world-local", "env": {}},
]


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    file = tmp_path / "worlds-manifest.json"
    file.write_text(json.dumps({"worlds": WORLDS}))
    return f"--world-manifest={file}"


def test_what_cannot_run_is_said_and_stops_nothing_else(run: Run, manifest: str) -> None:
    done = run(manifest, "--world=all", "-k", "wait_completed and storage", "--world-budget=quick")
    assert "World 'cloud' of the manifest cannot run here: Requires A_KEY." in " ".join(done.stdout.split())
    assert "2 skipped" in done.stdout, "the two that cannot run are unsupported"
    assert "wait_completed[files-storage]" in done.stdout + done.stderr or "1 passed" in done.stdout
    alone = run(manifest, "--world=cloud")
    assert (alone.returncode, "--world-env NAME=VALUE" in alone.stderr) == (4, True)


def test_the_file_alone_says_what_to_add(run: Run, manifest: str) -> None:
    done = run(manifest)
    assert done.returncode == 4
    assert "Add --world=all, or some of cloud, edge, files." in done.stderr
