"""The record plans what is judged: no more, and no less."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.plugin.conftest import Run


def _places(record: Path) -> tuple[set[tuple[str, str, str]], set[tuple[str, str, str]]]:
    """(world, level, variant) of all that was planned, and of all that was judged."""
    planned, judged = set(), set()
    for line in map(json.loads, record.read_text().splitlines()):
        if line["kind"] == "world":
            planned |= {(line["world"], plan["level"], plan["variant"]) for plan in line["planned"]}
        elif line["kind"] == "verdict":
            judged.add((line["world"], line["level"], line["variant"]))
    return planned, judged


def test_variants_with_faults_are_planned(run: Run, tmp_path: Path) -> None:
    run("--world=memory", "--world-budget=0.001s", "-k", "run_failed", "--world-record=r.jsonl")
    planned, judged = _places(tmp_path / "r.jsonl")
    assert planned == judged
    assert {level for _, level, variant in planned if variant.endswith("+faults")} == {"handlers"}
    assert not any("+instance" in variant for _, _, variant in planned)  # its actors share a process anyway


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_variants_with_one_instance_are_planned(run: Run, tmp_path: Path, workers: tuple[str, ...]) -> None:
    words = ["--world=local", "--world-level=storage", "--world-budget=0.001s", "-k", "run_failed"]
    run(*words, "--world-record=r.jsonl", *workers)
    planned, judged = _places(tmp_path / "r.jsonl")
    assert planned == judged
    assert {variant.partition("+")[2] for _, _, variant in planned} == {"", "instance"}


@pytest.mark.parametrize("words", [("--world-faults=off",), ("--world-budget=quick",)])
def test_without_faults_none_are_planned(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    run("--world=memory", "--world-budget=0.001s", "-k", "run_failed", "--world-record=r.jsonl", *words)
    planned, judged = _places(tmp_path / "r.jsonl")
    assert planned == judged
    assert {level for _, level, _ in planned} == {"storage", "handlers"}
    assert not any("+" in variant for _, _, variant in planned)


def test_a_world_that_cannot_be_had_is_planned_too(run: Run, tmp_path: Path) -> None:
    words = ["--world=memory,redis", "--world-service-url=redis://127.0.0.1:1", "--world-level=storage"]
    run(*words, "--world-budget=quick", "-k", "run_failed", "--world-record=r.jsonl")
    planned, judged = _places(tmp_path / "r.jsonl")
    assert planned == judged
    assert {world for world, _, _ in planned} == {"memory", "redis"}
