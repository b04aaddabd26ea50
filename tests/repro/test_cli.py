"""The command, as a person types it, on the World that needs no service."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from conformance.cli._app import main
from conformance.record.file import Evidence, Failure, Verdict, WorldLine, write_failure

_SPEC = "step_created/storage/wait-wait/AB"


class Typed:
    """``world-conformance export-repro …`` in an empty directory: its exit status, and what it printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["world-conformance", "export-repro", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out, err


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    monkeypatch.chdir(tmp_path)
    return Typed(monkeypatch, capsys)


def test_it_writes_runs_and_reports(export: Typed, tmp_path: Path) -> None:
    status, out, err = export(_SPEC, "--world", "starter", "--issue", "issue.md")
    assert status == 0, out + err
    script = tmp_path / "repro-starter-step_created-wait-wait.mjs"
    assert f"{script.name}: written" in out
    assert "shows the failure" in out
    assert "no guard" in script.read_text()
    assert script.read_text() in (tmp_path / "issue.md").read_text()


def _verdict(variant: str) -> Verdict:
    evidence = Evidence(case={"actors": 2}, schedule="AB")
    return Verdict(
        world="starter", level="storage", scenario=8, check="convergence", verdict="fail", variant=variant,
        evidence=evidence,
    )  # fmt: skip


def test_a_failure_file_says_its_world(export: Typed, tmp_path: Path) -> None:
    verdict = _verdict("wait-wait")
    write_failure(tmp_path / "f.json", Failure(suite="0", world=WorldLine(world="starter"), verdict=verdict))
    status, _, err = export("f.json", "--out", "deep/r.mjs", "--no-check")
    assert status == 0, err
    assert "EITHER" in (tmp_path / "deep" / "r.mjs").read_text()


def test_a_record_with_several_failures_asks_which(export: Typed, tmp_path: Path) -> None:
    lines = [
        {"kind": "header", "suite": "0", "started": "2026-11-22T00:00:00Z"},
        *({"kind": "verdict", "world": "starter", "level": "storage", "scenario": 8, "check": "convergence",
           "verdict": "fail", "variant": variant, "evidence": {"case": {"actors": 2}, "schedule": "AB"}}
          for variant in ("wait-wait", "hook-hook")),
    ]  # fmt: skip
    (tmp_path / "r.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    status, _, err = export("r.jsonl")
    assert status == 4
    assert "There are 2 failures" in err
    assert f"--world starter {_SPEC}" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["step_completed/storage/complete-complete/A2B5A3"], "Which world is it about?"),
        (["nonsense", "--world", "redis"], "neither a file nor a failure"),
        (["step_completed/storage/none/AB", "--world", "redis"], "has no variant 'none'"),
        (["step_completed/storage/complete-complete/AB", "--world", "memory"], "runs in this process"),
        (["step_completed/storage/complete-complete/AB", "--world", "redis:reference"], "runs in Python"),
        (
            ["step_completed/runtime/step-message-twice/AB", "--world", "redis"],
            "at level handlers or storage",
        ),
        (["step_created/storage/step-step/AB", "--world", "starter"], "does not fail under AB"),
        (
            ["step_completed/handlers/step-message-twice+faults?faults=restart@3/AB", "--world", "redis"],
            "Export a failure with other faults",
        ),
        (
            [
                "state_machine/storage/programs?actors=2&program=run_created&faults=zone@0/AB",
                "--world",
                "redis",
            ],
            "does not run in two time zones",
        ),
    ],
)
def test_mistakes_are_sentences(export: Typed, tmp_path: Path, words: list[str], said: str) -> None:
    status, _, err = export(*words)
    assert status == 4
    assert said in err
    assert list(tmp_path.iterdir()) == []
