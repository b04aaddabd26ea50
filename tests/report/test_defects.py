"""Red checks are put together by the race window and the line of the write that relied on a stale look."""

from __future__ import annotations

from typing import Any

from conformance.record.lines import Evidence, LaneItem, LaneKind
from conformance.report.defects import Defect, defects, died
from conformance.report.matrix import build
from tests.report import factory
from tests.report.factory import failed


def _race(operation: str, line: int, *, other: str = "step_completed", **changes: Any) -> Any:
    """B looks and writes while A has looked; then A writes, at that line."""
    steps: list[tuple[str, LaneKind, str, str]] = [
        ("A", "call", f"{operation} step1", ""),
        ("B", "call", f"{other} step1", ""),
        ("A", "gate", "HGETALL steps:run1:step1", "dist/s.js:10"),
        ("B", "gate", "HGETALL steps:run1:step1", "dist/s.js:10"),
        ("B", "gate", "HSET steps:run1:step1", "dist/s.js:20"),
        ("B", "answer", f"{other} step1", ""),
        ("A", "gate", "HSET steps:run1:step1", f"dist/s.js:{line}"),
        ("A", "answer", f"{operation} step1", ""),
    ]
    lanes = [
        LaneItem(lane=lane, at=at, label=label, kind=kind, where=where or None)
        for at, (lane, kind, label, where) in enumerate(steps)
    ]
    fields = {"defect": "not-atomic", "reason": f"A's {operation} step1 got success; right is a conflict"}
    return failed(6, **{**fields, "evidence": Evidence(lanes=lanes, schedule="AB2A"), **changes})


def _found(*verdicts: Any) -> list[Defect]:
    return defects(build(factory.record(*verdicts)))


def test_the_window_is_the_look_the_write_between_and_the_write() -> None:
    [found] = _found(_race("step_retrying", 30))
    window = found.window
    assert window is not None
    assert window.look is not None
    assert window.between is not None
    assert (window.operation, window.look.at, window.other, window.between.at, window.line) == (
        "step_retrying",
        2,
        "step_completed",
        4,
        "dist/s.js:30",
    )


def test_one_line_is_one_defect_whatever_rule_and_check_it_reddens() -> None:
    one = _race("step_completed", 20, rules=["step.terminal-once"])
    other = _race("step_completed", 20, rules=["log.folds"], level="handlers", variant="step-message-twice")
    [found] = _found(other, one)
    assert len(found.places) == 2
    assert found.first.verdict.level == "storage", "the plainest place is told"
    assert found.rules == ["step.terminal-once", "log.folds"]


def test_another_line_or_another_operation_is_another_defect() -> None:
    lines = [_race("step_completed", 20), _race("step_completed", 40, variant="complete-fail")]
    assert len(_found(*lines)) == 2
    operations = [_race("step_completed", 20), _race("step_retrying", 20, variant="complete-retry")]
    assert len({one.slug for one in _found(*operations)}) == 2


def test_what_follows_from_another_failure_is_none() -> None:
    assert _found(_race("step_completed", 20, defect="consequence")) == []


def test_who_is_killed_has_not_made_the_next_write_and_who_dies_after_it_has() -> None:
    def faulty(kind: str) -> Evidence:
        steps: list[tuple[LaneKind, str]] = [
            ("gate", "HSET runs:run1"),
            ("fault", f"{kind}: what it means"),
            ("gate", "ZADD events:run1"),
        ]
        return Evidence(
            lanes=[LaneItem(lane="A", at=at, label=label, kind=of) for at, (of, label) in enumerate(steps)]
        )

    made, missing = died(faulty("kill"))
    assert made is not None
    assert missing is not None
    assert (made.label, missing.label) == ("HSET runs:run1", "ZADD events:run1")
    made, missing = died(faulty("die"))
    assert made is not None
    assert (made.label, missing) == ("ZADD events:run1", None)
