"""What a verdict makes of its test, and what all tests make of the exit status."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from conformance.core.exits import FAILED, INCONCLUSIVE, INTERNAL
from conformance.record.file import Verdict
from conformance.report.baseline import Baseline
from conformance.search.strategies import DEPTHS, Depth

#: ``must``, ``should`` or ``never``: the value of ``--world-fail-on``
FailOn = Literal["must", "should", "never"]
Bad = Literal["failed", "inconclusive"]


def bad(verdict: Verdict, mode: FailOn, depth: Depth, baseline: Baseline, today: date) -> Bad | None:
    """Why a verdict fails its test; None when it does not.

    A pass that was searched less than ``depth`` is as good as not judged.

    A failure that a baseline declares fails nothing. What could not be judged does, a baseline or not, for
    nobody knows whether the declared failure is still there. With ``never`` nothing fails a test.
    """
    if mode == "never":
        return None
    declared = verdict.red and baseline.covering(verdict, today) is not None
    should = bool(verdict.shoulds) or (verdict.verdict == "fail" and not verdict.red)
    if (verdict.red and not declared) or (mode == "should" and should):
        return "failed"
    less = verdict.verdict == "pass" and _is_less(verdict, depth)
    return "inconclusive" if less or verdict.verdict == "inconclusive" else None


def _is_less(verdict: Verdict, depth: Depth) -> bool:
    """Whether it was searched less deeply. With faults nothing is deeper than every place."""
    if not verdict.depth:
        return False
    wanted = min(depth, "pass", key=DEPTHS.index) if verdict.places else depth
    return DEPTHS.index(verdict.depth) < DEPTHS.index(wanted)


def status(failed_tests: Iterable[set[Bad]]) -> int:
    """The exit status of a run in which tests failed, each for what is in its set.

    A broken rule counts most: it is true whatever else went wrong. A test that failed for no verdict at all
    shows a defect of the suite.
    """
    reasons = list(failed_tests)
    if any("failed" in each for each in reasons):
        return FAILED
    return INTERNAL if any(not each for each in reasons) else INCONCLUSIVE
