"""The runtime matrix: signs, what changed from release to release, and what strangers may put into it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.core.errors import ConformanceError
from conformance.report.matrix import build
from conformance.report.publish import published
from conformance.report.runtime_matrix import (
    RuntimeCell,
    RuntimeMatrix,
    data,
    read_matrix,
    render_html,
    render_markdown,
)
from tests.report.factory import record

DIES = RuntimeCell("4.6.1", "uneven", "dies", 37, 1, 20, 20, ["id.one-thing: …"], "pytest --world=memory")
MATRIX = RuntimeMatrix(
    ["4.6.1", "4.7.0", "4.8.9"],
    ["even", "uneven"],
    [
        RuntimeCell("4.6.1", "even", "clean", 37),
        DIES,
        RuntimeCell("4.7.0", "uneven", "inconclusive", why="it cannot be installed"),
        RuntimeCell("4.8.9", "even", "clean", 37),
        RuntimeCell("4.8.9", "uneven", "clean", 37),
    ],
    "2026-11-26T00:00:00+00:00",
)


def test_a_release_that_was_not_judged_hides_no_change() -> None:
    assert MATRIX.changes() == ["uneven: dies in 4.6.1, clean in 4.8.9"]


def test_each_form_has_the_sign_of_the_runtime() -> None:
    table = render_markdown(MATRIX).splitlines()
    assert "| uneven | ◇ dies | ? inconclusive | ✓ clean |" in table
    assert "| even | ✓ clean | · | ✓ clean |" in table
    page = render_html(MATRIX)
    assert "◇ dies" in page
    assert "replayed 20 of 20 times" in page


def test_it_is_read_again_and_published(tmp_path: Path) -> None:
    path = tmp_path / "runtimes.json"
    path.write_text(json.dumps(data(MATRIX)))
    assert read_matrix(path) == MATRIX
    pages = published(build(record()), read_matrix(path))
    assert pages["runtimes.html"] == render_html(MATRIX)
    assert "(runtimes.html)" in pages["README.md"]
    path.write_text('{"versions": 1}')
    with pytest.raises(ConformanceError, match="not a runtime matrix"):
        read_matrix(path)


def test_text_from_outside_is_text() -> None:
    bad = "<script>|\n![x](http://a)"
    matrix = RuntimeMatrix(
        [bad], [bad], [RuntimeCell(bad, bad, bad, findings=[bad], replay=bad, why=bad)], bad
    )
    assert "<script>" not in render_html(matrix)
    assert "<script>" not in render_markdown(matrix)
    assert len([line for line in render_markdown(matrix).splitlines() if line.startswith("|")]) == 3
