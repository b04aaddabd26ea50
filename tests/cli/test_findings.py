"""``world-conformance findings``: one page a defect."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt

from conformance.cli import _versions
from conformance.cli.findings import command
from conformance.core.errors import CannotInstall
from conformance.provision.catalog.target import Target
from conformance.record.file import Record, Verdict, read
from conformance.report.defects import defects
from conformance.report.matrix import build
from conformance.report.runtime_matrix import RuntimeCell, RuntimeMatrix, data
from conformance.repro import export
from tests.report import hostile
from tests.report.factory import failed, header, passed, run, world
from tests.report.test_record import write

_COMPLETED = failed(6, rules=["step.terminal-once"], defect="not-atomic")
_PUBLISHED = Path(__file__).parents[2] / "reports" / "matrix" / "matrix.jsonl.gz"


def _findings(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)


def _html(markdown: str) -> str:
    """What a reader of the page gets: CommonMark, with the tables of GitHub."""
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    assert isinstance(html, str)
    return html


def _record(path: Path, *verdicts: Verdict) -> Path:
    return write(path, Record([run(list(verdicts), header=header())]))


def test_failures_of_one_kind_are_one_page_and_what_follows_has_none(tmp_path: Path) -> None:
    one = failed(6, rules=["step.terminal-once"], defect="not-atomic")
    again = failed(7, rules=["step.terminal-once"], defect="not-atomic", level="handlers")
    other = failed(5, rules=["wait.completed-once"], defect="no-guard")
    consequence = failed(5, rules=["logs.error-line"], defect="consequence", check="logs")
    file = _record(tmp_path / "r.jsonl", one, again, other, consequence, passed(1))
    done = _findings(file, "--to", tmp_path / "out")
    assert done.exit_code == 0, done.output
    pages = {path.name for path in (tmp_path / "out").iterdir()}
    assert pages == {
        "README.md",
        "redis-0.2.2-step.terminal-once-not-atomic.md",
        "redis-0.2.2-wait.completed-once-no-guard.md",
    }
    table = (tmp_path / "out" / "README.md").read_text()
    assert set(re.findall(r"\]\(([^)]+\.md)\)", table)) == pages - {"README.md"}
    assert re.search(r"terminal-once-not-atomic.md\) \| not atomic \| `step.terminal-once` \| 2 \|", table)
    page = (tmp_path / "out" / "redis-0.2.2-step.terminal-once-not-atomic.md").read_text()
    for part in (
        "## What happens",
        "## What to change",
        "## See it again",
        "## An issue, ready to file",
        "pytest --world=redis",
    ):
        assert part in page, part
    assert "7 step_started" in page.replace("\\_", "_")


def test_pages_of_what_is_gone_are_removed_and_nothing_else(tmp_path: Path) -> None:
    one = failed(6, rules=["step.terminal-once"], defect="not-atomic")
    other = failed(5, rules=["wait.completed-once"], defect="no-guard")
    out = tmp_path / "out"
    _findings(_record(tmp_path / "old.jsonl", one, other), "--to", out)
    (out / "links.md").write_text("mine")
    _findings(_record(tmp_path / "new.jsonl", other), "--to", out)
    assert {path.name for path in out.iterdir()} == {
        "README.md",
        "links.md",
        "redis-0.2.2-wait.completed-once-no-guard.md",
    }


def test_a_shape_that_a_release_does_not_keep_alive_has_a_page_too(tmp_path: Path) -> None:
    dead = RuntimeCell(
        "4.8.9", "unread-payload", "dies", 9, 5, 20, 20, ["id.one-thing: two things"], "pytest --world=memory"
    )
    clean = RuntimeCell("5.0.0", "unread-payload", "clean", 9)
    matrix = RuntimeMatrix(
        ["4.8.9", "5.0.0"], ["unread-payload"], [dead, clean], flows={"unread-payload": "{}"}
    )
    (tmp_path / "r.json").write_text(json.dumps(data(matrix)))
    file = _record(tmp_path / "r.jsonl", passed(1))
    done = _findings(file, "--runtimes", tmp_path / "r.json", "--to", tmp_path / "out")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out" / "core-4.8.9-unread-payload.md").read_text()
    assert "| `5.0.0` | clean |" in page
    assert "pytest --world=memory" in page
    assert "](core-4.8.9-unread-payload.md)" in (tmp_path / "out" / "README.md").read_text()


def test_a_record_without_failures_says_so(tmp_path: Path) -> None:
    done = _findings(_record(tmp_path / "r.jsonl", passed(1)), "--to", tmp_path / "out")
    assert done.exit_code == 0
    assert "nothing to write" in done.output
    assert not (tmp_path / "out").exists()


def test_a_hostile_record_writes_only_into_its_folder_and_no_secret(tmp_path: Path) -> None:
    file = write(tmp_path / "r.jsonl", hostile.record())
    assert _findings(file, "--to", tmp_path / "out" / "deep").exit_code == 0
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path != file]
    assert written
    for path in written:
        assert path.parent == tmp_path / "out" / "deep"
        text = path.read_text()
        assert hostile.SECRET not in text
        assert "\x1b" not in text
        html = _html(text)
        assert "<script" not in html
        assert "<img" not in html
        assert "javascript:owned" not in re.findall(r'href="([^"]*)"', html)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry with these versions; a script shows its defect beside 0.2.1, a search in 0.2.0."""
    published = ["0.1.0", "0.1.9", "0.2.0", "0.2.1", "0.2.2", "1.0.0-beta.1", "1.0.0-beta.2"]

    def choose(wanted: str, _package: str) -> list[str]:
        return published if wanted == "all" else published[-1:]

    def run_on(files: list[Path], target: Target) -> list[tuple[int, str]]:
        if target.version == "0.1.9":
            raise CannotInstall("it is gone.", "")
        return [(int(target.version == "0.2.1"), "") for _ in files]

    def run_suite(arguments: Sequence[str], record: Path, **_: Any) -> str:
        version = arguments[0].partition("@")[2]
        assert arguments[1] == "--world-level=storage"
        assert arguments[-1] == "step_completed"
        made = _COMPLETED if version == "0.2.0" else passed(6)
        changed = msgspec.structs.replace(made, version=version)
        write(record, Record([run([changed], header=header(), worlds=[world(version=version)])]))
        return ""

    monkeypatch.setattr(_versions, "choose", choose)
    monkeypatch.setattr(_versions, "run_suite", run_suite)
    monkeypatch.setattr(export, "run_on", run_on)


