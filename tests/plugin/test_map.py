"""``pytest --world=… --world-map``: one test for each pair of operations that can conflict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.racemap.derive import cell_name, pairs
from conformance.racemap.operations import operations
from conformance.racemap.streams import stream_variants
from tests.plugin.conftest import Run

MUTANT = ("--world=memory", "--world-option", "mutant=received-late")


def test_there_is_a_test_for_each_pair_that_can_conflict(run: Run) -> None:
    listed = run("--world=memory", "--world-map", "--collect-only", "-q")
    assert "map[memory-storage-hook_received~run_completed]" not in listed.stdout
    assert "map[memory-storage-run_completed~hook_received]\n" in listed.stdout
    assert "programs[memory-storage]\n" in listed.stdout
    raced = {cell_name(pair.one, pair.other) for pair in pairs() if pair.places}
    streams = {variant.name.partition("@")[0].partition(":")[0] for variant in stream_variants()}
    added = {op.name for op in operations(5) if op.since == 5}
    assert len(raced) > 140
    assert f"{len(raced) + len(streams) + len(added) + 2} tests collected" in listed.stdout


def test_a_state_that_no_scenario_races_from_shows_a_defect_that_replays(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    cell = "run_cancelled and hook_received"
    done = run(*MUTANT, "--world-map", "-k", cell, f"--world-record={record}")
    assert done.returncode == 1, done.stdout
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    planned = {plan["variant"] for plan in lines[1]["planned"]}
    assert planned == {"run_cancelled~hook_received@running+hook-active"}
    red = next(line for line in lines if line["kind"] == "verdict" and line["verdict"] == "fail")
    assert red["rules"] == ["hook.received-alive"]
    assert red["replayed"] == "20/20"
    assert red["depth"] == "deep"
    spec = f"map/storage/{red['variant']}/{red['evidence']['schedule']}"
    assert f"--world-replay={spec}" in red["evidence"]["replay"]
    assert run("--world=memory", f"--world-replay={spec}").returncode == 0
    assert run(f"--world-replay={record}", *MUTANT).returncode == 1


def test_thorough_has_each_place_with_both_operations_in_each_actor(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    asked = ("--world-map", "--world-budget=thorough", "-k", "wait_created and wait_completed")
    done = run("--world=memory", *asked, f"--world-record={record}")
    assert done.returncode == 0, done.stdout
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    names = {plan["variant"] for plan in lines[1]["planned"]}
    single = {name for name in names if not name.endswith("+both")}
    assert single
    assert names == single | {f"{name}+both" for name in single}


def test_a_mistyped_place_names_the_nearest(run: Run) -> None:
    done = run("--world=memory", "--world-replay=map/storage/run_canceled~hook_received@running/A")
    assert done.returncode == 4
    assert "The nearest: run_cancelled~hook_received@" in done.stderr + done.stdout


def test_flows_are_raced_at_the_levels_that_are_asked_for(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    asked = ("--world-map", "--world-level=handlers", "--world-budget=quick", "--world-fail-on=should")
    done = run("--world=memory", *asked, "-k", "hook_then_step", f"--world-record={record}")
    assert done.returncode == 0, done.stdout
    assert "memory (reference) 0.1.0 · handlers" in done.stdout
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    planned = {plan["variant"] for plan in lines[1]["planned"]}
    judged = {line["variant"] for line in lines if line["kind"] == "verdict" and line["verdict"] == "pass"}
    assert planned == judged
    assert "resume~cancel@hook_then_step-1" in judged


def test_it_excludes_real_queues(run: Run) -> None:
    done = run("--world=memory", "--world-map", "--world-queue=world")
    assert done.returncode == 4
    assert "exclude each other" in done.stderr + done.stdout


def test_a_reference_refuses_attributes_of_a_run_that_is_not_there(run: Run) -> None:
    line_5 = ("--world=turso:reference", "--world-option=spec=6", "--world-map", "--world-budget=quick")
    done = run(*line_5, "-k", "attr_set", "--world-fail-on=should")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_on_a_world_of_line_4_their_tests_are_skipped_and_say_why(run: Run) -> None:
    done = run("--world=memory", "--world-map", "-k", "attr_set", "-rs")
    assert "attr_set: an operation of line 5.x; this World is of line 4.x" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("budget", ["default", "quick"])
def test_the_reference_in_memory_is_safe_everywhere(run: Run, tmp_path: Path, budget: str) -> None:
    record = tmp_path / "record.jsonl"
    least = "--world-depth=pass" if budget == "default" else "--world-depth=shallow"
    more = ("--world-map", f"--world-budget={budget}", least, "--world-fail-on=should")
    done = run("--world=memory", *more, f"--world-record={record}")
    assert done.returncode == 0, done.stdout
    verdicts = [json.loads(line) for line in record.read_text().splitlines() if '"verdict"' in line]
    assert len(verdicts) > 900
