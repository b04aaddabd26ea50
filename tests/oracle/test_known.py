"""What is remembered of what a World chose itself, such as a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conformance.core import events
from conformance.oracle.due import Due
from conformance.oracle.known import Known
from conformance.spec.vocabulary import Event

_HOOK = ("hook", "hook1")


def _times(known: Known, second: int, milliseconds: int = 0) -> list[str]:
    """What is wrong with the time of a hook that was read."""
    at = datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    entity = {"hookId": "hook1", "createdAt": at}
    due = [one for one in known.due("hook", "run1", "hook1") if one[0] == "createdAt"]
    return [finding.text for finding in known.compare(due, entity, "the hook", _HOOK)]


def _take(known: Known, *made: Event) -> None:
    for event in made:
        row = known.state.look_up("run1", event)
        known.take("run1", event, next(one for one in row.outcomes if one.answer == "ok"), 0)


def test_a_time_stays_until_its_hook_is_disposed_and_made_again() -> None:
    known = Known(str)
    _take(known, events.run_created("w"), events.hook_created("hook1", "token1"))
    assert _times(known, 1) == []
    again = [events.hook_disposed("hook1"), events.hook_created("hook1", "token1")]
    _take(known, *again)
    assert _times(known, 2) == []
    assert _times(known, 3) == ["the hook has hook.createdAt changed since it was set: it is 0:00:01 later"]


def test_a_time_that_changed_is_said_by_how_far() -> None:
    known = Known(str)
    _take(known, events.run_created("w"), events.hook_created("hook1", "token1"))
    assert _times(known, 1) == []
    [text] = _times(known, 1, milliseconds=-312)
    assert text == "the hook has hook.createdAt changed since it was set: it is 312 ms earlier"


def test_a_date_that_came_back_as_a_text_is_told_from_a_date() -> None:
    known = Known(str)
    _take(known, events.run_created("w"))
    at, due = datetime(2026, 1, 1, 3, 45, tzinfo=UTC), "data.kept"
    [finding] = known.compare([Due("resumeAt", at, due)], {"resumeAt": "2026"}, "it", ("event", "wait1"))
    assert (
        finding.text == "it has event.resumeAt changed: '2026' instead of the date 2026-01-01T03:45:00.000Z"
    )