@pytest.mark.usefixtures("registry")
def test_in_which_versions_a_defect_is_by_its_script_and_by_a_search() -> None:
    [defect] = defects(build(Record([run([_COMPLETED], header=header())])))
    ran = _versions.on_versions([(defect, Path("x.mjs"))], ["last:4"], 1)
    assert [(version, said.partition(":")[0]) for version, said in ran[defect.slug]] == [
        ("0.1.9", "could not be run"),
        ("0.2.0", "wrong, by another schedule"),
        ("0.2.1", "wrong"),
        ("0.2.2", "wrong, as above"),
        ("1.0.0-beta.2", "not seen"),
    ]


@pytest.mark.slow
def test_a_script_beside_a_page_shows_the_defect(tmp_path: Path) -> None:
    published = read([_PUBLISHED])
    [verdict, *_] = [
        one
        for one in published.verdicts
        if one.red and (one.world, one.scenario, one.level) == ("redis", 6, "storage")
    ]
    file = _record(tmp_path / "r.jsonl", verdict)
    done = _findings(file, "--to", tmp_path / "out", "--scripts")
    assert done.exit_code == 0, done.output
    [page] = [path for path in (tmp_path / "out").glob("*.md") if path.name != "README.md"]
    assert page.with_suffix(".mjs").is_file(), done.output
    text = page.read_text().replace("\u2060", "")  # which keeps a code host from taking it for a person
    assert f"`node {page.stem}.mjs`" in text
    assert "against @workflow-worlds/redis@0.2.2: it failed as it says." in text
    assert "writes in between (`HSET steps:run1:step1` at `src/storage.ts:498`)" in text.replace("\\", "")
