"""Soft and hard deaths of the same handlers: equal gates, answers, stored state and files."""

from __future__ import annotations

import pytest

from conformance.provision.open import OpenWorld
from tests.worlds.deaths import compare


def test_redis(redis_driver: OpenWorld) -> None:
    compare(redis_driver, "redis", 0, 2)


def test_postgres(postgres_driver: OpenWorld) -> None:
    compare(postgres_driver, "postgres", 0, 1)


def test_mongodb(mongodb_driver: OpenWorld) -> None:
    compare(mongodb_driver, "mongodb", 0, 1)


def test_local(local_driver: OpenWorld) -> None:
    """With the files that are left, locks and temporary ones among them."""
    compare(local_driver, "local", 0, 1)


@pytest.mark.slow
@pytest.mark.parametrize("world", ["redis", "postgres", "mongodb"])
def test_more_of_them(world: str, request: pytest.FixtureRequest) -> None:
    compare(request.getfixturevalue(f"{world}_driver"), world, 2, 5)
