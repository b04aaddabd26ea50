"""Two releases of the runtime beside each other: what changed, and what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from conformance.cli.report import group
from conformance.core.errors import ConformanceError
from conformance.record.file import Record, RecordWriter
from conformance.record.lines import Check, Logged, Verdict
from conformance.report.runtimes import RuntimeComparison, compare_runtimes
from tests.report.factory import failed, passed, run

OLD, NEW = "4.2.0-beta.9", "4.2.0-beta.71"


def _at(runtime: str, what: str, check: Check = "logs", **changes: Any) -> Verdict:
    fields = {"level": "runtime", "runtime": runtime, "variant": "v", "shoulds": []} | changes
    if what == "fail":
        return failed(2, check, **({"rules": ["logs.failed-delivery"], "defect": "unhandled"} | fields))
    return passed(2, check, verdict=what, **fields)


def _compared(*verdicts: Verdict, **chosen: str) -> RuntimeComparison:
    return compare_runtimes(Record([run(list(verdicts))]), **chosen)


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("fail", "pass", "fixed"),
        ("pass", "fail", "broken"),
        ("pass", "inconclusive", "unjudged"),
        ("unsupported", "pass", "unjudged"),
    ],
)
def test_what_changed(was: str, now: str, kind: str) -> None:
    found = _compared(_at(NEW, now), _at(OLD, was))
    assert (found.before, found.after, found.compared) == (OLD, NEW, 1)
    assert [one.kind for one in found.changes] == [kind]


def test_a_failure_of_another_kind_is_a_change_and_says_its_rules() -> None:
    [change] = _compared(
        _at(OLD, "fail"), _at(NEW, "fail", defect="noisy", rules=["logs.error-line"])
    ).changes
    assert (change.kind, change.states) == ("changed", "fail (unhandled) -> fail (noisy)")
    assert change.rules == "-logs.failed-delivery +logs.error-line"


def test_nothing_is_compared_with_another_world_version_or_dialect() -> None:
    for changes in ({"world": "mongodb"}, {"version": "0.2.1"}, {"runtime": f"{OLD} translated"}):
        with pytest.raises(ConformanceError, match="No check was judged with both"):
            _compared(_at(NEW, "pass"), replace(_at(OLD, "fail"), **changes), before=OLD, after=NEW)


def test_the_level_of_each_line_before_and_after() -> None:
    old = [Logged(level="warn", origin="runtime", text="Tried.", times=3)]
    old += [Logged(level="info", origin="runtime", text="Step exists.", times=1)]
    old += [Logged(level="error", origin="runtime", text="thrown", times=1, by_design=True)]
    new = [Logged(level="info", origin="runtime", text="Tried.", times=1)]
    new += [Logged(level="info", origin="runtime", text="Step exists.", times=8)]
    found = _compared(_at(OLD, "pass", logged=old), _at(NEW, "pass", logged=new))
    said = [(one.text, one.before, one.after, one.changed) for one in found.lines]
    assert said == [("Tried.", {"warn"}, {"info"}, True), ("Step exists.", {"info"}, {"info"}, False)]


def test_which_releases_must_be_clear() -> None:
    three = [_at(OLD, "pass"), _at(NEW, "pass"), _at("4.8.9", "pass")]
    with pytest.raises(ConformanceError, match="hold 3 releases of the runtime"):
        _compared(*three)
    assert _compared(*three, before=NEW, after="4.8.9").compared == 1
    with pytest.raises(ConformanceError, match="Nothing was judged with the runtime 5"):
        _compared(*three, before="5", after="4.8.9")


def test_the_command(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "r.jsonl") as writer:
        one = run([_at(OLD, "fail"), _at(NEW, "pass")])
        writer.write(one.header)
        for verdict in one.verdicts:
            writer.write(verdict)
    said = CliRunner().invoke(group, ["runtimes", str(tmp_path / "r.jsonl")], env={"COLUMNS": "150"})
    assert said.exit_code == 0
    assert "fail (unhandled) -> pass" in said.output
    data = json.loads(
        CliRunner().invoke(group, ["runtimes", str(tmp_path / "r.jsonl"), "--json", "-"]).output
    )
    assert [change["kind"] for change in data["changes"]] == ["fixed"]


def test_the_two_runtimes_beside_each_other() -> None:
    found = _compared(_at("python 0.12.0", "fail"), _at("4.8.9", "pass"))
    assert (found.before, found.after, found.compared) == ("4.8.9", "python 0.12.0", 1)
    assert [one.kind for one in found.changes] == ["broken"]
