"""The page about fields is made from what the checks ask for."""

from __future__ import annotations

from pathlib import Path

from conformance.rulebook.fields import document

_PAGE = Path(__file__).parents[2] / "docs" / "fields.md"


def test_the_page_is_up_to_date() -> None:
    made = document()
    assert _PAGE.read_text(encoding="utf-8") == made, (
        "run: python -m conformance.rulebook.fields > docs/fields.md"
    )


def test_both_lines_have_their_own_form_of_an_error() -> None:
    rows = [line.split(" | ") for line in document().splitlines() if line.startswith("| `error")]
    of_run = {row[0].strip("| `"): row[3] for row in rows if "run_failed" in row[1]}
    assert of_run == {"error": "5.x", "error.message": "4.x", "error.code": "4.x", "errorCode": "5.x"}
