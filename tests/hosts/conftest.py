"""A Redis of our own, the published package on it, and a toy world. Without them the tests fail, not skip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.launch import Launch, launch
from conformance.provision.catalog.plan import plan_for
from conformance.provision.catalog.target import parse
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service

from .driver import TOY, Driven


@pytest.fixture(scope="session")
def redis() -> Iterator[Service]:
    """A redis-server on a free port. Raises NoService with a hint when there is no binary for it."""
    spec = parse("redis").descriptor.service
    assert spec is not None
    service = start_service(spec, force="embedded")
    yield service
    service.stop()


@pytest.fixture
def make_plan(redis: Service) -> Iterator[Callable[[str], Launch]]:
    """The published Redis world with a store of its own for each name."""
    made: list[Launch] = []

    def make(name: str) -> Launch:
        made.append(launch(plan_for(resolve(parse("redis")), redis, name)))
        return made[-1]

    yield make
    for plan in made:
        plan.close()


@pytest.fixture
def toy(redis: Service) -> Iterator[Callable[..., Driven]]:
    """Open the toy world; keywords go into ``world`` or to the driver."""
    opened: list[Driven] = []

    def make(
        *, actors: str = "A", seed: int = 1, options: dict[str, Any] | None = None, **world: Any
    ) -> Driven:
        about = {"module": TOY, "gates": ["net"], "ports": [redis.port], "protocol": "redis", "warm": 1}
        chosen = {"port": redis.port} if options is None else options
        driven = Driven({**about, "options": chosen, **world}, actors=actors, seed=seed)
        opened.append(driven)
        return driven

    yield make
    for driven in opened:
        driven.host.close(2.0)
