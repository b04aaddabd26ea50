"""How deep a verdict was searched, in every report: a shallow pass has a mark of its own."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from conformance.cli.report import group
from conformance.record.file import Record, RecordWriter
from conformance.record.lines import Verdict
from conformance.report.badges import badge_files, badges
from conformance.report.depth import depth_markdown, depth_rows
from conformance.report.html import render_html
from conformance.report.json_matrix import render_json
from conformance.report.markdown import render_summary
from conformance.report.matrix import Matrix, build
from conformance.report.terminal import print_matrix
from conformance.report.words import found_after, searched
from tests.report.factory import failed, header, passed, run, world

#: What the search of a variant says of itself.
_SAID: dict[str, Any] = {"conflicts": 12, "both_ways": 12, "orders": 20, "gates": 9, "depth": "pass"}


def matrix(*verdicts: Verdict) -> Matrix:
    return build(Record([run(list(verdicts))]))


def one(depth: str, **changes: object) -> Verdict:
    return passed(1, variant="v", **{**_SAID, "depth": depth, **changes})


def terminal(made: Matrix, *, verbose: bool = False) -> str:
    file = io.StringIO()
    print_matrix(made, Console(file=file, width=120), verbose)
    return file.getvalue()


@pytest.mark.parametrize("fault", ["", "runtime"])
def test_a_fault_of_the_runtime_has_a_mark_of_its_own(fault: str) -> None:
    made = matrix(one("pass", fault=fault))
    assert (made.count("pass"), made.count("fail"), made.of_runtime) == (1, 0, int(bool(fault)))
    row = next(line for line in terminal(made).splitlines() if "redis" in line)
    assert ("◇" in row) == bool(fault)
    assert ("1 with a fault of the runtime" in terminal(made)) == bool(fault)
    assert render_json(made)["rows"][0]["cells"]["1"]["convergence"].get("fault", "") == fault
    badge = badges(made)[0]
    assert [sign in text for sign in "◇" for text in (badge.message, badge.svg())] == [bool(fault)] * 2
    table = next(line for line in render_summary(made).splitlines() if line.startswith("| redis"))
    assert ("🔷" in table) == bool(fault)
    page = render_html(made)
    assert ('class="m pass runtime" title=' in page) == bool(fault)
    assert ("convergence: passed, a run died of a fault of the runtime" in page) == bool(fault)


@pytest.mark.parametrize(("depth", "shallow"), [("", 0), ("shallow", 1), ("pass", 0), ("deep", 0)])
def test_only_a_shallow_pass_is_marked(depth: str, shallow: int) -> None:
    made = matrix(one(depth))
    assert made.shallow == shallow
    assert made.count("pass") == 1
    lines = terminal(made).splitlines()
    assert any("redis" in line and ("◐" if shallow else "✓") in line for line in lines)
    assert ("(1 shallow)" in terminal(made)) == bool(shallow)
    table = [line for line in render_summary(made).splitlines() if line.startswith("| redis")]
    assert ("🟡" in table[0]) == bool(shallow)
    assert ("1 shallow" in render_summary(made)) == bool(shallow)
    page = render_html(made)
    assert ('class="m pass shallow" title=' in page) == bool(shallow)
    assert ("convergence: passed, shallow" in page) == bool(shallow)
    cell = json.loads(json.dumps(render_json(made)))["rows"][0]["cells"]["1"]["convergence"]
    assert cell.get("shallow", False) == bool(shallow)


def test_a_badge_says_so() -> None:
    files = badge_files(matrix(one("shallow")), "")
    assert any("shallow" in text for text in files.values())
    assert not any("shallow" in text for text in badge_files(matrix(one("pass")), "").values())


def test_one_shallow_variant_makes_its_mark_shallow() -> None:
    made = matrix(one("deep"), passed(1, variant="w", **{**_SAID, "depth": "shallow"}))
    assert made.shallow == 1
    assert "shallow  redis" in terminal(made, verbose=True)


def test_what_failed_is_not_called_shallow() -> None:
    assert matrix(failed(1, depth="shallow")).shallow == 0


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (-1, ""),
        (0, "found in the control"),
        (1, "found after 1 schedule of 40"),
        (3, "found after 3 schedules of 40"),
    ],
)
def test_a_failure_says_how_soon_it_was_found(after: int, words: str) -> None:
    verdict = failed(6, found_after=after, schedules=40)
    assert found_after(verdict) == words
    for text in (terminal(matrix(verdict)), render_summary(matrix(verdict)), render_html(matrix(verdict))):
        assert words[6:] in text


def test_a_search_is_told_in_a_line() -> None:
    assert searched(one("pass")) == "12/12 conflicts both ways, 20 orders, pass"
    assert searched(one("")) == ""


def written(folder: Path, *verdicts: Verdict) -> Path:
    path = folder / "record.jsonl"
    with RecordWriter(path) as writer:
        writer.write(header())
        writer.write(world())
        for verdict in verdicts:
            writer.write(verdict)
    return path


def test_a_table_of_depths(tmp_path: Path) -> None:
    said = {**_SAID, "schedules": 30, "seconds": 1.5}
    verdicts = [
        passed(1, "logs", variant="v", **said),
        failed(1, variant="v", **said, found_after=3),
        failed(2, variant="w", **{**said, "depth": "shallow", "both_ways": 10, "gates": 21}, found_after=11),
        passed(3, variant="v+faults"),
    ]
    path = written(tmp_path, *verdicts)
    [row] = depth_rows(build(Record([run(verdicts)])))
    assert (row.both_ways, row.conflicts, row.orders, row.schedules) == (22, 24, 40, 60)
    assert (row.depths["pass"], row.depths["shallow"], row.found_after) == (1, 1, [3, 11])
    done = CliRunner().invoke(group, ["depth", str(path)])
    assert done.exit_code == 0, done.output
    cells = "2 | 15 (21) | 22/24 | 40 | 0 | 1 | 1 | 7 (11) |  | 60 | 3"
    assert f"| redis 0.2.2 · storage | {cells} |" in done.output
    assert "| all |" not in done.output


def test_failures_that_take_three_actors_are_counted_apart_and_all_rows_have_a_sum() -> None:
    said = {**_SAID, "schedules": 30, "seconds": 1.5}
    three = failed(2, variant="w", **said, found_after=40)
    assert three.evidence is not None
    three.evidence.case = {"actors": 3}
    rows = depth_rows(build(Record([run([failed(1, variant="v", **said, found_after=3), three])])))
    assert [(row.found_after, row.crowded) for row in rows] == [([3], [40])]
    cells = "4 | 9 (9) | 48/48 | 80 | 0 | 4 | 0 | 3 (3) | 40 (40) | 120 | 6"
    assert f"| all | {cells} |" in depth_markdown(rows * 2)


def test_a_record_that_says_nothing_of_depth_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path, passed())
    done = CliRunner().invoke(group, ["depth", str(path)])
    assert done.exit_code == 1
    assert "says how deep" in done.output


def test_the_json_says_that_the_runtime_is_at_fault_too() -> None:
    made = matrix(failed(1, fault="both"))
    assert render_json(made)["rows"][0]["cells"]["1"]["convergence"]["fault"] == "both"
