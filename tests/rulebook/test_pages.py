"""Each rule has a page, and the pages are what the generator makes of today's sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.rule import command
from conformance.provision.catalog.runtimes import runtime_code
from conformance.rulebook.book import places, words
from conformance.rulebook.document import page, pages
from conformance.rulebook.drawn import Shown, drawn
from conformance.rulebook.excerpts import excerpt
from conformance.spec.rules import RULES

_FOLDER = Path(__file__).parents[2] / "docs" / "rules"
_MAKE = "run: python -m conformance.rulebook.document"


def test_every_rule_has_its_page_and_every_page_its_rule() -> None:
    assert {file.stem for file in _FOLDER.glob("*.md")} - {"README"} == set(RULES)
    assert set(words()) == set(RULES)


def test_the_pages_are_what_is_played_and_read_today() -> None:
    for rule in RULES.values():
        written = (_FOLDER / f"{rule.id}.md").read_text(encoding="utf-8")
        assert written.startswith(page(rule)), f"{rule.id}: {_MAKE}"


@pytest.mark.slow
def test_they_name_the_packages_of_the_published_record() -> None:
    for name, text in pages().items():
        assert (_FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: {_MAKE}"


def test_the_lines_of_the_runtime_are_there() -> None:
    for name, place in places().items():
        core = runtime_code(place.release).root / "node_modules" / "@workflow" / "core"
        lines = (core / place.file).read_text(encoding="utf-8").splitlines()
        assert place.holds in lines[place.line - 1], name


def test_a_history_that_breaks_nothing_is_not_shown() -> None:
    right = Shown("noisy", "step_completed/storage/complete-complete/A2B2")
    with pytest.raises(ValueError, match="does not break"):
        drawn("step.terminal-once", right)


def test_a_part_that_is_gone_is_no_empty_example() -> None:
    with pytest.raises(LookupError):
        excerpt("worlds/_reference/sql.py:gone")
    with pytest.raises(LookupError):
        excerpt("worlds/redis/reference.lua:gone")


def test_a_maintainer_reads_the_page_in_a_terminal() -> None:
    shown = CliRunner().invoke(command, ["step.terminal-once"])
    assert "## How to fix it" in shown.stdout
    assert "function guards.step_completed()" in shown.stdout
    mistyped = CliRunner().invoke(command, ["step.terminal"])
    assert "Did you mean step.terminal-once" in str(mistyped.exception)
