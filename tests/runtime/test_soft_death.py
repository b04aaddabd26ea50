"""Soft and hard deaths under the real runtime: it lives on, and works with the next World."""

from __future__ import annotations

import pytest

from conformance.provision.catalog import runtimes
from conformance.provision.catalog.runtimes import RuntimeWanted
from tests.worlds.deaths import compare

from .conftest import Open

NEWEST = RuntimeWanted(runtimes.default())


@pytest.mark.parametrize(
    "world", ["local", *[pytest.param(each, marks=pytest.mark.slow) for each in ("redis",)]]
)
def test_the_runtime_over_a_world_that_died_softly(opened: Open, world: str) -> None:
    compare(opened(world, NEWEST), world, 1, 2, "runtime")
