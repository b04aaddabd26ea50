"""What a user can ask for on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.core.errors import CannotInstall, ConformanceError, UnknownWorld
from conformance.provision.catalog.select import parse_options, select
from conformance.provision.catalog.target import parse


def test_a_name() -> None:
    target = parse("redis")
    assert (target.world, target.implementation, target.version, target.label) == (
        "redis",
        "package",
        None,
        "redis",
    )


def test_a_version() -> None:
    target = parse("redis@0.2.1")
    assert (target.version, target.label) == ("0.2.1", "redis@0.2.1")


def test_the_reference() -> None:
    target = parse("redis:reference")
    assert (target.implementation, target.label) == ("reference", "redis:reference")
    assert parse("memory").label == "memory"
    assert parse("memory").implementation == "reference"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("redis:checkout", "no implementation 'checkout'"),
        ("starter:reference", "no reference"),
        ("memory@1", "only a published package"),
        ("redis:reference@1", "only a published package"),
        ("@", "is not a world"),
        ("", "is not a world"),
    ],
)
def test_strange_shapes(text: str, said: str) -> None:
    with pytest.raises(UnknownWorld, match=said):
        parse(text)


def test_lists_and_all() -> None:
    assert [target.label for target in select(["redis,redis:reference", "redis"])] == [
        "redis",
        "redis:reference",
    ]
    assert select(["all"])[0].world == "memory"


def test_options() -> None:
    assert parse_options(["a=1", "b=true", "c=x=y", "d=[1]", "e="]) == {
        "a": 1,
        "b": True,
        "c": "x=y",
        "d": "[1]",
        "e": "",
    }
    with pytest.raises(UnknownWorld, match="KEY=VALUE"):
        parse_options(["plain"])
    (target,) = select(["redis"], options=["keyPrefix=mine"])
    assert target.options == {"keyPrefix": "mine"}


def test_a_checkout_takes_the_descriptor_of_its_package(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(json.dumps({"name": "@workflow-worlds/redis"}))
    (target,) = select([], path=tmp_path)
    assert (target.world, target.implementation, target.label) == ("redis", "path", "redis:path")


def test_a_checkout_may_bring_its_own_descriptor(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(json.dumps({"name": "my-world"}))
    (tmp_path / "world.toml").write_text('title = "Mine"\n[package]\nname = "my-world"\n')
    (target,) = select([], path=tmp_path)
    assert target.descriptor.title == "Mine"


def test_an_unknown_package_gets_the_service_of_the_url() -> None:
    (target,) = select([], package="@me/my-world@1.2.3", service_url="postgres://u:p@db/x")
    assert (target.world, target.version, target.package) == ("my-world", "1.2.3", "@me/my-world")
    assert target.descriptor.service is not None
    assert target.descriptor.service.kind == "postgres"
    assert target.descriptor.host.locks


def test_a_class() -> None:
    (target,) = select([], cls="my.module:World")
    assert (target.implementation, target.descriptor.engine, target.world) == ("class", "python", "world")


@pytest.mark.parametrize(
    "ask",
    [
        {"worlds": ["redis"], "package": "a", "cls": "a:B"},
        {"worlds": ["all"], "package": "a"},
        {"worlds": ["redis,local"], "package": "a"},
        {"worlds": [], "package": "../up"},
        {"worlds": [], "cls": "no-colon"},
    ],
)
def test_what_does_not_go_together(ask: dict[str, object]) -> None:
    with pytest.raises(UnknownWorld):
        select(**ask)  # type: ignore[arg-type]


def test_a_path_that_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(CannotInstall, match=r"holds no package\.json"):
        select([], path=tmp_path)
    (tmp_path / "package.json").write_text("{}")
    with pytest.raises(ConformanceError, match="has no name"):
        select([], path=tmp_path)
