"""Worlds opened once for the tests of a folder, on embedded services that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target, parse
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service


class Closes(Protocol):
    """What is opened, and let go of at the end."""

    def close(self) -> None: ...


T = TypeVar("T", bound=Closes)
#: target, its service, how many were opened before, the runtime over it -> what was opened
OpenOne = Callable[[Target, Service | None, int, RuntimeWanted | None], T]


@contextmanager
def opening(open_one: OpenOne[T]) -> Iterator[Callable[..., T]]:
    """``make("redis")``, ``make("redis", RuntimeWanted("4.8.9"))``: each opened at its first use and kept."""
    services: dict[str, Service] = {}
    drivers: dict[tuple[str, RuntimeWanted | None], T] = {}

    def make(world: str, runtime: RuntimeWanted | None = None) -> T:
        if (world, runtime) not in drivers:
            target = parse(world)
            spec = target.descriptor.service
            if spec is not None and spec.kind not in services:
                services[spec.kind] = start_service(spec, force="embedded")
            service = services[spec.kind] if spec is not None else None
            drivers[world, runtime] = open_one(target, service, len(drivers), runtime)
        return drivers[world, runtime]

    yield make
    for driver in drivers.values():
        driver.close()
    for service in services.values():
        service.stop()
