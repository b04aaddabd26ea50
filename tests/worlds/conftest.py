"""Drivers on real packages and real services, opened once for all tests that need them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.provision.catalog.target import parse
from conformance.provision.open import OpenWorld, open_world
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service
from tests.needs import require


def _opened(name: str) -> Iterator[OpenWorld]:
    target = parse(name)
    spec = target.descriptor.service
    service: Service | None = start_service(spec, force="embedded") if spec is not None else None
    try:
        opened = open_world(target, service, "tests")
        try:
            yield opened
        finally:
            opened.close()
    finally:
        if service is not None:
            service.stop()


@pytest.fixture(scope="session")
def local_driver() -> Iterator[OpenWorld]:
    """The published local World, on files."""
    yield from _opened("local")


@pytest.fixture(scope="session")
def redis_driver() -> Iterator[OpenWorld]:
    """The published Redis World on a real Redis."""
    yield from _opened("redis")


@pytest.fixture(scope="session")
def postgres_driver() -> Iterator[OpenWorld]:
    """The published PostgreSQL World on a real PostgreSQL."""
    yield from _opened("postgres")


@pytest.fixture(scope="session")
def mongodb_driver() -> Iterator[OpenWorld]:
    """The published MongoDB World on a real MongoDB."""
    require("mongodb")
    yield from _opened("mongodb")
