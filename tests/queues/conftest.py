"""Real queues: those of published packages on real servers, and a toy that is right or wrong in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from conformance.queues.open import OpenQueue, open_queue
from conformance.queues.toys import open_toy
from tests.opened import opening

Open = Callable[..., OpenQueue]


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
        drivers.append(open_toy(way, **fields))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.close()
