"""The published folder: a page for each level and runtime, and the table of all."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from conformance.cli._app import cli
from conformance.core.errors import ConformanceError
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
    assert 'href="../../docs/rules/step.terminal-once.html"' in pages[0]


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    record = write(tmp_path / "run.jsonl", factory.record(factory.failed()))
    done = CliRunner().invoke(cli, ["report", "publish", str(tmp_path / "matrix"), str(record)])
    assert done.exit_code == 0, done.output
    assert done.output.split() == [
        str(tmp_path / "matrix" / "README.md"),
        str(tmp_path / "matrix" / "storage.html"),
    ]


def test_the_readme_gets_the_table_and_references_stand_apart(tmp_path: Path) -> None:
    verdicts = [
        factory.failed(),
        factory.passed(level="handlers"),
        factory.passed(world="turso", implementation="reference"),
    ]
    record = write(tmp_path / "run.jsonl", factory.record(*verdicts))
    readme = tmp_path / "README.md"
    words = ["report", "publish", str(tmp_path / "matrix"), str(record), "--readme", str(readme)]
    readme.write_text("before\n<!-- matrix -->\nold\n<!-- end of matrix -->\nafter\n")
    assert CliRunner().invoke(cli, words).exit_code == 0
    text = readme.read_text()
    assert text.startswith("before\n<!-- matrix -->\n")
    assert text.endswith("<!-- end of matrix -->\nafter\n")
    assert "old" not in text
    assert "handlers" not in text
    package, between, reference = text.partition("References, which this suite ships.")
    assert between
    assert "redis 0.2.2 · storage" in package
    assert "turso (reference)" in reference
    assert "turso (reference)" not in package
    readme.write_text("no place\n")
    done = CliRunner().invoke(cli, words)
    assert isinstance(done.exception, ConformanceError)
    assert readme.read_text() == "no place\n"
