"""``createBatch`` of the references: one write, each event with the outcome that it would have had alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from conformance.core import events
from conformance.core.gates import run_alone
from conformance.memory.numbered import NumberedWorld
from conformance.spec.vocabulary import Event, WorldError
from tests.needs import stores

from .stores import ALL, make_world

_SOON = datetime(2020, 1, 1, tzinfo=UTC)
_STORES = [pytest.param("memory"), *stores(sorted(ALL), slow=("mongodb", "postgres"))]


class _Store:
    """A World of spec version 6 with a run, and how its calls are made."""

    def __init__(self, world: Any, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self.world, self.run = world, run
        self.run_id: str = run(world.events_create(None, self._whole(events.run_created("w"))))["run"][
            "runId"
        ]
        self.create(events.run_started())

    @staticmethod
    def _whole(event: Event) -> Event:
        return {"specVersion": 6, **event}

    def create(self, event: Event) -> dict[str, Any]:
        created: dict[str, Any] = self.run(self.world.events_create(self.run_id, self._whole(event)))
        return created

    def batch(self, *asked: Event) -> list[dict[str, Any]]:
        entries = [{"event": self._whole(event)} for event in asked]
        found: list[dict[str, Any]] = self.run(self.world.events_create_batch(self.run_id, entries))[
            "results"
        ]
        return found

    def log(self) -> list[tuple[str, str]]:
        page = self.run(self.world.events_list({"runId": self.run_id}))
        return [(event["eventType"], event["eventId"]) for event in page["data"]]


@pytest.fixture(params=_STORES)
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        yield _Store(NumberedWorld(), run_alone)
        return
    loop: asyncio.Runner = request.getfixturevalue("loop")
    options = request.getfixturevalue("options")(request.param)
    world = make_world(request.param, **options, spec="6")
    loop.run(world.open())
    yield _Store(world, loop.run)
    loop.run(world.close())


def test_each_event_has_its_own_outcome_and_those_taken_stand_together(store: _Store) -> None:
    store.create(events.wait_created("wait_1", _SOON))
    before = len(store.log())
    found = store.batch(
        events.step_created("step_2", "work", 7),
        events.step_started("step_2"),
        events.wait_created("wait_1", _SOON),
        events.wait_completed("wait_9"),
        events.step_created("step_3", "work", 8),
    )
    assert [one["status"] for one in found] == [200, 200, 409, 404, 200]
    assert [one["step"]["status"] for one in found if one["status"] == 200] == [
        "running",
        "running",
        "pending",
    ]
    taken = [(one["event"]["eventType"], one["event"]["eventId"]) for one in found if one["status"] == 200]
    assert taken == store.log()[before:]
    assert [kind for kind, _ in taken] == ["step_created", "step_started", "step_created"]
    assert found[0]["event"]["eventData"]["input"] == [7]


def test_a_pair_whose_step_is_there_is_refused_as_one(store: _Store) -> None:
    store.create(events.step_created("step_1", "work"))
    before = store.log()
    found = store.batch(events.step_created("step_1", "work"), events.step_started("step_1"))
    assert [one["status"] for one in found] == [409, 409]
    assert store.log() == before


@pytest.mark.parametrize(
    "asked",
    [
        (events.attr_set("attr_1", {"key": "x"}),),
        (events.hook_created("hook_1", "token"),),
        (events.run_cancelled(),),
        (events.step_started_lazily("step_1", "work"),),
        (events.step_started("step_1"), events.step_completed("step_1", 1)),
    ],
    ids=lambda asked: "-".join(event["eventType"] for event in asked),
)
def test_what_a_batch_cannot_express_is_refused_and_leaves_nothing(store: _Store, asked: Any) -> None:
    before = store.log()
    with pytest.raises(WorldError, match="the batch is refused"):
        store.batch(events.wait_created("wait_1", _SOON), *asked)
    assert store.log() == before
