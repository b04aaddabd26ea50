"""On files a write is several operations: a file that is made where others look for it can be read half."""

from __future__ import annotations

import pytest

from conformance.core.scenario import Case
from conformance.levels.next_writer import next_writer_variants
from conformance.oracle import check
from conformance.search.budget import Limits
from conformance.search.next_writer_judge import NextWriterJudge
from conformance.search.strategies import Replay

from .judged import judge_of, variants

#: A opens the file of its event; B reads the log; A writes the content (``q``).
_BETWEEN = "aA2bB3qA"


@pytest.mark.parametrize(
    ("mutant", "broken"),
    [("written-in-place", {"error.classifiable"}), ("", set())],
)
def test_a_file_written_in_place_is_read_half(mutant: str, broken: set[str]) -> None:
    """The right form writes elsewhere, and the file gets its name with what it holds."""
    [variant] = [one for one in variants("storage", (8,), 5) if one.name == "step-step"]
    [choose] = Replay(_BETWEEN).choosers()
    with judge_of("local", None, mutant, "6") as judge:
        played = judge.trials.play(variant, Case(), choose)
    found = {one.rule for one in check(played.observe("storage")) if one.check == "convergence"}
    assert found == broken


@pytest.mark.parametrize(("mutant", "broken"), [("written-in-place", {"run.readable"}), ("", set())])
def test_whoever_dies_before_the_content_leaves_a_file_that_nobody_can_read(
    mutant: str, broken: set[str]
) -> None:
    [variant] = next_writer_variants(("step_created",), ("step_created",))
    with judge_of("local", None, mutant, "6") as judge:
        found = NextWriterJudge(judge.trials.driver).judge(variant, Limits((Case(),), 0, 0, 0, 1))
    failed = [one for one in found if one.check == "convergence" and one.outcome == "fail"]
    assert {rule for one in failed for rule in one.rules} >= broken
    assert bool(failed) == bool(broken)
