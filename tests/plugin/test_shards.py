"""Shards: together they are the run, each test once, and they take about as long as each other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.plugin.shards import part_of
from conformance.record.reading import read
from conformance.report.json_matrix import render_json
from conformance.report.matrix import build
from tests.plugin.conftest import Run

#: what differs between two runs of the same: how long it took, and when it was
_OF_A_RUN = ("seconds", "judged")
_TESTS = [f"{name}[w-storage]" for name in "abcdefgh"]


@given(
    tests=st.lists(st.text("abc[]", min_size=1), unique=True, max_size=20),
    parts=st.integers(1, 9),
    known=st.dictionaries(st.text("abc[]", min_size=1), st.floats(0, 1000), max_size=20),
)
def test_shards_have_each_test_once_and_in_order(
    tests: list[str], parts: int, known: dict[str, float]
) -> None:
    shards = [part_of(tests, part, parts, known) for part in range(1, parts + 1)]
    assert sorted(place for shard in shards for place in shard) == list(range(len(tests)))
    assert all(shard == sorted(shard) for shard in shards)


@pytest.mark.parametrize("parts", [2, 4, 8])
def test_no_shard_is_much_longer_than_it_must(parts: int) -> None:
    seconds = dict(zip(_TESTS, [70.0, 40, 40, 20, 10, 10, 5, 5], strict=True))
    sums = [
        sum(seconds[_TESTS[place]] for place in part_of(_TESTS, k, parts, seconds))
        for k in range(1, parts + 1)
    ]
    assert max(sums) == {2: 100, 4: 70, 8: 70}[parts]


def test_an_unknown_test_counts_as_those_of_its_scenario() -> None:
    seconds = {"slow[a-storage]": 100.0, "quick[a-storage]": 1.0, "quick[b-storage]": 1.0}
    tests = ["slow[new-storage]", "quick[new-storage]", "quick[a-storage]"]
    assert part_of(tests, 1, 2, seconds) == [0]
    assert part_of(tests, 2, 2, seconds) == [1, 2]


@pytest.mark.slow
def test_shards_by_durations_merge_into_the_unsharded_run(run: Run, tmp_path: Path) -> None:
    words: tuple[str, ...] = (
        "--world=memory",
        "--world-option=mutant=late-guard",
        "--world-level=storage",
        "--world-budget=quick",
    )
    words = (*words, "-k", "run_completed or step_completed", "--world-fail-on=never")
    job = {"GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "1"}
    assert run(*words, "--world-record=whole.jsonl", env=job).returncode == 0
    for part in (1, 2):
        cut = (
            f"--world-shard={part}/2",
            "--world-durations=whole.jsonl",
            f"--world-record=shards/{part}.jsonl",
        )
        assert run(*words, *cut, env=job).returncode == 0
    whole, shards = read(tmp_path / "whole.jsonl"), read(sorted((tmp_path / "shards").iterdir()))
    assert len({each.name for each in shards.runs}) == 1
    assert _verdicts(tmp_path / "whole.jsonl") == _verdicts(*sorted((tmp_path / "shards").iterdir()))
    assert _cells(whole) == _cells(shards)


def test_durations_without_a_shard_are_a_mistake(run: Run) -> None:
    done = run("--world=memory", "--world-durations=run.jsonl")
    assert done.returncode == 4
    assert "--world-shard" in done.stderr
    done = run("--world=memory", "--world-shard=1/2", "--world-durations=none.jsonl")
    assert done.returncode == 4
    assert "none.jsonl" in done.stderr


def _verdicts(*files: Path) -> list[str]:
    """All verdicts of records, without durations, in an order of their own.

    Ids count the schedules of a process, so each has its number left out.
    """
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    kept = [_the_same(line) for line in lines if line["kind"] == "verdict"]
    return sorted(
        re.sub(r"\b([a-z]+_\d+)_[0-9a-z]+\b", r"\1", json.dumps(each, sort_keys=True)) for each in kept
    )


def _cells(record: Any) -> Any:
    return _the_same(render_json(build(record))["rows"])


def _the_same(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _the_same(each) for key, each in value.items() if key not in _OF_A_RUN}
    return [*map(_the_same, value)] if isinstance(value, list) else value
