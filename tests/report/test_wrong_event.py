"""The log of a failure: the event that is wrong is marked, and says its run where there are several."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from conformance.oracle.finding import Finding
from conformance.record.evidence import logged_events
from conformance.record.lines import EventLine
from conformance.record.readable_log import as_line, folded
from conformance.search.failure import Failure


def _call(event_type: str, about: str, event_id: str, run: str = "wrun_0") -> Any:
    event = {"eventType": event_type, "correlationId": about}
    return SimpleNamespace(event=event, run_id=run, value={"event": {**event, "eventId": event_id}})


def _event(event_type: str, about: str, event_id: str) -> dict[str, Any]:
    return {"eventType": event_type, "correlationId": about, "eventId": event_id}


def _logged(calls: dict[Any, Any], wrong: Any, *runs: list[dict[str, Any]]) -> list[EventLine]:
    history = SimpleNamespace(
        snapshots=[SimpleNamespace(run_id=f"wrun_{n}", events=events) for n, events in enumerate(runs)],
        creations=lambda: iter(calls.items()),
    )
    finding = Finding("convergence", "step.terminal-once", "it is wrong", wrong)
    failure = SimpleNamespace(findings=[finding], played=SimpleNamespace(history=history))
    return logged_events(cast(Failure, failure), {"wrun_0": "run1", "wrun_1": "run2"})


def test_the_event_of_the_offending_call_is_marked_wherever_it_stands() -> None:
    """Ids are minted before the write, so the wrong one may be listed first."""
    calls = {
        ("race", "A", 0): _call("step_completed", "s", "evnt_1"),
        ("race", "B", 0): _call("step_completed", "s", "evnt_2"),
    }
    log = [_event("step_completed", "s", "evnt_2"), _event("step_completed", "s", "evnt_1")]
    shown = _logged(calls, ("race", "B", 0), log)
    assert [line.offending for line in shown] == [True, False]
    assert [as_line(line) for line in folded(shown)] == ["X step_completed s", "  step_completed s"]


def test_the_events_of_several_runs_say_theirs() -> None:
    calls = {("race", "A", 0): _call("hook_created", "h1", "evnt_1")}
    shown = _logged(
        calls,
        ("race", "A", 0),
        [_event("hook_created", "h1", "evnt_1")],
        [_event("hook_created", "h2", "evnt_9")],
    )
    assert [as_line(line) for line in folded(shown)] == ["X run1 hook_created h1", "  run2 hook_created h2"]


def test_without_an_id_it_is_what_the_call_said() -> None:
    call = _call("hook_created", "h1", "")
    call.value = None
    shown = _logged({("race", "A", 0): call}, ("race", "A", 0), [_event("hook_created", "h1", "evnt_1")])
    assert [line.offending for line in shown] == [True]


def test_an_event_of_another_run_is_not_marked() -> None:
    """It may say the same, and have the same id: a World may count the events of each run from 1."""
    logs = (
        [_event("run_created", "", "evnt_1"), _event("run_started", "", "evnt_2")],
        [_event("run_created", "", "evnt_1")],
    )
    refused = _call("run_started", "", "", "wrun_1")
    refused.value = None
    for call in (refused, _call("run_created", "", "evnt_1", "wrun_1")):
        shown = _logged({("race", "A", 0): call}, ("race", "A", 0), *logs)
        assert [line.run for line in shown if line.offending] == (["run2"] if call.value else [])
