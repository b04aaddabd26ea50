"""Worlds with and without the real runtime over them, opened once for all tests here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from conformance.catalog.target import parse
from conformance.rigs import OpenRig, RuntimeWanted, open_rig
from conformance.services.service import Service
from conformance.services.start import start_service

#: ``open("redis")`` for the world alone, ``open("redis", RuntimeWanted("4.8.9"))`` with the runtime over it
Open = Callable[..., OpenRig]


@pytest.fixture(scope="session")
def opened() -> Iterator[Open]:
    services: dict[str, Service] = {}
    rigs: dict[tuple[str, RuntimeWanted | None], OpenRig] = {}

    def make(world: str, runtime: RuntimeWanted | None = None) -> OpenRig:
        if (world, runtime) not in rigs:
            target = parse(world)
            spec = target.descriptor.service
            if spec is not None and spec.kind not in services:
                services[spec.kind] = start_service(spec, force="embedded")
            service = services[spec.kind] if spec is not None else None
            rigs[world, runtime] = open_rig(target, service, f"runtime{len(rigs)}", runtime=runtime)
        return rigs[world, runtime]

    yield make
    for rig in rigs.values():
        rig.close()
    for service in services.values():
        service.stop()
