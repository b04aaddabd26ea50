"""The record: written line by line, read back whole, after a crash too, and from many files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from conformance.record.file import (
    Failure,
    Footer,
    Line,
    LogText,
    Record,
    RecordError,
    RecordWriter,
    Service,
    Verdict,
    merge,
    read,
    read_failure,
    write_failure,
)
from conformance.record.schema import path as schema_path
from conformance.record.schema import schema
from tests.report import factory


def write(path: Path, record: Record) -> Path:
    with RecordWriter(path) as writer:
        for run in record.runs:
            writer.write(run.header)
            body: list[Line] = [*run.worlds, *run.verdicts]
            for line in body:
                writer.write(line)
            if run.footer is not None:
                writer.write(run.footer)
    return path


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    made = factory.record()
    back = read(write(tmp_path / "a.jsonl", made))
    assert back.verdicts == made.verdicts
    assert back.worlds == made.worlds
    assert back.runs[0].header == made.runs[0].header
    assert back.problems == []


def test_a_record_may_be_compressed(tmp_path: Path) -> None:
    path = write(tmp_path / "run.jsonl", factory.record())
    packed = tmp_path / "run.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read(packed).verdicts == read(path).verdicts
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(RecordError, match="cannot read the record"):
        read(packed)


def test_where_things_lie_on_this_machine_is_nobodys_business(tmp_path: Path) -> None:
    package = "/home/me/.cache/npm/redis-1/node_modules/@w/redis"
    stack = f"at f ({package}/dist/a.js:3) in /tmp/world-conformance-local-x1/steps/a"
    replay = "pytest --world-path=/home/me/node_modules/@w/redis"
    made = factory.failed(reason=stack, evidence=factory.evidence(replay=replay))
    [verdict] = read(write(tmp_path / "a.jsonl", factory.record(made))).verdicts
    assert verdict.reason == "at f (node_modules/@w/redis/dist/a.js:3) in …/steps/a"
    assert verdict.evidence is not None
    assert verdict.evidence.replay == replay


def test_every_line_is_flushed(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "a.jsonl")
    writer.write(factory.header())
    writer.write(factory.passed())
    assert [line["kind"] for line in lines_of(tmp_path / "a.jsonl")] == ["header", "verdict"]
    writer.close()


def test_a_verdict_line_has_every_field_of_the_design(tmp_path: Path) -> None:
    line = lines_of(write(tmp_path / "a.jsonl", factory.record(factory.failed())))[2]
    wanted = """kind world implementation version level runtime scenario variant check verdict severity rules
        defect schedules distinct exhausted bound replayed seconds reason evidence shoulds"""
    assert set(wanted.split()) <= set(line)


def test_a_verdict_survives_the_way_from_a_worker(tmp_path: Path) -> None:
    for verdict in factory.all_kinds():
        sent = json.loads(json.dumps(msgspec.to_builtins(verdict)))
        assert msgspec.convert(sent, Verdict) == verdict
        with RecordWriter(tmp_path / "a.jsonl") as writer:
            writer.write(sent)


def test_lines_fit_the_published_schema(tmp_path: Path) -> None:
    published = json.loads(schema_path().read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(published)
    failure = Failure(suite="0.1.0", world=factory.world(), verdict=factory.failed())
    lines = lines_of(write(tmp_path / "a.jsonl", factory.record()))
    lines.append(json.loads(write_failure(tmp_path / "f.json", failure).read_text()))
    for line in lines:
        validator.validate(line)
    assert {line["kind"] for line in lines} == {"header", "world", "verdict", "failure", "footer"}
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"kind": "verdict", "world": "redis"})


def test_the_published_schema_is_that_of_the_code() -> None:
    assert json.loads(schema_path().read_text(encoding="utf-8")) == json.loads(json.dumps(schema()))


def test_a_killed_run_is_readable_and_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", factory.record())
    whole = path.read_bytes()
    cut = whole[: whole.rindex(b'{"kind":"footer"')]
    path.write_bytes(cut[:-200])
    record = read(path)
    assert len(record.verdicts) == len(factory.all_kinds()) - 1
    assert not record.runs[0].complete
    assert "cut short" in record.problems[0]
    assert "no footer" in record.problems[1]


def test_a_run_appended_to_a_killed_one_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", factory.record())
    path.write_bytes(path.read_bytes()[:-30])
    write(path, Record([factory.run([factory.passed()], header=factory.header(run="2"))]))
    record = read(path)
    assert [run.complete for run in record.runs] == [False, True]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: [*lines[:2], b"{half", *lines[3:]], "a.jsonl:3: not a line of a record"),
        (lambda _: [b"no record"], "a.jsonl:1: not a line of a record.*\n.*--world-record FILE wrote"),
        (lambda lines: lines[1:], "a.jsonl:1: a record begins with a header"),
        (lambda _lines: [], "empty record"),
        (lambda lines: [lines[0].replace(b'"schema":2', b'"schema":9'), *lines[1:]], "newer suite"),
        (
            lambda lines: [lines[0], lines[2].replace(b'"scenario":1', b'"scenario":1000'), *lines[3:]],
            "not a line of a record: .*scenario",
        ),
    ],
)
def test_what_is_not_a_record_is_one_clear_error(tmp_path: Path, change: Any, words: str) -> None:
    path = write(tmp_path / "a.jsonl", factory.record())
    path.write_bytes(b"\n".join(change(path.read_bytes().splitlines())) + b"\n")
    with pytest.raises(RecordError, match=words) as caught:
        read(path)
    assert caught.value.hint


def test_a_missing_record_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot read the record"):
        read(tmp_path / "none.jsonl")


def test_unknown_fields_of_a_later_version_are_let_be(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", factory.record())
    path.write_text(path.read_text().replace('"kind":"verdict"', '"kind":"verdict","later":1'))
    assert len(read(path).verdicts) == len(factory.all_kinds())


def test_merge_orders_runs_by_time_and_drops_the_same_run_given_twice(tmp_path: Path) -> None:
    old = factory.run([factory.failed()], header=factory.header(run="1", started="2026-11-01T00:00:00Z"))
    new = factory.run([factory.passed()], header=factory.header(run="2", started="2026-11-02T00:00:00Z"))
    a, b = write(tmp_path / "a.jsonl", Record([new])), write(tmp_path / "b.jsonl", Record([old]))
    assert [run.header.run for run in read([a, b, a]).runs] == ["1", "2"]
    (tmp_path / "c.jsonl").write_bytes(a.read_bytes() + b.read_bytes())
    assert read(tmp_path / "c.jsonl").verdicts == merge([read(a), read(b)]).verdicts


def test_credentials_do_not_reach_the_file(tmp_path: Path) -> None:
    line = factory.world(service=Service(kind="redis", url="redis://me:s3cr3t@db.example:6379/0"))
    verdict = factory.failed(reason="cannot reach postgres://u:s3cr3t@h/x?password=s3cr3t")
    assert verdict.evidence is not None
    verdict.evidence.logs[0].text = "mongodb+srv://u:s3cr3t@cluster/x"
    path = write(tmp_path / "a.jsonl", Record([factory.run([verdict], worlds=[line])]))
    assert "s3cr3t" not in path.read_text()
    assert "redis://***@db.example:6379/0" in path.read_text()


def test_ten_megabytes_of_log_stay_small_and_are_counted(tmp_path: Path) -> None:
    text = LogText(lane="A", level="info", origin="world", text="x" * 10_000_000)
    many = [LogText(lane="A", level="debug", origin="world", text=f"line {n}") for n in range(9_000)]
    many.append(LogText(lane="B", level="error", origin="world", text="the one that matters"))
    verdict = factory.failed(evidence=factory.evidence(logs=[text, *many]))
    path = write(tmp_path / "a.jsonl", factory.record(verdict))
    assert path.stat().st_size < 50_000
    evidence = read(path).verdicts[0].evidence
    assert evidence is not None
    assert evidence.dropped == {"logs": 8_802}
    assert evidence.logs[-1].text == "the one that matters"
    assert evidence.logs[0].text.endswith("[9,996,000 more characters]")


def test_the_case_and_the_schedule_stay_exact(tmp_path: Path) -> None:
    case = {"payload": "redis://a:b@c \x1b[31m\x00" + "y" * 9_000, "deep": [[[{"case": "password=x"}]]]}
    verdict = factory.failed(evidence=factory.evidence(case=case, schedule="AB" * 5_000))
    path = write_failure(tmp_path / "f.json", Failure(suite="0", world=factory.world(), verdict=verdict))
    evidence = read_failure(path).verdict.evidence
    assert evidence is not None
    assert (evidence.case, evidence.schedule) == (case, "AB" * 5_000)


def test_text_no_file_can_hold_is_written_all_the_same(tmp_path: Path) -> None:
    verdict = factory.failed(
        reason="lone \ud800 surrogate", evidence=factory.evidence(case={"k\udfff": "\ud800"})
    )
    assert (
        read(write(tmp_path / "a.jsonl", factory.record(verdict))).verdicts[0].reason
        == "lone \ufffd surrogate"
    )


def test_a_record_is_not_a_failure_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(msgspec.json.encode(Footer(finished="2026-11-20T10:00:00Z")))
    with pytest.raises(RecordError, match="not a failure file"):
        read_failure(path)
    path.write_text("{")
    with pytest.raises(RecordError, match="not a failure file"):
        read_failure(path)
    with pytest.raises(RecordError, match="cannot read"):
        read_failure(tmp_path / "none.json")
