"""What a person says of a defect: it comes first on its page, and its lines are in the package."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.target import parse
from conformance.record.lines import Evidence, LaneItem
from conformance.report.defects import defects
from conformance.report.finding_index import Index
from conformance.report.findings import More, Shown, page
from conformance.report.matrix import build
from conformance.report.told import Line, Told, told_of
from tests.report import factory
from tests.report.factory import failed

_REPORTS = Path(__file__).parents[2] / "reports"
#: The files, with the folder whose pages they are about.
_FILES = {
    "scenarios": _REPORTS / "findings" / "links.toml",
    "map": _REPORTS / "map" / "findings" / "told.toml",
}
_TOLD = Told(
    "a reader misses the last chunk",
    "It asks *twice*.",
    (Line("dist/s.js:12", "await close();", "it closes"),),
    "Ask `again`.",
)


def _known(which: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = tomllib.loads(_FILES[which].read_text(encoding="utf-8")).get("told", [])
    return told


def _found() -> Any:
    [defect] = defects(
        build(factory.record(failed(6, rules=["step.terminal-once"], defect="no-guard", reason="it broke")))
    )
    return defect


def test_it_is_the_title_the_beginning_the_lines_and_the_change() -> None:
    text = page(_found(), {}, None, More(fix="a general fix", told=_TOLD))
    heading, says, *_ = [line for line in text.splitlines() if line]
    assert heading == "# redis 0.2.2: a reader misses the last chunk"
    assert says == "It asks *twice*."
    whole, _, issue = text.partition("## An issue, ready to file")
    assert "## Source lines\n\n- `dist/s.js:12`, `await close();`: it closes." in whole
    assert "## What to change\n\nAsk `again`.\n" in whole
    assert "> - `dist/s.js:12`, `await close();`: it closes." in issue
    assert "> A way to change it: Ask `again`." in issue
    assert "it broke" in whole
    assert "a general fix" not in text


def test_a_write_is_called_unguarded_where_it_takes_no_race() -> None:
    """In a race that only reads show there is a write, too, and what guards it may be right."""
    steps = [
        ("call", "run_completed"),
        ("gate", "GET run1"),
        ("gate", "SET run1"),
        ("answer", "run_completed"),
    ]
    lanes = [LaneItem(lane="A", at=at, label=one, kind=kind) for at, (kind, one) in enumerate(steps)]  # type: ignore[arg-type] # words of the line above
    said = {}
    for label in ("no-guard", "not-atomic"):
        broken = failed(
            2, rules=["run.terminal-once"], defect=label, evidence=Evidence(lanes=lanes, schedule="A")
        )
        [defect] = defects(build(factory.record(broken)))
        said[label] = "Nothing guards `SET run1`." in page(defect, {})
    assert said == {"no-guard": True, "not-atomic": False}


def test_it_is_about_one_version_for_its_lines_are() -> None:
    known = [
        {"world": "redis", "version": "0.2.2", "subject": "missed", "title": "t", "says": "a\nb", "line": [],
         "change": "c"}
    ]  # fmt: skip
    assert told_of(known, "redis", "0.2.2", "missed") == Told("t", "a b", (), "c")
    assert told_of(known, "redis", "0.2.3", "missed") is None
    assert told_of(known, "redis", "0.2.2", "other") is None


@pytest.mark.parametrize("which", sorted(_FILES))
def test_each_is_the_title_of_a_published_page(which: str) -> None:
    index = (_FILES[which].parent / "README.md").read_text(encoding="utf-8")
    for told in _known(which):
        assert f"[{told['title']}]({told['world']}-{told['version']}-{told['subject']}-" in index, told[
            "title"
        ]


@pytest.mark.slow
@pytest.mark.parametrize("which", sorted(_FILES))
def test_the_lines_are_in_the_published_packages(which: str) -> None:
    known = _known(which)
    assert known
    for told in known:
        package = resolve(parse(f"{told['world']}@{told['version']}")).root
        for line in told["line"]:
            file, _, number = line["at"].partition(":")
            text = (package / file).read_text(encoding="utf-8").splitlines()[int(number) - 1]
            assert line["holds"] in text, line


def test_an_index_keeps_what_a_narrower_run_does_not_write() -> None:
    defect = _found()
    old, new = Index(), Index()
    for slug in ("one", "two"):
        defect.slug = slug
        old.add(defect, Shown("", "There is no script: it is none."), More())
    old.rows["far"] = old.rows["one"].replace("redis", "other").replace("one.md", "far.md")
    for slug in ("two", "three"):
        defect.slug = slug
        new.add(defect, Shown(f"{slug}.mjs", "it failed as it says."), More())
    kept = new.keep(Index.read(str(old)))
    assert list(kept.rows) == ["one", "two", "three", "far"]
    assert kept.rows["two"] == new.rows["two"]
    assert list(kept.without) == ["one"]
    assert Index.read(str(kept)) == kept
