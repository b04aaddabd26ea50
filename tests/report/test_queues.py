"""Verdicts on queues in the record and in every report that shows them."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from conformance.record.file import Record, RecordError, RecordWriter, Run, read
from conformance.record.lines import Evidence, Outcome, Planned, Verdict
from conformance.report.baseline import Baseline, Known, judge
from conformance.report.compare import compare
from conformance.report.html import render_html
from conformance.report.json_matrix import render_json
from conformance.report.markdown import render_comment, render_summary
from conformance.report.matrix import Matrix, build
from conformance.report.queues import QueueTable, queue_tables
from conformance.report.terminal import print_matrix

from .factory import header, passed, run, world
from .hostile import SECRET, TEXT


def _verdict(rule: str = "queue.delivers", timeline: list[str] | None = None, **changes: Any) -> Verdict:
    fields: dict[str, Any] = {
        "world": "redis",
        "version": "0.2.2",
        "level": "queue",
        "probe": "delivers",
        "check": "delivery",
        "rules": [rule] if rule else [],
        "verdict": "pass",
        "reason": "30 messages, all delivered",
        "evidence": Evidence(timeline=timeline) if timeline else None,
    }
    return Verdict(**(fields | changes))


_FAILED = _verdict(
    level="natural", probe="fan_out", runtime="4.8.9", rule="run.terminal-once", verdict="fail",
    reason="3 of 20 runs: 2 callers got a success for the end of the run", shown=3, runs=20, hosts=2,
    timeline=["   0.000 s  A run_created: accepted"],
)  # fmt: skip
_ALL = [
    _verdict(),
    _FAILED,
    _verdict(probe="delay", rule="queue.delay", verdict="fail", severity="should", shown=4, runs=4),
    _verdict(level="natural", probe="hook", rule="", verdict="not-shown", reason="that proves nothing"),
    _verdict(probe="survives", rule="queue.survives", verdict="unsupported", reason="one process"),
    _verdict(probe="redelivers", rule="", verdict="inconclusive", reason="a host died"),
]


def _matrix(*verdicts: Verdict) -> Matrix:
    return build(Record([Run(header(), verdicts=list(verdicts or _ALL))]))


def _table(*verdicts: Verdict) -> QueueTable:
    [table] = queue_tables(_matrix(*verdicts))
    return table


def _terminal(matrix: Matrix, verbose: bool = False) -> str:
    buffer = io.StringIO()
    print_matrix(matrix, Console(file=buffer, width=160, legacy_windows=False), verbose)
    return buffer.getvalue()


def test_they_survive_a_record(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with RecordWriter(path) as writer:
        writer.write(header())
        for verdict in _ALL:
            writer.write(msgspec.to_builtins(verdict))
    [found] = read(path).runs
    assert found.verdicts == _ALL


def test_a_line_of_a_kind_to_come_is_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with RecordWriter(path) as writer:
        writer.write(header())
        writer.write(_verdict())
    path.write_text(
        path.read_text() + '{"kind":"telepathy","world":"redis"}\n{"kind":"footer","finished":"x"}\n'
    )
    [found] = read(path).runs
    assert found.verdicts == [_verdict()]
    assert any("'telepathy'" in problem for problem in found.problems)


@pytest.mark.parametrize("line", ['{"kind":"queue","world":"redis"}', '{"kind":7}', '{"world":"redis"}'])
def test_a_broken_line_is_still_an_error(tmp_path: Path, line: str) -> None:
    path = tmp_path / "run.jsonl"
    with RecordWriter(path) as writer:
        writer.write(header())
    path.write_text(path.read_text() + line + '\n{"kind":"footer","finished":"x"}\n')
    with pytest.raises(RecordError, match="not a line of a record"):
        read(path)


def test_what_was_judged_and_how_often() -> None:
    assert [(line.state, line.what, line.often) for line in _table().lines] == [
        ("pass", "queue.delivers", ""),
        ("note", "queue.delay", "4 of 4"),
        ("unsupported", "queue.survives", ""),
        ("inconclusive", "redelivers", ""),
        ("not-shown", "stress hook", ""),
        ("fail", "stress fan_out on 4.8.9: run.terminal-once", "3 of 20"),
    ]


def test_the_newest_run_speaks() -> None:
    old = Run(header(run="old", started="2026-11-01T00:00:00Z"), verdicts=[_FAILED, _verdict()])
    quiet = _verdict("", level="natural", probe="fan_out", runtime="4.8.9", verdict="not-shown")
    new = Run(header(run="new", started="2026-11-02T00:00:00Z"), verdicts=[quiet])
    [table] = queue_tables(build(Record([old, new])))
    assert [line.state for line in table.lines] == ["pass", "not-shown"]


def test_the_terminal_shows_them() -> None:
    text = _terminal(_matrix())
    assert "queue of redis 0.2.2" in text
    assert "3 of 20" in text
    assert "A run_created: accepted" in text
    assert "1 failed, 1 inconclusive, 1 unsupported, 1 nothing shown, 2 passed (1 with a note)" in text
    assert "nothing was judged" not in text


def test_the_summary_and_the_comment_show_them() -> None:
    for text in (render_summary(_matrix()), render_comment(_matrix())):
        assert "**1 failed**, 1 inconclusive, 2 passed" in text
        assert "| ❌ | stress fan\\_out on 4.8.9: run.terminal-once | 3 of 20 |" in text
        assert "Nothing was judged" not in text


def test_the_page_shows_them() -> None:
    page = render_html(_matrix())
    assert '<table class="matrix">' not in page  # there is nothing about a scenario
    assert "Queues</h2>" in page
    assert "stress fan_out on 4.8.9: run.terminal-once" in page
    assert "nothing shown, which proves nothing" in page
    assert "A run_created: accepted" in page


def test_the_json_has_them() -> None:
    rows = {(row["level"], row["runtime"]): row for row in render_json(_matrix())["rows"]}
    mark = rows["natural", "4.8.9"]["cells"]["fan_out"]["delivery"]
    assert (mark["state"], mark["shown"], mark["runs"]) == ("fail", 3, 20)
    assert rows["queue", ""]["cells"]["delivers"]["delivery"]["variants"] == {"queue.delivers": "pass"}
    assert "timeline" not in str(rows)


def test_a_world_without_a_queue_takes_one_line() -> None:
    verdicts = [
        _verdict(rule="", probe=name, verdict="unsupported", reason="it has none") for name in ("a", "b")
    ]
    assert _table(*verdicts).nothing == "it has none"
    assert render_html(_matrix(*verdicts)).count("it has none") == 1


def test_a_run_without_them_looks_as_it_did() -> None:
    matrix = build(Record([run([passed(1)])]))
    assert matrix.queue_rows == []
    assert "queue of" not in _terminal(matrix)
    assert "Queues</h2>" not in render_html(matrix)


def test_what_a_world_says_does_no_harm() -> None:
    hostile = _verdict(verdict="fail", reason=TEXT, rule=TEXT, defect=TEXT, timeline=[TEXT])
    matrix = _matrix(hostile)
    page = render_html(matrix)
    assert "<script>window" not in page
    assert "<img" not in page
    assert "\x1b" not in _terminal(matrix, True)
    text = re.sub(r"(`{4,}).*?\1", "", render_summary(matrix), flags=re.DOTALL)  # what is code does nothing
    assert "<script>" not in text
    assert "&lt;script" in text


_OUTCOMES: list[tuple[Outcome, int]] = [("fail", 1), ("inconclusive", 6), ("pass", 0), ("not-shown", 0)]


@pytest.mark.parametrize(("outcome", "status"), _OUTCOMES)
def test_the_gate_counts_them(outcome: Outcome, status: int) -> None:
    assert judge(_matrix(_verdict(verdict=outcome))).exit == status


def test_a_broken_should_of_a_queue_passes_the_gate() -> None:
    assert judge(_matrix(_verdict(verdict="fail", severity="should"))).exit == 0


def test_a_baseline_covers_them() -> None:
    entry = {"world": "redis", "probe": "delivers", "rules": ("queue.delivers",), "reason": "x"}
    known = Baseline([msgspec.convert(entry | {"until": "2999-01-01"}, Known)])
    matrix = _matrix(_verdict(verdict="fail"))
    assert judge(matrix, known).exit == 0
    assert [line.state for table in queue_tables(matrix) for line in table.lines] == ["known"]
    assert judge(_matrix(_verdict("queue.intact", verdict="fail")), known).exit == 1


def test_a_new_failure_is_a_regression_in_a_diff() -> None:
    held, broke = _matrix(_verdict()), _matrix(_verdict(verdict="fail"))
    [change] = compare(held, broke).changes
    assert (change.kind, change.title) == ("broken", "redis 0.2.2 · queue · delivers · delivery")
    quiet = _matrix(_verdict(level="natural", probe="hook", rule="", verdict="not-shown"))
    shown = _matrix(_verdict(level="natural", probe="hook", rule="run.no-hang", verdict="fail"))
    assert compare(quiet, shown).exit == 1


def test_what_was_planned_and_not_reached_could_not_be_judged() -> None:
    line = world(planned=[Planned(level="queue", probe="delivers"), Planned(level="queue", probe="delay")])
    matrix = build(Record([Run(header(), [line], [_verdict()])]))
    assert judge(matrix).exit == 6
    assert [line.state for table in queue_tables(matrix) for line in table.lines] == ["pass", "not_judged"]


def test_secrets_stay_out_of_the_record(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with RecordWriter(path) as writer:
        writer.write(header())
        writer.write(_verdict(verdict="fail", reason=TEXT, timeline=[TEXT]))
    assert SECRET not in path.read_text()
