"""Labels that no mutant of the memory world earns, and those that a lesser observation must not earn."""

from __future__ import annotations

import pytest

from conformance.core.history import Call, Delivery, FaultStep, GateStep, History, Message
from conformance.core.scenario import Case
from conformance.oracle import Finding
from conformance.search.defect import defect_of
from conformance.search.failure import Failure
from conformance.search.play import Played
from conformance.spec.vocabulary import WorldError, conflict, not_found

_HANG = Finding("convergence", "run.no-hang", "run1 hangs", about=("run1",))
_UNKNOWN = Finding("logs", "error.recognised", "a delivery failed with EntityConflictError")
_NOISE = Finding("logs", "logs.error-line", "runtime logged at error level: x", wrong="runtime: x")


def _failure(finding: Finding, *beside: Finding, history: History | None = None) -> Failure:
    played = Played(history or History(), [])
    return Failure(finding, Case(), played, "search", [finding, *beside], writes={"step_completed": 2})


def test_a_refusal_in_unknown_words_is_a_dialect_and_what_it_leads_to_is_not() -> None:
    assert defect_of(_failure(_UNKNOWN, _HANG, _NOISE)) == "dialect"
    assert defect_of(_failure(_HANG, _UNKNOWN)) == "consequence"
    assert defect_of(_failure(_NOISE, _UNKNOWN)) == "consequence"


def test_a_line_of_the_world_itself_is_no_consequence() -> None:
    own = _NOISE._replace(wrong="world: x")
    assert defect_of(_failure(own, _HANG)) == "noisy"
    assert defect_of(_failure(_NOISE, _HANG)) == "consequence"


def _died(writes: int, *, again: bool = True) -> History:
    """A died in its call after so many operations that write; B delivers its message again and is refused."""
    message = Message("msg_1", "step", "wrun_1", "step_1")
    event = {"eventType": "step_completed", "correlationId": "step_1"}
    history = History(
        calls=[Call("A", "race", "events.create", ("wrun_1", event), 2)],
        gates=[GateStep("A", f"write {n}", 3 + n, None, "write") for n in range(writes)],
        faults=[FaultStep("A", "kill", 9)],
        deliveries=[Delivery(message, "A", "race", 1)],
    )
    history.gates.append(GateStep("A", "write last", 10, None, "write"))
    if again:
        history.deliveries.append(Delivery(message, "B", "race", 20, 29))
        refused = Call("B", "race", "events.create", ("wrun_1", event), 21, 25, error=conflict("taken"))
        history.calls.append(refused)
    return history


def test_half_done_takes_a_death_between_two_writes() -> None:
    assert defect_of(_failure(_HANG, history=_died(1))) == "half-done"
    assert defect_of(_failure(_HANG, history=_died(2))) == "own-retry"
    # All was written, or nothing, and nobody asked again: the run is simply not carried on.
    assert defect_of(_failure(_HANG, history=_died(2, again=False))) == "lost"
    assert defect_of(_failure(_HANG, history=_died(0))) == "lost"


def _claims(ended: str, token: str) -> Failure:
    """A died in a call about its hook, which another run's claim of that token meets."""
    claim = {"eventType": "hook_created", "correlationId": "hook_1", "eventData": {"token": "token_1"}}
    before = {"eventType": "run_started"} if ended == "hook_created" else claim
    calls = [Call("A", "given", "events.create", ("wrun_1", before), 1, 2, {})]
    event = claim if ended == "hook_created" else {"eventType": ended, "correlationId": "hook_1"}
    calls.append(Call("A", "race", "events.create", ("wrun_1", event), 3))
    theirs = {**claim, "correlationId": "hook_2"}
    calls.append(Call("B", "race", "events.create", ("wrun_2", theirs), 7, 8, {}))
    history = History(
        calls=calls,
        gates=[GateStep("A", "write", 4, None, "write"), GateStep("A", "write last", 6, None, "write")],
        faults=[FaultStep("A", "kill", 5)],
    )
    finding = Finding("convergence", "hook.token-unique", "taken", about=("run2", "hook2"), token=token)
    return Failure(finding, Case(), Played(history, []), "search", [finding], writes={ended: 2})


@pytest.mark.parametrize("ended", ["hook_created", "hook_disposed", "run_completed"])
def test_another_run_meets_what_is_half_done_where_it_wants_the_same_token(ended: str) -> None:
    assert defect_of(_claims(ended, "token1")) == "half-done"
    assert defect_of(_claims(ended, "token2")) != "half-done"


def _fails(answer: WorldError) -> Failure:
    """Its run has ended when A handles a message once more: it meets its own start, and fails of its step."""
    message = Message("msg_1", "workflow", "wrun_1", "")
    start, step = {"eventType": "run_started"}, {"eventType": "step_started", "correlationId": "step_1"}
    calls = [
        Call("A", "race", "events.create", ("wrun_1", start), 2, 3, {}),
        Call("C", "race", "events.create", ("wrun_1", {"eventType": "run_failed"}), 5, 6, {}),
        Call("A", "race", "events.create", ("wrun_1", start), 8, 9, error=conflict("it has ended")),
        Call("A", "race", "events.create", ("wrun_1", step), 10, 11, error=answer),
    ]
    history = History(
        calls=calls,
        faults=[FaultStep("B", "again", 4)],
        deliveries=[
            Delivery(message, "A", "race", 1, 4),
            Delivery(message, "A", "race", 7, 12, failed=answer),
        ],
    )
    finding = Finding("logs", "logs.failed-delivery", f"a delivery failed with {answer}")
    return Failure(finding, Case(), Played(history, []), "search", [finding])


def test_a_delivery_fails_of_its_last_refusal_and_not_of_one_that_it_took() -> None:
    assert defect_of(_fails(conflict("it has ended"))) == "unhandled"
    assert defect_of(_fails(not_found("no such step"))) == "not-atomic", "of a run that has ended it is gone"
