"""What was logged in all schedules together."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.core.history import History, LogLine
from conformance.search.heard import Said, listen, wording


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[Workflow] Tried failing workflow run, but run has already finished. { runId: 'wrun_01' }",
            "Tried failing workflow run, but run has already finished.",
        ),
        (
            "workflow:runtime:info Step already exists, continuing {\n  a: 1\n}",
            "Step already exists, continuing",
        ),
        (
            "Workflow run \"wrun_01KDVSGRJSP2002WVP6EKWR1SR\" is completed, skipping: terminal run 'failed'",
            "Workflow run \"…\" is completed, skipping: terminal run 'failed'",
        ),
        ("Queue message failed (attempt 49, HTTP 500)", "Queue message failed (attempt N, HTTP N)"),
        ("x" * 9000, "x" * 160),
    ],
)
def test_a_line_without_what_differs_between_schedules(text: str, said: str) -> None:
    assert wording(text) == said


def test_each_line_once_a_history_and_the_preparations_not_at_all() -> None:
    heard: Counter[Said] = Counter()
    lines = [
        LogLine("A", "race", "warn", "world", "slow 1"),
        LogLine("B", "drain", "warn", "world", "slow 2"),
        LogLine("-", "given", "error", "world", "before the race"),
    ]
    listen(heard, History(logs=lines))
    listen(heard, History(logs=lines[:1]))
    assert heard == {Said("warn", "world", "slow N"): 2}


def test_a_world_that_always_says_something_new_fills_nothing() -> None:
    heard: Counter[Said] = Counter()
    for number in range(1000):
        text = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        listen(heard, History(logs=[LogLine("A", "race", "info", "world", text)]))
    assert len(heard) == 200
