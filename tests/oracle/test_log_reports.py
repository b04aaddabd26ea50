"""Reports that come with the answer of a write: complete, or said to be incomplete."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.history import Call, History, Snapshot
from conformance.oracle.log_reports import misreports

_LOG = [{"eventId": f"e{number}", "eventType": "step_created"} for number in range(6)]


def _found(asked: dict[str, Any], own: int, reported: list[int], *, more: bool = False) -> str:
    """What is wrong with an answer to a writer whose event has the place ``own`` in the log."""
    page = {"data": _LOG[:2], "cursor": "after-two"}
    value = {"event": _LOG[own], "events": [_LOG[place] for place in reported], "hasMore": more}
    event = {"eventType": "step_created", "correlationId": "step_1"}
    history = History(
        [
            Call("A", "race", "events.list", ({"runId": "run"},), 1, 2, page),
            Call("A", "race", "events.create", ("run", event, asked), 3, 4, value),
        ],
        snapshots=[Snapshot("run", {"status": "running"}, _LOG, [], [])],
    )
    return next((report.text for report in misreports(history, str)), "")


@pytest.mark.parametrize(
    ("asked", "reported", "wrong"),
    [
        ({"eventCount": 2}, [2, 3], ""),
        ({"eventCount": 1}, [0, 1, 2, 3], ""),
        ({"eventCount": 2}, [2], "lacks an event before its own"),
        ({"eventCount": 2}, [], "lacks an event before its own"),
        ({"eventCount": 2}, [3], "does not begin where"),
        ({"eventCount": 1}, [1, 3], "do not follow each other"),
        ({"sinceCursor": "after-two"}, [2, 3, 4], ""),
        ({"sinceCursor": "after-two"}, [2, 3], "lacks an event before its own"),
        ({"sinceCursor": "another"}, [], ""),
        ({}, [], ""),
    ],
)
def test_a_report_reaches_up_to_the_event_of_its_writer(
    asked: dict[str, Any], reported: list[int], wrong: str
) -> None:
    found = _found(asked, 4, reported)
    assert wrong in found if wrong else found == ""


def test_less_is_right_when_it_is_said() -> None:
    assert _found({"eventCount": 2}, 4, [2], more=True) == ""
