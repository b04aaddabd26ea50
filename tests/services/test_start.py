"""The order: an address, Docker, a server of this machine; and what is said on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conformance.core.errors import NoService
from conformance.provision.services import docker, start
from conformance.provision.services.kinds import Kind
from conformance.provision.services.service import Service
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service, url_for
from tests.needs import require

SPEC = ServiceSpec(kind="redis", image="redis:7-alpine", port=6379)
FAKE = Service("redis", "redis://x", "redis 0", "docker")


@pytest.fixture(autouse=True)
def _has_redis() -> None:
    require("servers")


@pytest.fixture
def no_docker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    yield


def _container(*_args: Any) -> Service:
    return FAKE


def test_docker_before_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "start_container", _container)
    assert start_service(SPEC) is FAKE
    embedded = start_service(SPEC, force="embedded")
    assert embedded.how in ("embedded", "path")
    embedded.stop()


def test_an_address_before_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "start_container", _container)
    own = start_service(SPEC, force="embedded")
    assert start_service(SPEC, url=own.url).how == "url"
    assert start_service(SPEC, url=own.url, force="docker") is FAKE
    own.stop()


@pytest.mark.usefixtures("no_docker")
def test_why_docker_was_not_used_is_kept() -> None:
    service = start_service(SPEC)
    assert service.how in ("embedded", "path")
    assert "no engine answers at unix:///nowhere/docker.sock" in service.notes[0]
    service.stop()


@pytest.mark.usefixtures("no_docker")
def test_docker_or_nothing() -> None:
    with pytest.raises(NoService, match="no engine answers"):
        start_service(SPEC, force="docker")


def test_an_address_or_nothing() -> None:
    with pytest.raises(NoService, match="no address") as caught:
        start_service(SPEC, force="url")
    assert "--world-service-url=redis://" in caught.value.hint


@pytest.mark.usefixtures("no_docker")
def test_nothing_at_all_says_all_three_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bare:
        SCHEMES = ("redis",)

        def binaries(self) -> list[object]:
            return []

    def bare(_name: str) -> Kind:
        return Bare()  # type: ignore[return-value]

    monkeypatch.setattr(start, "kind_of", bare)
    with pytest.raises(NoService, match="Docker: no engine") as caught:
        start_service(SPEC)
    for way in ("--world-service-url", "start Docker", "[embedded]"):
        assert way in caught.value.hint


def test_each_kind_gets_the_address_meant_for_it() -> None:
    urls = ["redis://r", "postgresql://p"]
    assert url_for("redis", urls) == "redis://r"
    assert url_for("postgres", urls) == "postgresql://p"
    assert url_for("mongodb", urls) is None
    assert url_for("surreal", [*urls, "ws://s"]) == "ws://s"
    assert url_for("redis", ["radis://r"]) == "radis://r"
