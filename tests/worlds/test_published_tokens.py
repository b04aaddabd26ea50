"""The replay commands that were published keep working: each schedule still breaks its rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.core.content import content
from conformance.core.scenario import Case
from conformance.core.scenarios import by_id
from conformance.provision.open import OpenWorld, open_world
from conformance.racemap.find import variant_of
from conformance.racemap.variants import RACE_MAP
from conformance.record.file import Verdict, read
from conformance.search.judge import Judge
from tests.opened import opening


def _published(world: str) -> list[Verdict]:
    record = read(content("reports") / "matrix" / "matrix.jsonl.gz")
    found = [
        one
        for one in record.verdicts
        if (one.world, one.level, one.verdict) == (world, "storage", "fail")
        and one.evidence is not None
        and one.evidence.schedule
    ]
    # What breaks without a race, or between two calls of one process, has no schedule of two processes.
    alone = ("no-guard", "wrong-shape", "wrong-refusal", "stored-wrong")
    raced = [one for one in found if one.scenario and one.defect not in alone]
    return [one for one in raced if not one.variant.endswith("+instance")]


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[[str], OpenWorld]]:
    with opening(lambda target, service, _, __: open_world(target, service, "tokens")) as make:
        yield make


@pytest.mark.parametrize("world", ["redis", "local"])
def test_a_published_schedule_breaks_the_same_rule(world: str, opened: Callable[[str], OpenWorld]) -> None:
    published = _published(world)
    assert len(published) >= 15
    judge = Judge(opened(world).driver)
    for one in published:
        assert one.evidence is not None
        scenario = by_id(str(one.scenario))
        variant = variant_of(scenario, "storage", one.variant)
        assert variant is not None, one.variant
        found = judge.replay(variant, Case.from_json(one.evidence.case), one.evidence.schedule, 1)
        [again] = [each for each in found if each.check == one.check]
        where = f"{scenario.id}/{one.variant}/{one.evidence.schedule}"
        assert (again.outcome, set(again.rules) & set(one.rules) != set()) == ("fail", True), (
            f"{where}: {again.reason}"
        )


#: The commands of docs/map.md: world, place, schedule.
_OF_THE_MAP = re.findall(
    r"^pytest --world=(\w+) '--world-replay=map/storage/(.+)/(\w+)'$",
    (Path(__file__).parents[2] / "docs" / "map.md").read_text(encoding="utf-8"),
    re.M,
)


@pytest.mark.parametrize(
    ("world", "commands"), [("local", 3), ("redis", 3), pytest.param("postgres", 2, marks=pytest.mark.slow)]
)
def test_what_the_map_found_and_no_scenario_plays_is_found_each_time(
    world: str, commands: int, opened: Callable[[str], OpenWorld]
) -> None:
    mine = [(place, schedule) for name, place, schedule in _OF_THE_MAP if name == world]
    assert len(mine) == commands
    judge = Judge(opened(world).driver)
    for place, schedule in mine:
        variant = variant_of(RACE_MAP, "storage", place)
        assert variant is not None, place
        verdict = judge.replay(variant, Case(), schedule, 20)[0]
        assert verdict.failure is not None, (place, verdict.reason)
        assert (verdict.failure.reproduced, verdict.failure.replays) == (20, 20), place
