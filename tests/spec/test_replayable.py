"""Which logs fit nowhere: as the model says, which is held to the real runtime elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.handlers import WORKFLOWS, Diverged, replay
from conformance.handlers.ids import Ids
from conformance.spec.replayable import first_misfit
from conformance.spec.vocabulary import Event

_RUN = {"runId": "wrun_1", "workflowName": "flow", "startedAt": 1_000, "input": [3, "x"]}
_WALK = Ids.of_run("wrun_1", "flow", 1_000)
#: Two of three steps that are called at once; the third keeps the workflow from its end.
_STEPS = [_WALK.draw("step"), _WALK.draw("step")]
_KINDS = ["step_created", "step_started", "step_retrying", "step_completed", "step_failed"]
_LOGS = st.lists(st.tuples(st.sampled_from(_KINDS), st.sampled_from(_STEPS)), max_size=8)


def _event(kind: str, step: str) -> Event:
    return {"eventType": kind, "correlationId": step, "eventData": {}, "eventId": f"evnt_{kind}"}


@given(_LOGS)
def test_what_fits_nowhere_is_what_the_replay_stops_at(log: list[tuple[str, str]]) -> None:
    events = [_event(kind, step) for kind, step in log]
    outcome = replay(WORKFLOWS["fan_out"], _RUN, events, 5_000)
    misfit = first_misfit(log)
    if any(kind == "step_failed" for kind, _ in log):
        # The workflow ends with the error of a step, and looks at no more.
        assert not isinstance(outcome, Diverged) or misfit is not None
        return
    assert isinstance(outcome, Diverged) == (misfit is not None)
    if isinstance(outcome, Diverged):
        assert misfit == (outcome.event["eventType"], outcome.event["correlationId"])


@pytest.mark.parametrize(
    "log",
    [
        ["step_completed", "step_started"],
        ["step_completed", "step_retrying"],
        ["step_failed", "step_started"],
        ["wait_completed", "wait_created"],
        ["hook_disposed", "hook_received"],
    ],
)
def test_nothing_of_an_entity_may_follow_its_end(log: list[str]) -> None:
    assert first_misfit([(kind, "one") for kind in log]) == (log[1], "one")
    assert first_misfit([(log[0], "one"), (log[1], "another")]) is None


@pytest.mark.parametrize(
    "log",
    [
        ["run_started", "run_started"],
        ["step_started", "step_created", "step_completed"],
        ["step_created", "step_created"],
        ["hook_disposed", "hook_created", "hook_received"],
        ["hook_received", "hook_disposed", "hook_conflict"],
        ["run_completed", "step_completed", "step_started"],
        ["hook_disposed", "hook_received", "run_completed"],
        ["step_completed", "step_started", "run_completed"],
    ],
)
def test_what_some_replay_passes_over_fits(log: list[str]) -> None:
    assert first_misfit([(kind, "" if kind.startswith("run") else "one") for kind in log]) is None
