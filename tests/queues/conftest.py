"""Real queues: those of published packages on real servers, and a toy that is right or wrong in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.provision.catalog.descriptor import Descriptor, Package
from conformance.provision.catalog.target import Target
from conformance.queues.open import OpenQueue, open_queue
from tests.opened import opening

Open = Callable[..., OpenQueue]
_TOY = Path(__file__).parent / "toys"


def _silent(_: str) -> None:
    pass


@pytest.fixture(scope="session")
def opened() -> Iterator[Open]:
    """``opened("redis")``, ``opened("redis", RuntimeWanted("4.8.9"))``: opened once for all tests here."""
    with opening(
        lambda target, service, number, runtime: open_queue(
            target, service, f"queues{number}", runtime=runtime, progress=_silent
        )
    ) as make:
        yield make


@pytest.fixture
def toy() -> Iterator[Open]:
    """``toy("drops-every-third")``: the toy in that way, in two processes on one directory."""
    drivers: list[OpenQueue] = []

    def make(way: str = "right", **fields: object) -> OpenQueue:
        descriptor = Descriptor(
            title="Toy",
            name="toy-queue",
            package=Package(name="toy-queue"),
            options={"directory": "{directory}", "way": way},
            **fields,  # type: ignore[arg-type]
        )
        target = Target("toy-queue", descriptor, "path", path=_TOY)
        drivers.append(open_queue(target, None, "toy", progress=_silent))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.close()
