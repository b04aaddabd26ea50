"""Services of one test module, and what tells that a process is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from conformance.provision.services.embedded import start_binary
from conformance.provision.services.engine import connect
from conformance.provision.services.kinds import Kind, kind_of
from conformance.provision.services.service import Service
from tests.needs import NEEDS, require

from .image import import_image

KINDS = ("redis", "postgres", "mongodb")


def need_server(name: str) -> None:
    """Leave out the test where the machine cannot run a server of that kind."""
    require("servers")
    if name in NEEDS:
        require(name)


def start_embedded(name: str) -> Service:
    """A server of that kind; where there is none, the test is left out."""
    need_server(name)
    kind = kind_of(name)
    return start_binary(name, kind, kind.binaries()[0])


@pytest.fixture(scope="package", params=KINDS)
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Each kind in turn, one server for all tests here."""
    started = start_embedded(request.param)
    yield started
    started.stop()


@pytest.fixture
def kind(service: Service) -> Kind:
    return kind_of(service.kind)


@pytest.fixture(scope="package")
def engine() -> Iterator[Any]:
    """A Docker engine that answers; where there is none, the tests are left out."""
    require("docker")
    client = connect()
    yield client
    client.close()


@pytest.fixture(scope="package")
def redis_image(engine: Any) -> str:
    """An image of the redis-server of this machine."""
    require("servers")
    return import_image(engine, kind_of("redis").binaries()[0].path, "world-conformance-test-redis")


def wait_until(is_true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether it came true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_true():
            return True
        time.sleep(0.05)
    return is_true()


def is_gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def folder_of(pid: int) -> Path:
    """The scratch folder a server of ours works in."""
    return Path(psutil.Process(pid).cwd())
