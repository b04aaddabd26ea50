"""Reads that race, over Worlds of both lines: the calls around them are placed by the World's own table."""

from __future__ import annotations

import pytest

from conformance.oracle.look_rules import unexplained
from conformance.oracle.looks import SeenLook
from conformance.spec.table import Line
from tests.oracle.build import observed, seen

#: The start of a step that brings its input: it creates the step, which only Worlds of line 5 do.
_GIVEN = (
    seen("-", "run_created", phase="given"),
    seen("-", "run_started", phase="given", n=1, started=0),
    seen("-", "step_started", "step1", phase="given", n=2, value="in", attempt=1),
)
_RACED = seen("A", "step_completed", "step1", value="out")


def _found(line: Line, shown: tuple[str, int, object]) -> list[str]:
    look = SeenLook("B", "steps.get", ("run1", "step1"), shown)
    given = observed((*_GIVEN, _RACED))._replace(looks=(look,), line=line)
    return [one.rule for one in unexplained(given)]


def test_a_read_of_what_never_was_is_found_where_starts_create() -> None:
    assert _found(5, ("failed", 1, None)) == ["read.whole"]


@pytest.mark.parametrize("shown", [("running", 1, None), ("completed", 1, "out")])
def test_a_read_of_before_or_after_is_right(shown: tuple[str, int, object]) -> None:
    assert _found(5, shown) == []


def test_nothing_is_said_where_the_calls_themselves_fit_no_order() -> None:
    assert _found(4, ("failed", 1, None)) == []
