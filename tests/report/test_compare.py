"""Comparing matrices, holding one against a baseline, following a trend."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conformance.record.file import Record, Run, Verdict
from conformance.report.baseline import BaselineError, judge, load_baseline
from conformance.report.compare import Comparison, compare
from conformance.report.matrix import build
from conformance.report.previous import before_last
from conformance.report.trend import trend
from tests.report import factory
from tests.report.factory import failed, header, passed, run

TODAY = date(2026, 11, 22)


def changes(old: list[Verdict], new: list[Verdict]) -> Comparison:
    return compare(build(Record([run(old)])), build(Record([run(new)])))


@pytest.mark.parametrize(
    ("old", "new", "kind", "status"),
    [
        (passed(6), failed(6), "broken", 1),
        (failed(6), passed(6), "fixed", 0),
        (failed(6), failed(6, defect="no-guard"), "changed", 0),
        (passed(6), passed(6, verdict="inconclusive"), "unjudged", 6),
        (passed(6, verdict="inconclusive"), failed(6), "broken", 1),
        (passed(6, verdict="unsupported"), passed(6), "new", 0),
        (passed(6, verdict="unsupported"), failed(6), "new", 1),
        (passed(6, version="0.2.1"), failed(6, version="0.2.2"), "broken", 1),
        (passed(6), passed(6), None, 0),
        (failed(6), failed(6), None, 0),
    ],
)
def test_what_changed(old: Verdict, new: Verdict, kind: str | None, status: int) -> None:
    found = changes([old], [new])
    assert [change.kind for change in found.changes] == ([kind] if kind else [])
    assert found.exit == status


def test_a_world_that_came_and_one_that_went() -> None:
    found = changes([passed(1, world="redis")], [passed(1, world="mongodb")])
    assert {(change.kind, change.row.world) for change in found.changes} == {
        ("new", "mongodb"),
        ("gone", "redis"),
    }
    assert found.exit == 6


def test_a_change_says_from_what_to_what_and_why() -> None:
    change = changes([passed(6, version="0.2.1")], [failed(6)]).changes[0]
    assert change.title == "redis 0.2.2 · storage · 6 step_completed · convergence"
    assert change.states == "pass -> fail (not-atomic)"
    assert change.version_before == "0.2.1"
    assert "two handlers" in change.reason


def test_a_variant_that_breaks_in_a_mark_that_failed_already_is_a_regression() -> None:
    two = [failed(6, variant="complete-fail"), failed(6, variant="complete-retry")]
    one = [two[0], passed(6, variant="complete-retry")]
    found = changes(one, two)
    assert [(change.kind, change.broke, change.held) for change in found.changes] == [
        ("broken", ("complete-retry",), ())
    ]
    assert "now also complete-retry" in found.changes[0].states
    assert found.exit == 1
    better = changes(two, one)
    assert [(change.kind, change.broke, change.held) for change in better.changes] == [
        ("changed", (), ("complete-retry",))
    ]
    assert "no longer complete-retry" in better.changes[0].states
    assert better.exit == 0


def baseline(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "known.toml"
    path.write_text(text)
    return path


KNOWN = """
[[known]]
world = "redis"
scenario = 6
rules = ["step.terminal-once"]
reason = "fixed in 0.3"
until = 2027-01-31
"""


@pytest.mark.parametrize(
    ("verdicts", "today", "status"),
    [
        ([failed(6)], TODAY, 0),
        ([failed(6)], date(2027, 2, 1), 1),
        ([failed(7)], TODAY, 1),
        ([failed(6, rules=["step.terminal-once", "log.folds"])], TODAY, 1),
        ([failed(6, variant="a"), failed(6, variant="b", rules=["log.folds"])], TODAY, 1),
        ([failed(6), passed(7, verdict="inconclusive")], TODAY, 6),
        ([failed(6), failed(7, severity="should")], TODAY, 0),
        ([passed(6)], TODAY, 0),
        ([], TODAY, 6),
    ],
)
def test_a_gate(tmp_path: Path, verdicts: list[Verdict], today: date, status: int) -> None:
    matrix = build(Record([run(verdicts)]))
    assert judge(matrix, load_baseline(baseline(tmp_path, KNOWN)), today).exit == status


def test_a_gate_without_a_baseline_knows_nothing() -> None:
    assert judge(build(Record([run([failed(6)])]))).exit == 1
    assert judge(build(Record([run([passed(6)])]))).exit == 0


def test_what_was_planned_and_not_judged_is_not_clean() -> None:
    line = factory.world(planned=factory.planned(6, 7))
    assert judge(build(Record([run([passed(6)], worlds=[line])]))).exit == 6


def test_entries_that_pass_expire_or_match_nothing_are_reported(tmp_path: Path) -> None:
    known = load_baseline(
        baseline(tmp_path, KNOWN + KNOWN.replace("6", "7", 1) + KNOWN.replace("redis", "turso"))
    )
    gate = judge(build(Record([run([failed(6), passed(7)])])), known, date(2027, 6, 1))
    assert [entry.scenario for entry in gate.expired] == [6]
    assert [entry.scenario for entry in gate.fixed] == [7]
    assert [entry.world for entry in gate.unused] == ["turso"]
    assert gate.exit == 1


def test_a_known_failure_is_noted_on_its_mark(tmp_path: Path) -> None:
    matrix = build(Record([run([failed(6)])]))
    judge(matrix, load_baseline(baseline(tmp_path, KNOWN)), TODAY)
    assert matrix.failures[0][2].known == "fixed in 0.3 (until 2027-01-31)"


@pytest.mark.parametrize(
    "text",
    ["[[known]]\nworld = 'x'\n", "nonsense", KNOWN + "colour = 'red'\n", KNOWN.replace("fixed in 0.3", " ")],
)
def test_a_baseline_that_cannot_be_used_is_one_clear_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(BaselineError, match=r"known\.toml") as caught:
        load_baseline(baseline(tmp_path, text))
    assert "reason" in caught.value.hint


def test_a_missing_baseline_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="cannot read the baseline"):
        load_baseline(tmp_path / "none.toml")


def three_runs() -> Record:
    def on(day: int, *verdicts: Verdict, **changes: Any) -> Run:
        return run(
            list(verdicts), header=header(run=str(day), started=f"2026-11-0{day}T00:00:00Z"), **changes
        )

    return Record(
        [
            on(1, failed(6, version="0.1"), failed(7, version="0.1")),
            on(2, failed(6, version="0.2"), passed(7, version="0.2")),
            on(3, passed(6, version="0.3"), footer=None),
        ]
    )


def test_a_trend_follows_a_world_over_versions() -> None:
    (series,) = trend(three_runs())
    assert [(point.version, point.counts["fail"]) for point in series.points] == [
        ("0.1", 2),
        ("0.2", 1),
        ("0.3", 0),
    ]
    assert [point.complete for point in series.points] == [True, True, False]
    assert series.title == "redis · storage"


def test_the_run_before_is_found_in_the_record() -> None:
    record = three_runs()
    earlier = before_last(record)
    assert earlier is not None
    assert [row.key.version for row in earlier.rows] == ["0.1", "0.2"]
    kinds = {change.cell.scenario: change.kind for change in compare(earlier, build(record)).changes}
    assert kinds[6] == "fixed"
    assert before_last(factory.record()) is None
