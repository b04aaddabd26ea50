"""The published folder: a page for each level and runtime, and the table of all."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from conformance.cli._app import cli
from conformance.report.publish import published
from tests.report import factory
from tests.report.test_record import write


def test_a_page_for_each_level_and_runtime_and_one_table() -> None:
    verdicts = [
        factory.failed(),
        factory.passed(level="handlers"),
        factory.passed(level="runtime", runtime="4.8.9"),
    ]
    made = published(factory.matrix_of(*verdicts))
    assert list(made) == ["README.md", "storage.html", "handlers.html", "runtime-4.8.9.html"]
    table, *pages = made.values()
    assert all(f"({name})" in table for name in list(made)[1:])
    assert "redis 0.2.2 · runtime 4.8.9" in table
    assert "not atomic" in pages[0]


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    record = write(tmp_path / "run.jsonl", factory.record(factory.failed()))
    done = CliRunner().invoke(cli, ["report", "publish", str(tmp_path / "matrix"), str(record)])
    assert done.exit_code == 0, done.output
    assert done.output.split() == [
        str(tmp_path / "matrix" / "README.md"),
        str(tmp_path / "matrix" / "storage.html"),
    ]
