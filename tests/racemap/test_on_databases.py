"""The map over the references on real databases: flows at the level of handlers, and batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from conformance.core.scenario import Level
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target
from conformance.provision.open import OpenWorld, open_world
from conformance.provision.services.service import Service
from conformance.racemap.find import variant_of
from conformance.racemap.limits import limits
from conformance.racemap.variants import RACE_MAP
from conformance.search.judge import Judge
from tests.needs import require
from tests.opened import opening

#: One flow for each kind of operation that meets there.
_FLOWS = ("resume~cancel@hook_then_step-1", "rest~deliver@fan_out-2", "deliver~deliver@retrying_step-1")
#: A batch against itself, against an end of its run, and between another's events.
_BATCHES = (
    "createBatch~createBatch@running+step-missing+wait-missing",
    "run_completed~createBatch@running+step-pending+wait-missing",
    "step_created~createBatch:other@running+step-missing+wait-missing",
)
#: MongoDB has no batches.
_RACED = (
    ("redis", "handlers", _FLOWS),
    ("redis", "storage", _BATCHES),
    *(
        pytest.param(*each, marks=pytest.mark.slow)
        for each in (
            ("turso", "storage", _BATCHES),
            ("postgres", "storage", _BATCHES),
            ("postgres", "handlers", _FLOWS),
            ("mongodb", "handlers", _FLOWS),
        )
    ),
)


def _open(target: Target, service: Service | None, nth: int, _: RuntimeWanted | None) -> OpenWorld:
    return open_world(replace(target, options={"spec": "6"}), service, f"map{nth}")


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[[str], OpenWorld]]:
    with opening(_open) as make:
        yield make


@pytest.mark.parametrize(("world", "level", "places"), _RACED)
def test_a_reference_is_safe_there(
    world: str, level: Level, places: tuple[str, ...], opened: Callable[[str], OpenWorld]
) -> None:
    if world == "mongodb":
        require("mongodb")
    there = opened(f"{world}:reference")
    judge = Judge(there.driver, policy=there.policy)
    for place in places:
        variant = variant_of(RACE_MAP, level, place)
        assert variant is not None, place
        verdicts = judge.judge(variant, limits("quick", speed=1))
        assert [(one.outcome, one.shoulds) for one in verdicts] == [("pass", [])] * 3, (
            place,
            verdicts[0].reason,
        )
        assert verdicts[0].evidence.schedules > 1, place
