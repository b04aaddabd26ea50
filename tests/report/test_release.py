"""The release workflow: its scripts build, check and install what a tag names."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.promises.clone import clone
from tests.report.runner import ROOT, Runner, load

JOBS: dict[str, Any] = load(ROOT / ".github" / "workflows" / "release.yml")["jobs"]


def test_only_a_tag_is_published_after_everything_else_and_without_a_token() -> None:
    publish = JOBS["publish"]
    assert set(publish["needs"]) == JOBS.keys() - {"publish"}
    assert publish["if"] == "startsWith(github.ref, 'refs/tags/v')"
    assert publish["permissions"]["id-token"] == "write"
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert "secrets." not in text
    assert all("permissions" not in job for name, job in JOBS.items() if name != "publish")


def test_every_python_that_is_promised_is_tried() -> None:
    tried = set(JOBS["install"]["strategy"]["matrix"]["python"])
    promised = {
        line.split('"')[1].rpartition(":: ")[2]
        for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        if "Python :: 3." in line
    }
    assert promised <= tried


@pytest.mark.slow
def test_a_tag_is_built_and_checked(tmp_path: Path) -> None:
    folder = clone(tmp_path / "project")
    with (folder / "CHANGELOG.md").open("a", encoding="utf-8") as changes:
        changes.write("\n## 7.8.9\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"], ["tag", "v7.8.9"]):
        who = ["-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *words], cwd=folder, check=True)
    runner = Runner(folder, Path(sys.executable).parent, **{"github.ref": "refs/tags/v7.8.9"})
    assert runner.run(JOBS["build"]["steps"]) == 0, runner.said
    [wheel] = (folder / "dist").glob("*-7.8.9-py3-none-any.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "conformance/_content/worlds/redis/package-lock.json" in names
    assert "conformance/hosts/node/main.mjs" in names
    assert not any(name.startswith(("tests/", "worlds/")) for name in names)
