"""Whether several runs came to the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.report import group
from conformance.record.file import FindingLine, Record, RecordWriter
from conformance.record.lines import Verdict
from conformance.report.same import same
from tests.report.factory import failed, passed, run

RED = failed(6, variant="v", shoulds=[])


def _kinds(*verdicts: Verdict) -> list[str]:
    return [one.kind for one in same([Record([run([one])]) for one in verdicts]).differences]


def _red(**changes: Any) -> Verdict:
    return failed(6, **({"variant": "v", "shoulds": []} | changes))


def test_what_does_not_matter() -> None:
    other = _red(
        schedules=9, reason="another schedule shows it", replayed="3/3", evidence=None, also=["log.folds"]
    )
    other.shoulds.append(FindingLine(rules=["log.order"], reason="late", drawn=True))
    assert _kinds(RED, other, _red(rules=list(reversed(RED.rules)))) == []


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (passed(6, variant="v"), "verdict"),
        (_red(verdict="inconclusive"), "verdict"),
        (_red(defect="no-guard"), "defect"),
        (_red(rules=["step.terminal-once", "log.folds"]), "rules"),
        (_red(shoulds=[FindingLine(rules=["log.order"], reason="late")]), "notes"),
    ],
)
def test_what_does(other: Verdict, kind: str) -> None:
    assert _kinds(RED, RED, other) == [kind]


def test_what_one_run_did_not_judge_is_a_difference() -> None:
    found = same([Record([run([RED])]), Record([run([passed(7)])])])
    assert [(one.kind, one.subject, one.said[0]) for one in found.differences] == [
        ("verdict", 6, "fail (not-atomic) [step.terminal-once]"),
        ("verdict", 7, "not judged"),
    ]


def test_the_command(tmp_path: Path) -> None:
    for name, verdict in (("a", RED), ("b", RED), ("c", _red(rules=["log.folds"]))):
        with RecordWriter(tmp_path / f"{name}.jsonl") as writer:
            one = run([verdict])
            writer.write(one.header)
            writer.write(verdict)
    a, b, c = (str(tmp_path / f"{name}.jsonl") for name in "abc")
    call = CliRunner().invoke
    done = call(group, ["same", a, b])
    assert (done.exit_code, done.output) == (0, "1 checks in 2 records: all the same\n")
    done = call(group, ["same", a, b, c])
    assert done.exit_code == 1
    assert f"  {c}: fail (not-atomic) [log.folds]" in done.output
    assert "1 checks in 3 records: 1 differ in rules" in done.output
    assert call(group, ["same", a, c, "--verdicts-only"]).exit_code == 0
    assert json.loads(call(group, ["same", a, c, "--json", "-"]).output)["differences"][0]["kind"] == "rules"
    assert call(group, ["same", a]).exit_code == 2
