"""What a maintainer does with a verdict, each along its page: the other six of the twelve journeys."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.target import parse
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service
from tests.journeys.conftest import Journey
from tests.promises.documents import ROOT
from tests.promises.typed import again_with, command_line, pasted, suite

Begin = Callable[..., Journey]
_REPORTS = "docs/reports.md"
#: what the client of the example of a World behind HTTP hands on, as its page says that it owes
_STATUS = ", status: error.status"
_SHORT = ("-k", "step_completed and storage", "--world-budget=quick")


def test_replay(journey: Begin) -> None:
    walk = journey("docs/tutorial/2-read-a-red-cell.md", "docs/tutorial/3-fix-it.md")
    page = (ROOT / "docs/tutorial/2-read-a-red-cell.md").read_text()
    found = walk.types()
    assert "not-atomic" in found
    assert again_with(found)[0] in again_with(page), "the page shows the command that is printed"
    assert again_with(walk.types()) == again_with(found)[:1]
    assert "nothing breaks under this schedule" in walk.types()


def test_baseline(journey: Begin) -> None:
    walk = journey("docs/tutorial/4-keep-it-green.md")
    walk.types()  # world-conformance.toml
    assert "1 passed" in walk.types()
    walk.types()  # the gate
    assert (walk.folder / "matrix.html").stat().st_size > 1000
    file = walk.reads()
    day = re.findall(r"\d{4}-\d\d-\d\d", file.text)[0]
    soon = date.today() + timedelta(days=30)
    (walk.folder / "known.toml").write_text(file.text.replace(day, soon.isoformat()))
    green = walk.types()
    assert "passes now" in " ".join(green.split())

    broken = ("--world=memory", "--world-option=mutant=late-guard", "--world-record=red.jsonl")
    red = suite(*broken, *_SHORT, cwd=walk.folder)
    assert red.returncode == 1, red.stdout
    gate = ("report", "merge", "red.jsonl", "--gate")
    assert command_line(*gate, cwd=walk.folder).returncode == 1
    known = command_line(*gate, "--baseline", "known.toml", cwd=walk.folder)
    assert known.returncode == 0, known.stdout + known.stderr


def test_upgrade_diff(journey: Begin) -> None:
    """A mutant and what it was made from; a test of ``sweep`` judges two releases of that package."""
    walk = journey(_REPORTS)
    walk.types({"postgres@4.2.0": "memory --world-option=mutant=late-guard", "postgres@4.3.7": "memory"})
    said = command_line("report", "diff", "old.jsonl", "new.jsonl", cwd=walk.folder)
    assert "fixed" in said.stdout
    assert "6 step_completed" in said.stdout
    back = command_line("report", "diff", "new.jsonl", "old.jsonl", cwd=walk.folder)
    assert back.returncode == 1, "the way back breaks what the upgrade fixed"


@pytest.mark.slow
@pytest.mark.needs("servers")
def test_repro(journey: Begin) -> None:
    walk = journey(_REPORTS)
    walk.types()
    script = walk.folder / "repro.mjs"
    assert "conformance" not in script.read_text().partition("\n")[0]
    assert (
        script.name in (walk.folder / "issue.md").read_text()
        or "```js" in (walk.folder / "issue.md").read_text()
    )
    package = resolve(parse("redis")).root
    assert package is not None
    (walk.folder / "node_modules").symlink_to(package.parents[1])
    server = start_service(ServiceSpec(kind="redis"), force="embedded")
    try:
        theirs = {"redis://127.0.0.1:6379": server.url}
        assert "step_completed" in walk.types(theirs)
        one_by_one = pasted(f"SCHEDULE=A REDIS_URL={server.url} node repro.mjs", walk.folder)
        assert one_by_one.returncode == 0, one_by_one.stdout + one_by_one.stderr
    finally:
        server.stop()


@pytest.mark.slow
@pytest.mark.needs("servers")
def test_promote(journey: Begin) -> None:
    walk = journey(_REPORTS)
    walk.types()
    walk.types()
    issue = (walk.folder / "issue.md").read_text()
    assert "step.terminal-once" in issue
    assert "--world-replay=step_completed/" in issue
    walk.types()
    index = (walk.folder / "findings" / "README.md").read_text()
    pages = [page for page in (walk.folder / "findings").glob("*.md") if page.name != "README.md"]
    assert pages
    assert all(page.name in index for page in pages)
    assert "step.terminal-once" in "".join(page.read_text() for page in pages)
    walk.types()  # known.toml
    walk.types()


@pytest.mark.slow
def test_fix(journey: Begin) -> None:
    """A status that is lost on the way, in a copy of the example of a World behind HTTP."""
    walk = journey("docs/worlds-behind-http.md")
    walk.types()
    (mine,) = walk.folder.glob("*/mine")
    client = mine / "client.mjs"
    right = client.read_text()
    assert _STATUS in right
    client.write_text(right.replace(_STATUS, ""))
    red = suite("--world=./mine", "-k", "run_completed and storage", "--world-budget=quick", cwd=mine.parent)
    assert red.returncode == 1, red.stdout
    assert "raw-error" in red.stdout, "the status of a refusal is lost on the way"
    again = again_with(red.stdout)[0]
    assert pasted(again, mine.parent).returncode == 1

    client.write_text(right)
    green = pasted(again, mine.parent)
    assert green.returncode == 0, "the very schedule does no harm any more"
    assert "nothing breaks under this schedule" in green.stdout
