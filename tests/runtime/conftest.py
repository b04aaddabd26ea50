"""Worlds with and without the real runtime over them, opened once for all tests here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from conformance.provision.open import OpenWorld, open_world
from tests.opened import opening

#: ``open("redis")`` for the world alone, ``open("redis", RuntimeWanted("4.8.9"))`` with the runtime over it
Open = Callable[..., OpenWorld]


@pytest.fixture(scope="session")
def opened() -> Iterator[Open]:
    with opening(
        lambda target, service, number, runtime: open_world(
            target, service, f"runtime{number}", runtime=runtime
        )
    ) as make:
        yield make
