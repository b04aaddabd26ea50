"""world.toml: strict, and clear about what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.core.errors import UnknownWorld
from conformance.provision.catalog.descriptor import Descriptor, decode, read
from conformance.provision.catalog.find import load, names

SMALL = b"""
title = "Tiny"
[package]
name = "tiny-world"
"""


def test_a_small_file_is_enough() -> None:
    descriptor = decode(SMALL, "tiny/world.toml")
    assert descriptor.engine == "node"
    assert descriptor.levels == ("storage", "handlers")
    assert descriptor.isolation.kind == "runs"
    assert descriptor.service is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            SMALL + b"shared_proces = true\n",
            ("'shared_proces'", "[package]", "factory, fallback, name, version"),
        ),
        (b"level = []\n" + SMALL, ("'level'", "the top level", "levels")),
        (SMALL + b"[host]\nlock = true\n", ("'lock'", "[host]", "locks")),
        (SMALL + b'[host]\ngates = ["http"]\n', ("http", "host.gates")),
        (SMALL + b'[isolation]\nkind = "luck"\n', ("luck", "isolation.kind")),
        (SMALL + b"[setup]\ncommand = 'node x && y'\n", ("setup.command", "array")),
        (b'title = "x"\n', ("needs a [package]",)),
        (b"title = \n", ("is not TOML",)),
        (b'name = "x"\ntitle = "x"\n', ("'name'", "folder's name")),
    ],
)
def test_a_mistake_is_named(text: bytes, said: tuple[str, ...]) -> None:
    with pytest.raises(UnknownWorld) as caught:
        decode(text, "tiny/world.toml")
    for part in ("tiny/world.toml", *said):
        assert part in str(caught.value)


def test_the_folder_names_the_world(tmp_path: Path) -> None:
    file = tmp_path / "mine" / "world.toml"
    file.parent.mkdir()
    file.write_bytes(SMALL)
    descriptor = read(file)
    assert descriptor.name == "mine"
    assert descriptor.root() == file.parent


def test_a_world_of_no_folder_says_so() -> None:
    with pytest.raises(UnknownWorld, match="not read from a folder"):
        Descriptor(title="x", name="x").root()


@pytest.mark.parametrize("name", names())
def test_every_world_of_ours_is_well_described(name: str) -> None:
    descriptor = load(name)
    assert descriptor.title
    assert descriptor.notes
    if descriptor.package is not None and descriptor.package.version is not None:
        lock = descriptor.root() / "package-lock.json"
        assert f'"node_modules/{descriptor.package.name}"' in lock.read_text()
        assert '"resolved"' not in lock.read_text(), "a lock must not record registry addresses"
        assert "omit-lockfile-registry-resolved=true" in (lock.parent / ".npmrc").read_text()
    if descriptor.service is not None:
        assert descriptor.service.image
        assert descriptor.service.port
