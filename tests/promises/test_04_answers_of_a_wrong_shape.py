"""Whatever a World answers: every verdict is told, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.plugin.conftest import Run, run
from tests.promises.told import no_traceback, toy, verdicts

__all__ = ["run", "toy"]


def _judge_toy(run: Run, toy: Path, at: str, answer: str, level: str = "storage") -> list[dict[str, Any]]:
    record = toy / "record.jsonl"
    record.unlink(missing_ok=True)
    done = run(
        "--world=./toy",
        f"--world-option=at={at}",
        f"--world-option=answer={answer}",
        f"--world-level={level}",
        "--world-budget=quick",
        f"--world-record={record}",
        "-k",
        "step_completed",
    )
    no_traceback(done)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return verdicts(record)


@pytest.mark.parametrize(
    ("at", "answer", "says"),
    [
        ("events.create/run_created", "undefined", "run_created was answered with nothing"),
        (
            "events.create/step_started",
            "5",
            "step_started was answered with a number; due is an object with step",
        ),
        ("events.create/run_started", "[]", "run_started was answered with a list of 0"),
        ("runs.get", "null", "runs.get was answered with nothing (null or undefined); due is a run"),
        ("runs.get", '{"runId": "wrun_1"}', "a run whose status is nothing"),
        ("events.list", "[]", "events.list was answered with a list of 0; due is a page"),
        ("events.list", '{"data": [{"eventId": "evnt_1"}]}', "an event whose eventType is nothing"),
        ("steps.list", '{"data": [7]}', "number 1 is a number; due is a step"),
        ("hooks.list", "true", "hooks.list was answered with a boolean; due is a page"),
    ],
)
def test_an_answer_of_a_wrong_shape_breaks_a_rule_and_is_named(
    run: Run, toy: Path, at: str, answer: str, says: str
) -> None:
    found = [one for one in _judge_toy(run, toy, at, answer) if one["check"] == "convergence"]
    assert len(found) == 3
    for verdict in found:
        assert verdict["verdict"] == "fail"
        assert verdict["rules"] == ["answer.shape"]
        assert verdict["defect"] == "wrong-shape"
        assert says in verdict["reason"]
        assert verdict["replayed"] in ("20/20", "3/3")  # in full for one of the same rule and window


def test_what_the_runtime_never_looks_at_is_a_note(run: Run, toy: Path) -> None:
    found = [one for one in _judge_toy(run, toy, "events.create/step_completed", "[]")]
    assert {one["verdict"] for one in found} == {"pass"}
    notes = {should["rules"][0] for one in found for should in one["shoulds"]}
    assert notes == {"answer.type"}


def test_the_same_world_with_right_answers_passes(run: Run, toy: Path) -> None:
    found = _judge_toy(run, toy, "nothing", "undefined", "storage,handlers")
    assert {one["verdict"] for one in found} == {"pass"}
    assert not any(one["shoulds"] for one in found)


def test_a_world_of_line_4_0_is_unsupported_with_what_is_missing(run: Run, toy: Path) -> None:
    found = _judge_toy(run, toy, "events.create/run_created", "event", "storage,handlers")
    assert {one["verdict"] for one in found} == {"unsupported"}
    assert all("line 4.0" in one["reason"] and "{event, run}" in one["reason"] for one in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "answer", "verdict"),
    [
        ("events.create/run_created", "undefined", "fail"),
        ("events.create/step_started", "5", "fail"),
        ("events.create/run_created", "event", "unsupported"),
        ("nothing", "undefined", "pass"),
    ],
)
def test_at_level_runtime_the_same_holds(run: Run, toy: Path, at: str, answer: str, verdict: str) -> None:
    found = _judge_toy(run, toy, at, answer, "runtime")
    assert {one["verdict"] for one in found if one["check"] == "convergence"} == {verdict}
    if verdict == "fail":
        assert any("answer.shape" in one["rules"] for one in found)


_PYTHON_WORLD = """
class World:
    def __init__(self, way):
        self.way = way

    async def events_create(self, run_id, event):
        loop = {}
        loop["self"] = loop
        return {"nothing": None, "number": 7, "loop": loop, "nan": {"run": float("nan")}}[self.way]
"""


@pytest.mark.parametrize(
    ("way", "says"),
    [
        ("nothing", "nothing (null or undefined)"),
        ("number", "a number"),
        ("loop", "Circular"),
        ("nan", "no JSON"),
    ],
)
def test_a_world_in_python_that_answers_so(run: Run, tmp_path: Path, way: str, says: str) -> None:
    (tmp_path / "mine.py").write_text(_PYTHON_WORLD)
    record = tmp_path / "record.jsonl"
    done = run(
        "--world-class=mine:World",
        f"--world-option=way={way}",
        "--world-level=storage",
        "--world-budget=quick",
        f"--world-record={record}",
        "-k",
        "run_started",
    )
    assert "Traceback" not in done.stdout + done.stderr
    found = [one for one in verdicts(record) if one["check"] == "convergence"]
    assert found
    assert all(one["rules"] == ["answer.shape"] and says in one["reason"] for one in found)
