"""The model's handlers do what the real ones did, delivery by delivery."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.handlers.real.handlers import RECORD, outcome

CASES: list[dict[str, Any]] = json.loads(RECORD.read_text())


@pytest.mark.parametrize("message", ["workflow", "step"])
def test_the_model_asks_queues_logs_and_ends_as_the_runtime_does(message: str) -> None:
    mine = [case for case in CASES if case["message"] == message]
    assert len(mine) > 80
    for case in mine:
        assert outcome(case) == case["outcome"], {key: case[key] for key in case if key != "outcome"}


def test_the_record_holds_every_refusal() -> None:
    refused = {(kind, refusal) for case in CASES for kind, refusal in case["refusals"].items()}
    for kind in (
        "run_completed",
        "run_failed",
        "step_started",
        "step_completed",
        "step_created",
        "wait_completed",
    ):
        assert {refusal for each, refusal in refused if each == kind} >= {"conflict", "gone", "unexpected"}
