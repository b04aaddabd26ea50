"""The model replays every recorded log as the real runtime did."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.handlers.real.replays import ARGUMENTS, RECORD, outcome

CASES: list[dict[str, Any]] = json.loads(RECORD.read_text())


@pytest.mark.parametrize("workflow", sorted(ARGUMENTS))
def test_the_model_replays_as_the_runtime_does(workflow: str) -> None:
    mine = [case for case in CASES if case["workflow"] == workflow]
    assert mine
    for case in mine:
        assert outcome(case) == case["outcome"], case["log"]


def test_the_record_holds_every_kind_of_outcome() -> None:
    kinds = {case["outcome"]["kind"] for case in CASES}
    assert kinds == {"completed", "threw", "suspended", "diverged"}
