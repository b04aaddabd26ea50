"""Verdicts on queues in the record and in every report that shows them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from conformance.record.file import Record, RecordError, RecordWriter, Run, read
from conformance.record.lines import QueueVerdict
from conformance.report.html import render_html
from conformance.report.json_matrix import render_json
from conformance.report.markdown import render_comment, render_summary
from conformance.report.matrix import Matrix, build
from conformance.report.queues import often, state_of, what
from conformance.report.terminal import print_matrix

from .factory import header, passed, run
from .hostile import SECRET, TEXT


def _verdict(**changes: Any) -> QueueVerdict:
    fields: dict[str, Any] = {
        "world": "redis",
        "version": "0.2.2",
        "part": "queue",
        "name": "delivers",
        "rule": "queue.delivers",
        "verdict": "pass",
        "reason": "30 messages, all delivered",
    }
    return QueueVerdict(**(fields | changes))


_FAILED = _verdict(
    part="natural", name="fan_out", runtime="4.8.9", rule="run.terminal-once", verdict="fail",
    reason="3 of 20 runs: 2 callers were told that they did the end of the run", shown=3, runs=20, hosts=2,
    timeline=["   0.000 s  A run_created: accepted"],
)  # fmt: skip
_ALL = [
    _verdict(),
    _FAILED,
    _verdict(name="delay", rule="queue.delay", verdict="fail", severity="should", shown=4, runs=4),
    _verdict(part="natural", name="hook", rule="", verdict="not-shown", reason="that proves nothing"),
    _verdict(name="survives", rule="queue.survives", verdict="unsupported", reason="one process"),
    _verdict(name="redelivers", rule="", verdict="inconclusive", reason="a host died"),
]


def _matrix(*verdicts: QueueVerdict) -> Matrix:
    return build(Record([Run(header(), queue=list(verdicts or _ALL))]))


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
    assert found.queue == _ALL
    assert found.verdicts == []


def test_a_line_of_a_kind_to_come_is_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with RecordWriter(path) as writer:
        writer.write(header())
        writer.write(_verdict())
    path.write_text(
        path.read_text() + '{"kind":"telepathy","world":"redis"}\n{"kind":"footer","finished":"x"}\n'
    )
    [found] = read(path).runs
    assert found.queue == [_verdict()]
    assert any("'telepathy'" in problem for problem in found.problems)


@pytest.mark.parametrize("line", ['{"kind":"queue","world":"redis"}', '{"kind":7}', '{"world":"redis"}'])
def test_a_broken_line_is_still_an_error(tmp_path: Path, line: str) -> None:
    path = tmp_path / "run.jsonl"
    with RecordWriter(path) as writer:
        writer.write(header())
    path.write_text(path.read_text() + line + '\n{"kind":"footer","finished":"x"}\n')
    with pytest.raises(RecordError, match="not a line of a record"):
        read(path)


def test_a_failed_should_is_a_note() -> None:
    assert [state_of(verdict) for verdict in _ALL] == [
        "pass", "fail", "note", "not-shown", "unsupported", "inconclusive",
    ]  # fmt: skip


def test_what_was_judged_and_how_often() -> None:
    assert what(_FAILED) == "stress fan_out on 4.8.9: run.terminal-once"
    assert often(_FAILED) == "3 of 20"
    assert what(_ALL[5]) == "redelivers"
    assert often(_ALL[0]) == ""


def test_the_newest_run_speaks() -> None:
    old = Run(header(run="old", started="2026-11-01T00:00:00Z"), queue=[_FAILED, _verdict()])
    quiet = _verdict(part="natural", name="fan_out", runtime="4.8.9", rule="", verdict="not-shown")
    new = Run(header(run="new", started="2026-11-02T00:00:00Z"), queue=[quiet])
    [row] = build(Record([old, new])).queues
    assert row.verdicts == [_verdict(), quiet]


def test_the_terminal_shows_them() -> None:
    text = _terminal(_matrix())
    assert "queue of redis 0.2.2" in text
    assert "3 of 20" in text
    assert "A run_created: accepted" in text
    assert "queues: 1 fails, 1 a should is broken, 1 inconclusive, 1 holds" in text
    assert "nothing was judged" not in text


def test_the_summary_and_the_comment_show_them() -> None:
    for text in (render_summary(_matrix()), render_comment(_matrix())):
        assert "queues: 1 failed, 1 inconclusive, 1 passed" in text
        assert "| ❌ | stress fan\\_out on 4.8.9: run.terminal-once | 3 of 20 |" in text
        assert "Nothing was judged" not in text


def test_the_page_shows_them() -> None:
    page = render_html(_matrix())
    assert "Queues</h2>" in page
    assert "stress fan_out on 4.8.9: run.terminal-once" in page
    assert "nothing shown, which proves nothing" in page
    assert "A run_created: accepted" in page


def test_the_json_has_them() -> None:
    queues = render_json(_matrix())["queues"]
    assert len(queues) == len(_ALL)
    [stress] = [each for each in queues if each["name"] == "fan_out"]
    assert stress["shown"] == 3
    assert "timeline" not in stress


def test_a_world_without_a_queue_takes_one_line() -> None:
    verdicts = [
        _verdict(rule="", name=name, verdict="unsupported", reason="it has none") for name in ("a", "b")
    ]
    for text in (
        _terminal(_matrix(*verdicts)),
        render_summary(_matrix(*verdicts)),
        render_html(_matrix(*verdicts)),
    ):
        assert text.count("it has none") == 1


def test_a_run_without_them_looks_as_it_did() -> None:
    matrix = build(Record([run([passed(1)])]))
    assert matrix.queues == []
    assert "queue of" not in _terminal(matrix)
    assert "Queues</h2>" not in render_html(matrix)


def test_what_a_world_says_does_no_harm() -> None:
    hostile = _verdict(verdict="fail", reason=TEXT, name=TEXT, defect=TEXT, timeline=[TEXT])
    matrix = _matrix(hostile)
    page = render_html(matrix)
    assert "<script>window" not in page
    assert "<img" not in page
    assert "\x1b" not in _terminal(matrix, True)
    assert "<script>" not in render_summary(matrix)


def test_secrets_stay_out_of_the_record(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with RecordWriter(path) as writer:
        writer.write(header())
        writer.write(_verdict(verdict="fail", reason=TEXT, timeline=[TEXT]))
    assert SECRET not in path.read_text()
