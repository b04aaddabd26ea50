"""Worlds are found in folders; the engine knows none of them by name."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import conformance
from conformance.core.errors import UnknownWorld
from conformance.provision.catalog import find
from conformance.provision.catalog.select import select
from conformance.provision.catalog.target import parse


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "worlds" / "mine"
    folder.mkdir(parents=True)
    (folder / "world.toml").write_text('title = "Mine"\n[package]\nname = "mine"\n')
    return folder


def test_ours() -> None:
    assert find.names()[0] == "memory"
    assert {"local", "mongodb", "postgres", "redis", "starter", "turso"} <= set(find.names())
    assert not any(name.startswith("_") for name in find.names())


def test_a_world_is_added_by_adding_a_folder(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownWorld):
        find.load("mine")
    monkeypatch.setenv(find.SEARCH_PATH, str(mine.parent))
    assert "mine" in find.names()
    assert find.load("mine").title == "Mine"
    assert [target.label for target in select(["mine"])] == ["mine"]
    assert "mine" in [target.world for target in select(["all"])]


def test_a_world_by_path(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine.parent)
    assert parse("./mine").world == "mine"
    assert parse(f"{mine}{os.sep}world.toml").world == "mine"
    with pytest.raises(UnknownWorld, match=r"No world\.toml in other"):
        find.load("./other")


def test_unknown_names_are_met_with_a_proposal() -> None:
    with pytest.raises(UnknownWorld, match="Did you mean 'postgres'"):
        parse("postgresql")
    with pytest.raises(UnknownWorld, match="Known: memory, "):
        parse("cassandra")
    with pytest.raises(UnknownWorld):
        parse("_template")


def test_no_code_of_the_suite_names_a_world() -> None:
    """Names of worlds that are not also names of a database kind appear in no Python file of the engine; but
    the tables of the spec cite the packages that their rows are from."""
    package = Path(conformance.__file__).parent
    for name in ("world-postgres", "workflow-worlds/redis", "world-local", "workflow-worlds/turso"):
        found = subprocess.run(
            ["grep", "-rlF", "--include=*.py", "--exclude-dir=spec", name, str(package)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.stdout == ""
