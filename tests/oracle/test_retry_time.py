"""A retry that brings no retryAfter: whether it takes an earlier one away is promised nowhere."""

from __future__ import annotations

import pytest

from conformance.oracle.mismatches import place
from conformance.oracle.seen import FAR
from conformance.spec.machine import State
from conformance.spec.vocabulary import Answer
from tests.oracle.build import seen


@pytest.mark.parametrize("answer", ["ok", "too_early"])
def test_a_start_after_it_may_be_early_or_not(answer: Answer) -> None:
    state = State()
    for call in (
        seen("-", "run_created"),
        seen("-", "run_started"),
        seen("-", "step_created", "step1"),
        seen("-", "step_retrying", "step1", value=FAR),
        seen("A", "step_retrying", "step1"),
        seen("B", "step_started", "step1", answer),
    ):
        assert place(state, call) == []


def test_without_an_earlier_one_it_is_not_early() -> None:
    state = State()
    for call in (
        seen("-", "run_created"),
        seen("-", "step_created", "step1"),
        seen("A", "step_retrying", "step1"),
    ):
        assert place(state, call) == []
    [finding] = place(state, seen("B", "step_started", "step1", "too_early"))
    assert finding.rule == "step.start-again"
