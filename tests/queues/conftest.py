"""Real queues: those of published packages on real servers, and a toy that is right or wrong in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.catalog.descriptor import Descriptor, Package
from conformance.catalog.target import Target, parse
from conformance.queues.open import OpenQueue, open_queue
from conformance.rigs import RuntimeWanted
from conformance.services.service import Service
from conformance.services.start import start_service

Open = Callable[..., OpenQueue]
_TOY = Path(__file__).parent / "toys"


def _silent(_: str) -> None:
    pass


@pytest.fixture(scope="session")
def opened() -> Iterator[Open]:
    """``opened("redis")``, ``opened("redis", RuntimeWanted("4.8.9"))``: opened once for all tests here."""
    services: dict[str, Service] = {}
    rigs: dict[tuple[str, RuntimeWanted | None], OpenQueue] = {}

    def make(world: str, runtime: RuntimeWanted | None = None) -> OpenQueue:
        if (world, runtime) not in rigs:
            target = parse(world)
            spec = target.descriptor.service
            if spec is not None and spec.kind not in services:
                services[spec.kind] = start_service(spec, force="embedded")
            service = services[spec.kind] if spec is not None else None
            rigs[world, runtime] = open_queue(
                target, service, f"queues{len(rigs)}", runtime=runtime, progress=_silent
            )
        return rigs[world, runtime]

    yield make
    for rig in rigs.values():
        rig.close()
    for service in services.values():
        service.stop()


@pytest.fixture
def toy() -> Iterator[Open]:
    """``toy("drops-every-third")``: the toy in that way, in two processes on one directory."""
    rigs: list[OpenQueue] = []

    def make(way: str = "right", **fields: object) -> OpenQueue:
        descriptor = Descriptor(
            title="Toy",
            name="toy-queue",
            package=Package(name="toy-queue"),
            options={"directory": "{directory}", "way": way},
            **fields,  # type: ignore[arg-type]
        )
        target = Target("toy-queue", descriptor, "path", path=_TOY)
        rigs.append(open_queue(target, None, "toy", progress=_silent))
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.close()
