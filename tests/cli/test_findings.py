"""``world-conformance findings``: one page a defect."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt

from conformance.cli import _versions
from conformance.cli._known_judge import services
from conformance.cli.findings import command
from conformance.core.errors import CannotInstall
from conformance.core.scenario import Case
from conformance.provision.catalog.target import parse
from conformance.record.file import Record, Verdict, read
from conformance.record.replays import Replayed
from conformance.report.runtime_matrix import RuntimeCell, RuntimeMatrix, data
from tests.report import hostile
from tests.report.factory import failed, header, passed, run
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
    preview = RuntimeCell("5.0.0-beta.2", "unread-payload", "wrong output", 9)
    clean = RuntimeCell("5.0.0", "unread-payload", "clean", 9)
    matrix = RuntimeMatrix(
        ["4.8.9", "5.0.0-beta.2", "5.0.0"],
        ["unread-payload"],
        [dead, msgspec.structs.replace(preview, findings=dead.findings), clean],
        flows={"unread-payload": "{}"},
    )
    (tmp_path / "r.json").write_text(json.dumps(data(matrix)))
    file = _record(tmp_path / "r.jsonl", passed(1))
    done = _findings(file, "--runtimes", tmp_path / "r.json", "--to", tmp_path / "out")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out" / "core-4.8.9-unread-payload.md").read_text()
    assert "| `5.0.0-beta.2` | wrong output |\n| `5.0.0` | clean |" in page
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


_VERSIONS = ["0.1.0", "0.1.9", "0.2.0", "0.2.1", "0.2.2", "1.0.0-beta.1", "1.0.0-beta.2"]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A registry with these versions, each judged without its package; the versions that were."""
    asked: list[str] = []

    def judge(self: _versions._Version, rule: str, _replayed: Replayed) -> str:
        version = self.target.version or ""
        asked.append(version)
        assert rule == "step.terminal-once"
        if version == "0.1.9":
            raise CannotInstall("it is gone.", "")
        return "wrong, by the same schedule" if version.startswith("0.2") else "not seen: x"

    monkeypatch.setattr(
        _versions, "choose", lambda wanted, _: _VERSIONS if wanted == "all" else _VERSIONS[-1:]
    )
    monkeypatch.setattr(_versions._Version, "judge", judge)
    return asked


def test_in_which_versions_a_defect_is_and_a_stopped_run_goes_on_where_it_was(
    tmp_path: Path, judged: list[str]
) -> None:
    seen = msgspec.structs.replace(_COMPLETED, variant="complete-complete")
    file = _record(tmp_path / "r.jsonl", seen)
    again: list[str | Path] = [
        file,
        "--versions",
        "last:4",
        "--kept",
        tmp_path / "kept",
        "--to",
        tmp_path / "out",
    ]
    done = _findings(*again)
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out" / "redis-0.2.2-step.terminal-once-not-atomic.md").read_text()
    [table] = re.findall(r"## Versions\n.*?(?=\n## )", page, re.S)
    assert re.findall(r"\| `([^`]+)` \| (could not|wrong, \w+|not seen)", table) == [
        ("0.1.9", "could not"),
        ("0.2.0", "wrong, by"),
        ("0.2.1", "wrong, by"),
        ("0.2.2", "wrong, as"),
        ("1.0.0-beta.2", "not seen"),
    ]
    assert "Since `0.2.0` or before: " in table
    assert "| ≤ `0.2.0` |" in (tmp_path / "out" / "README.md").read_text()
    assert judged == ["0.1.9", "0.2.0", "0.2.1", "1.0.0-beta.2"]
    judged.clear()
    assert "2/4] redis 0.2.0: 1 of 1 defects are in it" in _findings(*again).output
    assert judged == ["0.1.9"], "what could not be judged is tried again, and nothing else"


def test_what_has_no_schedule_says_why_no_other_version_was_judged(tmp_path: Path, judged: list[str]) -> None:
    unheld = msgspec.structs.replace(_COMPLETED, evidence=None)
    done = _findings(_record(tmp_path / "r.jsonl", unheld), "--versions", "last:4", "--to", tmp_path / "out")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out" / "redis-0.2.2-step.terminal-once-not-atomic.md").read_text()
    assert "## Versions\n\nWrong in `0.2.2`; it has no schedule, so no other version was judged.\n" in page
    assert "| ≤ `0.2.2` |" in (tmp_path / "out" / "README.md").read_text()
    assert judged == []


def test_some_pages_are_made_anew_and_the_others_stay(tmp_path: Path) -> None:
    one = failed(6, rules=["step.terminal-once"], defect="not-atomic", variant="one")
    other = failed(5, rules=["wait.completed-once"], defect="no-guard", variant="other")
    out, file = tmp_path / "out", _record(tmp_path / "r.jsonl", one, other)
    _findings(file, "--to", out)
    before = {path.name: path.read_text() for path in out.iterdir()}
    for path in out.glob("*.md"):
        path.write_text(path.read_text().replace("red because", "RED because"))
    _findings(file, "--variant", "oth*", "--to", out)
    assert {path.name for path in out.iterdir()} == set(before)
    assert (out / "README.md").read_text() == before["README.md"]
    assert "RED because" in (out / "redis-0.2.2-step.terminal-once-not-atomic.md").read_text()
    assert "RED because" not in (out / "redis-0.2.2-wait.completed-once-no-guard.md").read_text()


def test_pages_of_one_world_are_made_anew_and_those_of_others_stay(tmp_path: Path) -> None:
    gone = failed(6, rules=["step.terminal-once"], defect="not-atomic", variant="one")
    stays = failed(5, rules=["wait.completed-once"], defect="no-guard", variant="other")
    theirs = msgspec.structs.replace(stays, world="postgres")
    out = tmp_path / "out"
    _findings(_record(tmp_path / "first.jsonl", gone, stays, theirs), "--to", out)
    index = (out / "README.md").read_text()
    [foreign] = [path for path in out.glob("postgres*.md")]
    done = _findings(_record(tmp_path / "then.jsonl", stays), "--world", "redis", "--to", out)
    assert "redis-0.2.2-step.terminal-once-not-atomic.md: removed" in done.output
    assert foreign.is_file()
    assert (out / "README.md").read_text() == "".join(
        line for line in index.splitlines(keepends=True) if "step.terminal-once" not in line
    )


def test_a_version_is_judged_by_the_schedule_and_then_by_a_search() -> None:
    target = parse("memory")
    wrong = replace(target, options={"mutant": "step-end-not-atomic"})
    place = ("6", "storage", "complete-complete", Case())
    with services(None) as none:
        mutant, right = _versions._Version(wrong, none), _versions._Version(target, none)
        say = [
            opened.judge("step.terminal-once", Replayed("memory", *place, token))
            for opened, token in ((mutant, "aAbB2A"), (mutant, "aA9bB9"), (right, "aAbB2A"))
        ]
        for opened in (mutant, right):
            opened.close()
    assert [one.partition(":")[0] for one in say] == [
        "wrong, by the same schedule",
        "wrong, by another schedule",
        "not seen",
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
