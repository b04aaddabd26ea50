"""Real servers, each started once for the session, and one event loop that all clients live on."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.provision.catalog.find import load
from conformance.provision.services.kinds import kind_of
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service
from tests.needs import stores

from .stores import ALL, STORES, make_world


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        runner.get_loop()
        yield runner


@pytest.fixture(scope="session")
def service() -> Iterator[Callable[[str], Service]]:
    """``service("redis")`` is a running server; the same one every time."""
    running: dict[str, Service] = {}

    def start(kind: str) -> Service:
        if kind not in running:
            spec = load(kind).service
            assert spec is not None
            running[kind] = start_service(spec, force="embedded")
        return running[kind]

    yield start
    for one in running.values():
        one.stop()


@pytest.fixture(scope="session")
def options(
    service: Callable[[str], Service], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], dict[str, Any]]]:
    """``options("redis")`` are those of a world on a fresh namespace."""
    made = []

    def fresh(name: str) -> dict[str, Any]:
        if name == "turso":
            return {"path": str(Path(tmp_path_factory.mktemp("turso")) / "world.db")}
        if name == "local":
            return {"directory": str(tmp_path_factory.mktemp("local"))}
        server = service(name)
        isolation = "database" if name == "postgres" else "prefix"
        space = kind_of(name).namespace(server.url, f"t_{uuid.uuid4().hex[:12]}", isolation, None)
        made.append(space)
        return {"url": space.url} | STORES[name](space.name)

    yield fresh
    for space in made:
        space.drop()


@pytest.fixture(scope="session", params=stores(sorted(ALL)))
def world(
    request: pytest.FixtureRequest, loop: asyncio.Runner, options: Callable[[str], dict[str, Any]]
) -> Iterator[Any]:
    """Each reference world, open, on a namespace of its own."""
    world = make_world(request.param, **options(request.param))
    loop.run(world.open())
    yield world
    loop.run(world.close())
