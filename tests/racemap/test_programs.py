"""Generated programs: what is drawn, what they find, and what is written of a found one."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.promote import promote
from conformance.core.scenario import Case, Scenario
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS
from conformance.memory.numbered import NumberedWorld
from conformance.memory.world import MemoryWorld
from conformance.racemap.derive import pairs
from conformance.racemap.find import variant_of
from conformance.racemap.generate import judge_programs
from conformance.racemap.programs import GENERATED, PROGRAMS, Written, takes_effect
from conformance.racemap.source import recipe_of, source
from conformance.racemap.variants import RACE_MAP, variants_of
from conformance.record.replays import spec
from conformance.search.budget import Limits
from conformance.search.judge import Judge

LIMITS = Limits((Case(),), searched=40, generated=0, free=0, replays=5)


def _load(text: str, tmp_path: Path) -> Scenario:
    """The scenario in a file that was written."""
    path = tmp_path / "s9_found.py"
    path.write_text(text, encoding="utf-8")
    there = importlib.util.spec_from_file_location("promoted", path)
    assert there is not None
    assert there.loader is not None
    module = importlib.util.module_from_spec(there)
    there.loader.exec_module(module)
    scenario = module.SCENARIO
    assert isinstance(scenario, Scenario)
    return scenario


def _promoted(failure: str) -> str:
    done = CliRunner().invoke(promote, [failure])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_programs_break_no_rule_of_the_world_in_memory() -> None:
    for verdict in judge_programs(InProcessDriver(), 1, 60):
        assert (verdict.outcome, verdict.shoulds) == ("pass", []), verdict.reason
        assert verdict.evidence.schedules >= 50


def test_a_found_program_is_small_and_is_a_scenario_as_it_is_written(tmp_path: Path) -> None:
    mutant = MUTANTS["token-shared"]
    verdict = judge_programs(InProcessDriver(mutant.world), 1, 40)[0]
    assert verdict.outcome == "fail"
    failure = verdict.failure
    assert failure is not None
    assert failure.reproduced == failure.replays == 20
    written = Written.from_json(failure.case.payload)
    assert len(written.actors) == 2
    assert sum(map(len, written.actors)) <= 3, written
    token = spec("programs", "storage", "generated", failure.case, failure.played.token)
    text = _promoted(token)
    [variant] = _load(text, tmp_path).at("storage")
    [broken, *_] = Judge(InProcessDriver(mutant.world)).judge(variant, LIMITS)
    assert (broken.outcome, set(broken.rules) & set(verdict.rules)) == ("fail", set(verdict.rules))
    for check in Judge(InProcessDriver()).judge(variant, LIMITS):
        assert (check.outcome, check.shoulds) == ("pass", [])


def test_a_race_of_the_map_is_written_too(tmp_path: Path) -> None:
    mutant = MUTANTS["received-late"]
    place = "run_cancelled~hook_received@running+hook-active"
    [variant] = _load(_promoted(f"map/storage/{place}/aA2bB2"), tmp_path).at("storage")
    [verdict, *_] = Judge(InProcessDriver(mutant.world)).judge(variant, LIMITS)
    assert (verdict.outcome, verdict.rules) == ("fail", ("hook.received-alive",))


def test_every_place_can_be_written(tmp_path: Path) -> None:
    """Each is Python that builds its race, and a World as it should be passes one schedule of it."""
    found = []
    for pair in pairs(5):
        for variant in variants_of(pair):
            recipe = recipe_of(RACE_MAP, variant, Case())
            assert recipe is not None
            about, origin = 'a """quote""" \\', "token"
            found.append(source(recipe, number=9, name="found", about=about, origin=origin))
    for text in found[::11]:
        [made] = _load(text, tmp_path).at("storage", 5)
        world = NumberedWorld if made.since == 5 else MemoryWorld
        for verdict in Judge(InProcessDriver(world)).judge(made, Limits((Case(),), 2, 0, 0)):
            assert (verdict.outcome, verdict.shoulds) == ("pass", []), text
    for number, text in enumerate(found):
        (tmp_path / f"s{number}_found.py").write_text(text, encoding="utf-8")
    linted = [sys.executable, "-m", "ruff", "check", "--select=F,I", str(tmp_path)]
    done = subprocess.run(linted, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_a_scenario_that_is_a_file_already_is_not_promoted() -> None:
    done = CliRunner().invoke(promote, ["step_completed/storage/complete-complete/A2B2"])
    assert "no failure of the race map" in str(done.exception)


@pytest.mark.parametrize(
    "payload", [[], {"actors": []}, {"actors": [["nothing"]]}, {"actors": [["run_created"] * 99]}]
)
def test_what_is_no_program_is_refused(payload: object) -> None:
    with pytest.raises(ValueError, match=r"program|operation"):
        Written.from_json(payload)
    verdict = Judge(InProcessDriver()).replay(GENERATED, Case(payload_json=json.dumps(payload)), "A", 1)[0]
    assert verdict.outcome == "inconclusive"


def test_a_prefix_is_what_a_world_must_take() -> None:
    written = Written.from_json(
        {"given": ["step_started", "run_created", "run_created", "run_started"], "actors": [["run_started"]]}
    )
    assert [str(word) for word in takes_effect(written.given)] == ["run_created", "run_started"]
    assert variant_of(PROGRAMS, "storage", "generated") is GENERATED
