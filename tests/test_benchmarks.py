"""The command that runs all benchmarks, and those whose figures are counts."""

from __future__ import annotations

import asyncio

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import PAGE, as_markdown, filled, main
from benchmarks.detangle import Race
from benchmarks.parts import PARTS, Part
from benchmarks.servers import AS_STARTED, TRIED
from benchmarks.soak import growth, soak
from conformance.drivers.in_process import InProcessDriver


@pytest.mark.parametrize("part", PARTS, ids=lambda part: str(part.name))
def test_each_part_has_a_place_in_the_page(part: Part) -> None:
    page, name = PAGE.read_text(encoding="utf-8"), part.name
    once = filled(page, name, "| new |")
    assert once.count("| new |") == 1
    assert filled(once, name, "| new |") == once


def test_a_part_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for nothing"):
        filled("", "nothing", "| new |")


def test_tables_stay_tables_and_words_are_quoted() -> None:
    assert as_markdown("said\n\n| a |\n|---|\n\nmore\n") == (
        "```text\nsaid\n```\n\n| a |\n|---|\n\n```text\nmore\n```"
    )


def test_a_part_is_printed_with_its_command_and_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.__main__.PARTS", [Part("memory", (("memory", "-n", "20"),))])
    done = CliRunner().invoke(main, ["--only", "memory", "--print"])
    assert (done.exit_code, done.exception) == (0, None)
    assert "`python -m benchmarks.memory -n 20`\n\n```text\nmemory, scenario 6" in done.stdout
    assert done.stdout.rstrip().endswith("s</sub>")


def test_a_part_that_is_not_there_fails_and_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.__main__.PARTS", [Part("memory", (("no_such_benchmark",),))])
    done = CliRunner().invoke(main, ["--only", "memory"])
    assert done.exit_code == 1
    assert "there is no benchmarks.no_such_benchmark" in done.stderr


def test_the_race_of_detangle_has_one_winner_each_time() -> None:
    race = Race()
    for _ in range(3):
        asyncio.run(race())
    assert len(race.world.events[race.run]) == 5


def test_a_soak_comes_to_the_number_that_was_asked_for() -> None:
    parts = list(soak(InProcessDriver(), None, 60, 4))
    assert [part.schedules for part in parts] == [15, 30, 45, 60]
    assert all(part.memory["suite"] > 1 for part in parts)


def test_growth_is_measured_from_when_it_was_warm() -> None:
    assert growth([50.0, 80.0, 90.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0]) == 1.0
    assert growth([50.0, 80.0, 90.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 150.0]) == 1.5


@pytest.mark.parametrize("world", TRIED)
def test_each_world_is_measured_as_it_is_started(world: str) -> None:
    first = next(iter(TRIED[world]))
    assert first == AS_STARTED
    assert TRIED[world][first](["server", "--port", "1"]) == ["server", "--port", "1"]
