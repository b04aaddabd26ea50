"""The rules of logs, on histories written by hand: each is broken, and what is right breaks none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from conformance.core.history import Call, History, Phase, Snapshot
from conformance.oracle import observe
from conformance.oracle.finding import Finding
from conformance.oracle.log_rules import log_rules
from conformance.oracle.log_slots import misnumbered, slot
from conformance.spec.vocabulary import Event, WorldError, conflict

RUN = "wrun_1"


def event(identifier: str, kind: str = "step_created", about: str | None = "step_1", **more: Any) -> Event:
    return {"eventId": identifier, "eventType": kind, "correlationId": about, **more}


class Script:
    """Calls one after another, and the log as it is in the end."""

    def __init__(self) -> None:
        self.history = History()

    def call(
        self,
        actor: str,
        op: str,
        *args: Any,
        value: Any = None,
        error: WorldError | None = None,
        phase: Phase = "race",
    ) -> Script:
        history = self.history
        history.calls.append(Call(actor, phase, op, args, history.tick(), history.tick(), value, error))
        return self

    def page(
        self,
        actor: str,
        events: Sequence[Event],
        *,
        after: str | None = None,
        cursor: str | None = None,
        more: bool = False,
    ) -> Script:
        asked: dict[str, Any] = {} if after is None else {"cursor": after}
        page = {"data": list(events), "cursor": cursor, "hasMore": more}
        return self.call(actor, "events.list", {"runId": RUN, "pagination": asked}, value=page)

    def ends(self, events: Sequence[Event], **run: Any) -> list[str]:
        """The rules that are broken when the log is this in the end."""
        return [finding.rule for finding in self.found(events, **run)]

    def found(self, events: Sequence[Event], **run: Any) -> list[Finding]:
        """What is found when the log is this in the end."""
        entity = {"runId": RUN, "status": "running", **run}
        self.history.snapshots.append(Snapshot(RUN, entity, list(events), [], []))
        return list(log_rules(observe(self.history)))


ONE, TWO, THREE = event("e1", "run_created", None), event("e2"), event("e3", about="step_2")


@pytest.mark.parametrize(
    ("read", "rules"),
    [
        ([ONE], []),
        ([ONE, TWO, THREE], []),
        ([ONE, THREE], ["log.prefix-whole"]),
        ([TWO, ONE], ["log.prefix-whole"]),
        ([ONE, event("e9")], ["log.prefix-whole"]),
    ],
)
def test_a_whole_read_is_a_prefix(read: list[Event], rules: list[str]) -> None:
    assert Script().page("A", read).ends([ONE, TWO, THREE]) == rules


def test_where_ids_are_positions_every_read_must_be_one() -> None:
    log = [event(slot(1), "run_created", None), event(slot(2)), event(slot(3), about="step_2")]
    assert Script().page("A", [log[0], log[2]]).ends(log) == ["log.prefix"]


@pytest.mark.parametrize("whole", [False, True])
def test_pages_that_a_cursor_joins_must_be_one(whole: bool) -> None:
    """A first page that is all there is, or one with more behind it."""
    script = Script().page("A", [ONE], cursor="e1", more=not whole).page("A", [THREE], after="e1")
    assert script.ends([ONE, TWO, THREE]) == ["log.prefix"]


def test_a_page_of_another_reader_is_not_joined() -> None:
    script = Script().page("A", [ONE], cursor="e1", more=True).page("B", [THREE], after="e1")
    assert script.ends([ONE, TWO, THREE]) == []


def test_events_that_come_twice_are_joined_once() -> None:
    script = Script().page("A", [ONE, TWO], cursor="e2").page("A", [TWO, THREE], after="e2")
    assert script.ends([ONE, TWO, THREE]) == []


def test_a_list_from_the_newest_on_is_no_log() -> None:
    asked = {"runId": RUN, "pagination": {"sortOrder": "desc"}}
    script = Script().call("A", "events.list", asked, value={"data": [THREE], "hasMore": True})
    assert script.ends([ONE, TWO, THREE]) == []


def test_what_a_start_brings_along_is_a_read() -> None:
    run = {"runId": RUN, "status": "running"}
    script = Script().call(
        "A", "events.create", RUN, {"eventType": "run_started"}, value={"run": run, "events": [THREE]}
    )
    assert script.ends([ONE, TWO, THREE]) == ["log.prefix-whole"]


@pytest.mark.parametrize(
    ("ids", "wrong"),
    [
        ([slot(1), slot(2)], ""),
        (["evnt_01", "evnt_02"], ""),
        ([slot(1), slot(3)], "has no event at position 2, and some behind it"),
        ([slot(2), slot(3)], "has no event at position 1, and some behind it"),
        ([slot(1), slot(1)], "has position 1 twice"),
        ([slot(2), slot(1)], "lists its events in another order than that of their positions"),
        ([slot(1), "evnt_01J9ZQ8Z6R4M3T2S1R0Q9P8N7M"], "mixes ids that are positions with others"),
    ],
)
def test_positions(ids: list[str], wrong: str) -> None:
    assert misnumbered({}, [event(identifier) for identifier in ids]) == wrong


def test_a_run_that_is_stamped_with_them_has_positions() -> None:
    log = [event("evnt_1"), event("evnt_2")]
    assert misnumbered({"specVersion": 6}, log) == "has ids that are not positions"
    assert misnumbered({"specVersion": 5}, log) == ""
    assert Script().ends(log, specVersion=6) == ["log.slots"]


def create(kind: str, about: str, **data: Any) -> Event:
    return {"eventType": kind, "correlationId": about, "eventData": data}


def test_two_things_of_one_name_are_told_apart() -> None:
    script = Script().call("A", "events.create", RUN, create("hook_created", "hook_X", token="t"), value={})
    script.call("B", "events.create", RUN, create("hook_created", "hook_X", token="u"), value={})
    one, other = (create("step_created", "step_Y", stepName="work", input=[nth]) for nth in (1, 2))
    script.call("A", "events.create", RUN, one, value={}).call("B", "events.create", RUN, other, value={})
    texts = [found.text for found in script.found([ONE]) if found.rule == "id.one-thing"]
    assert [text.partition(" under ")[0] for text in texts] == [
        "A asked for a hook and B for a hook, with another token",
        "A asked for step work and B for step work, with another input",
    ]


@pytest.mark.parametrize(
    ("one", "other", "rules"),
    [
        (create("step_created", "step_X", stepName="work", input=[1]), None, []),
        (
            create("step_created", "step_X", stepName="work", input=[1]),
            create("step_created", "step_X", stepName="more", input=[1]),
            ["id.one-thing"],
        ),
        (
            create("step_created", "step_X", stepName="work", input=[1]),
            create("step_started", "step_X", stepName="work", input=[2]),
            ["id.one-thing"],
        ),
        (
            create("step_created", "step_X", stepName="work", input=[1]),
            create("wait_created", "wait_X", resumeAt=1),
            ["id.one-thing"],
        ),
        (create("wait_created", "wait_X", resumeAt=1), create("wait_created", "wait_X", resumeAt=2), []),
        (
            create("step_created", "step_X", stepName="work", input=[1]),
            create("step_created", "step_Y", stepName="more", input=[1]),
            [],
        ),
    ],
)
def test_one_id_is_one_thing(one: Event, other: Event | None, rules: list[str]) -> None:
    script = Script().call("A", "events.create", RUN, one, value={})
    script.call("B", "events.create", RUN, other or one, value={})
    assert script.ends([ONE]) == rules


@pytest.mark.parametrize(
    ("asked", "log", "rules"),
    [
        (create("step_created", "step_1"), [TWO], []),
        (create("step_created", "step_1"), [ONE], ["log.repeat-needs-event"]),
        (create("step_completed", "step_1"), [TWO], ["log.repeat-needs-event"]),
        (create("step_completed", "step_1"), [TWO, event("e4", "step_failed")], []),
        (create("step_completed", "step_1"), [TWO, event("e4", "run_failed", None)], []),
        (create("wait_completed", "wait_1"), [event("e4", "wait_completed", "wait_1")], []),
    ],
)
def test_what_is_there_already_has_its_event(asked: Event, log: list[Event], rules: list[str]) -> None:
    script = Script().call("A", "events.create", RUN, asked, error=conflict("it is there already"))
    assert script.ends(log) == rules


@pytest.mark.parametrize(
    ("asked_in", "ended_in", "rules"),
    [("race", "race", []), ("race", "drain", ["log.repeat-needs-event"]), ("drain", "race", [])],
)
def test_an_end_that_was_asked_for_later_is_no_reason(
    asked_in: Phase, ended_in: Phase, rules: list[str]
) -> None:
    script = Script().call(
        "A", "events.create", RUN, create("step_created", "step_1"), error=conflict("there"), phase=asked_in
    )
    script.call("B", "events.create", RUN, {"eventType": "run_failed"}, value={}, phase=ended_in)
    assert script.ends([ONE, event("e4", "run_failed", None)]) == rules


def test_one_resumption_is_one_event() -> None:
    received = [event(f"e{n}", "hook_received", "hook_1", resumeId="r1") for n in (1, 2)]
    assert Script().ends(received) == ["hook.resume-once"]
    received[1]["resumeId"] = "r2"
    assert Script().ends(received) == []
