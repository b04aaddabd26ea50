"""``world-conformance report …``: from records to files, and the exit status that CI looks at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli.report import group
from conformance.record.file import Record, RecordError, Verdict, read
from tests.report import factory
from tests.report.factory import failed, header, passed, run
from tests.report.test_record import write


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


def record(path: Path, *verdicts: Verdict, day: int = 20) -> Path:
    made = run(list(verdicts), header=header(run=f"run-{day}", started=f"2026-11-{day}T10:00:00Z"))
    return write(path, Record([made]))


def test_two_runs_of_different_worlds_on_different_days_become_one_of_everything(tmp_path: Path) -> None:
    record(tmp_path / "in" / "a.jsonl", *factory.all_kinds())
    record(tmp_path / "in" / "b.jsonl", passed(1, world="mongodb"), day=21)
    out = tmp_path / "out"
    options = {
        "--html": "m.html", "--markdown": "m.md", "--comment": "c.md", "--json": "m.json", "--junit": "j.xml",
        "--ctrf": "ctrf.json", "--sarif": "s.sarif", "--vitest": "vitest", "--worlds-status": "worlds.json",
        "--badges": "badges", "--record": "all.jsonl",
    }  # fmt: skip
    given = [part for name, file in options.items() for part in (name, out / file)]
    done = call("merge", tmp_path / "in", *given)
    assert done.exit_code == 0, done.output
    assert "2 runs, 2 rows: 4 failed, 0 known to fail, 3 could not be judged" in done.stderr
    for file in options.values():
        assert (out / file).exists(), file
    page = (out / "m.html").read_text()
    assert "redis-package-0.2.2-storage-6" in page
    assert "mongodb-package-0.2.2-storage-6" in page
    assert (
        read(out / "all.jsonl").verdicts == read([tmp_path / "in/a.jsonl", tmp_path / "in/b.jsonl"]).verdicts
    )


def test_merging_is_the_same_in_any_order_and_again(tmp_path: Path) -> None:
    a = record(tmp_path / "a.jsonl", *factory.all_kinds())
    b = record(tmp_path / "b.jsonl", passed(6), day=21)
    texts = [call("merge", *order, "--html", "-").stdout for order in ([a, b], [b, a], [a, b, a])]
    assert texts[0] == texts[1] == texts[2]
    merged = tmp_path / "all.jsonl"
    call("merge", a, b, "--record", merged)
    assert call("merge", merged, "--html", "-").stdout == texts[0]


def test_only_stdout_is_written_where_asked_to(tmp_path: Path) -> None:
    done = call("merge", record(tmp_path / "a.jsonl", passed(1)), "--json", "-")
    assert json.loads(done.stdout)["counts"]["pass"] == 1


@pytest.mark.parametrize(
    ("verdict", "status"), [(passed(6), 0), (failed(6), 1), (passed(6, verdict="inconclusive"), 6)]
)
def test_the_gate(tmp_path: Path, verdict: Verdict, status: int) -> None:
    path = record(tmp_path / "a.jsonl", verdict)
    assert call("merge", path).exit_code == 0
    assert call("merge", path, "--gate").exit_code == status


def test_the_gate_with_a_baseline(tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text('[[known]]\nworld = "redis"\nscenario = 6\nreason = "see 12"\nuntil = 2999-01-01\n')
    path = record(tmp_path / "a.jsonl", failed(6))
    done = call("merge", path, "--gate", "--baseline", known, "--html", tmp_path / "m.html")
    assert done.exit_code == 0
    assert "0 failed, 1 known to fail" in done.stderr
    assert "Declared as known: see 12" in (tmp_path / "m.html").read_text()
    fixed = call("merge", record(tmp_path / "b.jsonl", passed(6)), "--gate", "--baseline", known)
    assert fixed.exit_code == 0
    assert "passes now, take it out: redis 6" in fixed.stderr


def test_the_run_before_can_be_given(tmp_path: Path) -> None:
    old = record(tmp_path / "old.jsonl", passed(6), day=1)
    new = record(tmp_path / "new.jsonl", failed(6))
    text = call("merge", new, "--previous", old, "--comment", "-").stdout
    assert "**1 broken**" in text


def test_diff(tmp_path: Path) -> None:
    old = record(tmp_path / "old.jsonl", passed(6), failed(7), day=1)
    new = record(tmp_path / "new.jsonl", failed(6), passed(7))
    done = call("diff", old, new)
    assert done.exit_code == 1
    assert "1 broken (held before and fails now)" in done.output
    assert "1 fixed (failed before and holds now)" in done.output
    back = call("diff", new, new)
    assert (back.exit_code, back.output) == (0, "nothing changed\n")
    made = json.loads(call("diff", old, new, "--json", "-").stdout)
    assert [change["kind"] for change in made] == ["broken", "fixed"]
    assert "1 broken" in call("diff", old, new, "--markdown", "-").stdout


def test_trend(tmp_path: Path) -> None:
    old = record(tmp_path / "old.jsonl", failed(6, version="0.1.0"), day=1)
    new = record(tmp_path / "new.jsonl", passed(6))
    output = call("trend", old, new).output
    assert output.index("0.1.0") < output.index("0.2.2")
    points = json.loads(call("trend", old, new, "--json", "-").stdout)[0]["points"]
    assert [point["counts"]["fail"] for point in points] == [1, 0]


def test_show(tmp_path: Path) -> None:
    path = record(tmp_path / "a.jsonl", failed(6), failed(6, world="mongodb"))
    assert "mongodb 0.2.2" in call("show", path).output
    one = call("show", path, "--world", "redis").output
    assert "mongodb" not in one
    assert "again with: " in one


def test_an_issue_for_each_failing_cell(tmp_path: Path) -> None:
    path = record(tmp_path / "a.jsonl", *factory.all_kinds(), failed(6, world="mongodb", level="handlers"))
    text = call("issue", path, "--world", "redis", "--scenario", "6").output
    assert text.startswith(
        "# two handlers finish one step: not atomic, dialect, noisy (redis 0.2.2 · storage)"
    )
    assert text.count("HGET step:s1 status") == 2  # one picture, of the two lanes
    for part in (
        "step ends once",
        "dist/storage/events.js:231",
        "--world-replay",
        "suite 0.1.0",
        "redis 7.2",
    ):
        assert part in text, part
    call("issue", path, "--into", tmp_path / "issues")
    assert len(list((tmp_path / "issues").iterdir())) == 3
    assert call("issue", path, "--level", "runtime").output == ""


def test_schema() -> None:
    assert json.loads(call("schema").output)["title"] == "A line of a conformance record"


@pytest.mark.parametrize("name", ["started", "run", "suite", "git"])
def test_a_header_of_any_text_does_no_harm(tmp_path: Path, name: str) -> None:
    odd = "9999-12-31T23:59:59-23:59 \x1b[2J[/b]\n::error::x"
    path = write(tmp_path / "a.jsonl", Record([run([passed(1)], header=header(**{name: odd}))]))
    out = ["--ctrf", "c.json", "--html", "m.html", "--junit", "j.xml", "--comment", "c.md"]
    done = call("merge", path, *(tmp_path / word if "." in word else word for word in out))
    assert done.exit_code == 0, done.output
    assert call("trend", path).exit_code == 0


def test_a_number_that_no_other_language_holds_does_no_harm(tmp_path: Path) -> None:
    odd = failed(6, evidence=factory.evidence(case={"x": 10**100}))
    path = write(tmp_path / "a.jsonl", Record([run([odd])]))
    assert call("merge", path, "--html", tmp_path / "m", "--record", tmp_path / "all.jsonl").exit_code == 0


def test_mistakes_are_said_in_a_sentence(tmp_path: Path) -> None:
    assert isinstance(call("merge", tmp_path / "none.jsonl").exception, RecordError)
    (tmp_path / "empty").mkdir()
    done = call("merge", tmp_path / "empty")
    assert (done.exit_code, "no record (*.jsonl, *.jsonl.gz)" in done.output) == (2, True)
