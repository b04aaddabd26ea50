"""The published findings: the index is whole, the pages say what they should, a script still fails."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from conformance.repro.export import run

_REPORTS = Path(__file__).parents[2] / "reports"
_FOLDER = _REPORTS / "findings"
#: What the scenarios found, and what the race map found beside that.
_FOLDERS = (_FOLDER, _REPORTS / "map" / "findings")
_SCRIPT = "starter-0.2.1-wait_completed-no-guard.mjs"
_PAGES = sorted(path for folder in _FOLDERS for path in folder.glob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("folder", _FOLDERS, ids=("scenarios", "map"))
def test_the_index_lists_every_page_and_every_script(folder: Path) -> None:
    index = (folder / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"\]\(([^)]+\.(?:md|mjs))\)", index))
    assert listed == {path.name for path in folder.glob("*.m*")} - {"README.md"}


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.stem)
def test_a_page_says_how_its_script_ended_or_why_there_is_none(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for part in ("## What to change", "## See it again", "pytest --world="):
        assert part in text, part
    script = page.with_suffix(".mjs")
    if script.is_file():
        assert f"`node {script.name}`" in text
        assert "it failed as it says." in text
    else:
        assert "There is no script: " in text


@pytest.mark.slow
def test_a_script_still_fails_beside_the_published_package() -> None:
    with closing(open_world(parse("starter"), None, "repro")) as opened:
        status, said = run(_FOLDER / _SCRIPT, opened, None)
    assert status == 1, said
    assert "\nWRONG: " in said
