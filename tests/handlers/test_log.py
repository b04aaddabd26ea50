"""Reading a log: pages, cursors, and what a reader sees who reads on from where it stopped."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.actor import Actor
from conformance.core.gates import run_alone
from conformance.core.history import History
from conformance.handlers.log import EventLog
from conformance.spec.vocabulary import Event, WorldError


class Paged:
    """A log given in pages of ``size``; a cursor is the number of events before it."""

    def __init__(self, *kinds: str, size: int = 2) -> None:
        self.events: list[Event] = []
        self.add(*kinds)
        self.size = size
        self.asked: list[str | None] = []
        self.last_cursor = True
        self.history = History()
        self.actor = Actor("A", self.history, self.perform, lambda: 0.0)

    def add(self, *kinds: str) -> None:
        for kind in kinds:
            event = {"eventType": kind, "eventId": f"e{len(self.events)}", "correlationId": f"c_{kind}"}
            self.events.append(event)

    async def perform(self, _op: str, args: tuple[Any, ...]) -> Any:
        cursor = args[0]["pagination"].get("cursor")
        self.asked.append(cursor)
        begin = int(cursor or 0)
        page = self.events[begin : begin + self.size]
        end = begin + len(page)
        more = end < len(self.events)
        return {"data": page, "cursor": str(end) if more or self.last_cursor else None, "hasMore": more}

    def load(self) -> EventLog:
        return run_alone(EventLog.load(self.actor, "wrun_1"))


def ids(log: EventLog) -> list[str]:
    return [event["eventId"] for event in log.events]


def test_all_pages_are_read() -> None:
    world = Paged("a", "b", "c", "d", "e")
    log = world.load()
    assert ids(log) == ["e0", "e1", "e2", "e3", "e4"]
    assert (world.asked, log.cursor) == ([None, "2", "4"], "5")


def test_reading_on_asks_only_for_what_is_new() -> None:
    world = Paged("wait_created")
    log = world.load()
    world.add("wait_completed", "hook_received")
    world.asked.clear()
    run_alone(log.read_on(world.actor, {"c_wait_completed"}))
    assert (ids(log), world.asked) == (["e0", "e1", "e2"], ["1"])


def test_reading_on_begins_anew_when_what_is_needed_sorts_before_the_cursor() -> None:
    world = Paged("wait_created", size=9)
    log = world.load()
    world.events.insert(0, {"eventType": "wait_completed", "eventId": "early", "correlationId": "c"})
    world.asked.clear()
    run_alone(log.read_on(world.actor, {"c"}))
    assert (ids(log), world.asked) == (["early", "e0"], ["1", None])


def test_a_world_without_a_last_cursor_is_read_anew() -> None:
    world = Paged("wait_created")
    world.last_cursor = False
    log = world.load()
    world.add("wait_completed")
    world.asked.clear()
    run_alone(log.read_on(world.actor, {"c_wait_completed"}))
    assert (ids(log), world.asked) == (["e0", "e1"], [None])


def test_an_event_that_two_pages_show_is_seen_once() -> None:
    world = Paged("a", "b", "c", "d")
    world.events.insert(2, world.events[1])
    assert ids(world.load()) == ["e0", "e1", "e2", "e3"]


@pytest.mark.parametrize("cursor", [None, "0"])
def test_pages_that_lead_nowhere_are_an_error_of_the_world(cursor: str | None) -> None:
    async def perform(_op: str, _args: tuple[Any, ...]) -> Any:
        return {"data": [], "cursor": cursor, "hasMore": True}

    with pytest.raises(WorldError) as caught:
        run_alone(EventLog.load(Actor("A", History(), perform, lambda: 0.0), "wrun_1"))
    assert caught.value.code == "WORLD_CONTRACT_ERROR"


def test_a_cursor_that_the_world_has_forgotten_begins_anew() -> None:
    world = Paged("wait_created")
    log = world.load()
    world.add("wait_completed")
    usual = world.actor.perform

    async def forgetful(op: str, args: tuple[Any, ...]) -> Any:
        if args[0]["pagination"].get("cursor") == "1":
            raise WorldError("WorkflowWorldError", "bad cursor", status=400)
        return await usual(op, args)

    world.actor.perform = forgetful
    run_alone(log.read_on(world.actor, {"c_wait_completed"}))
    assert ids(log) == ["e0", "e1"]
    assert [line.level for line in world.history.logs] == ["warn"]
