"""The page about the spec is made from the spec."""

from __future__ import annotations

from pathlib import Path

from conformance.spec.document import beside, document
from conformance.spec.lines import TAKEN, VERSIONS
from conformance.spec.rules import RULES
from conformance.spec.transitions import ROWS

_PAGE = Path(__file__).parents[2] / "docs" / "spec.md"


def test_the_page_is_up_to_date() -> None:
    assert _PAGE.read_text() == document(), "run: python -m conformance.spec.document > docs/spec.md"


def test_it_holds_every_line_and_every_rule() -> None:
    lines = document().splitlines()
    assert sum(line.startswith("| `") for line in lines) == 2 + len(beside(ROWS)) - 1 + len(RULES)
    assert sum(line.startswith(tuple(f"| {digit}" for digit in "123456789")) for line in lines) == len(
        VERSIONS
    ) + len(TAKEN)
    assert sum(line.startswith("| any other") for line in lines) == 1
    assert sorted(id(row) for rows in beside(ROWS) for row in rows) == sorted(map(id, ROWS))
    for rule in RULES:
        assert any(line.startswith(f"| `{rule}` |") for line in lines)
