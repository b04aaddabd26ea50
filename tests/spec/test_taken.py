"""Each right answer is one that the runtime takes, in the place that is cited."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from conformance.provision.catalog.runtimes import runtime_code
from conformance.spec.rows import LINES, Line
from conformance.spec.taken import ASTRAY, RELEASES, TAKERS
from conformance.spec.transitions import ROWS
from conformance.spec.vocabulary import Answer
from tests.handlers.real.handlers import RECORD


def _right(line: Line) -> Iterator[tuple[str, Answer]]:
    """The refusals that the table has as right answers."""
    for row in ROWS:
        if line in row.lines:
            yield from ((row.event, one.answer) for one in row.outcomes if one.answer != "ok")


@pytest.mark.parametrize("line", LINES)
def test_every_right_refusal_is_taken_somewhere(line: Line) -> None:
    assert set(_right(line)) - set(TAKERS[line]) - ASTRAY == set()
    assert set(TAKERS[line]) - set(_right(line)) == set(), "a citation of what is no right answer"


def test_what_the_real_handlers_of_4_take_is_what_they_were_seen_to_take() -> None:
    """Deliveries with one refusal each, as 4.8.9 handled them: who is cited does not fail."""
    seen: dict[tuple[str, str], set[bool]] = {}
    for case in json.loads(RECORD.read_text()):
        refused = [one for one in case["refusals"].items() if one[0] in case["outcome"]["asked"]]
        if len(refused) == 1:
            seen.setdefault(refused[0], set()).add(case["outcome"]["failed"])
    checked = {key for key in TAKERS[4] if key in seen}
    assert len(checked) >= 13
    assert {key for key in checked if seen[key] != {False}} == set()
    for key in (("step_created", "gone"), ("step_completed", "gone"), ("step_started", "not_found")):
        assert seen[key] == {True}, "no right answer for a handler"


@pytest.mark.parametrize("line", LINES)
def test_the_cited_places_are_there(line: Line) -> None:
    package = runtime_code(RELEASES[line]).root / "node_modules" / "@workflow" / "core"
    for key, taken in TAKERS[line].items():
        assert taken.holds in (package / taken.file).read_text(encoding="utf-8"), key
