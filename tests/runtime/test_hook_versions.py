"""A payload is right in both forms that the runtime gives it, by what the World says of its hook."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.scenario import Case, Race, Variant
from conformance.levels.handlers import HandlerSuite
from conformance.memory.world import MemoryWorld
from conformance.provision import open as opening
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import parse
from conformance.spec.vocabulary import Entity, Event

from .play import once

_CASE = Case(payload_json='[3, "a"]')


async def _resumed(suite: HandlerSuite, case: Case) -> Race:
    """A run that waits for a payload has got it, and its message is delivered twice."""
    token = suite.name("token")
    await suite.start("hook_only", [token])
    await suite.deliver(suite.queue.take(suite.next_message().id))
    await suite.resume_by(suite.actor, token, case.payload)
    message = suite.queue.take(suite.next_message().id)
    return Race([suite.delivery(message), suite.delivery(message)])


@pytest.mark.parametrize(("says", "form"), [(True, bytes), (False, list)])
def test_a_log_replays_with_payloads_of_either_form(
    monkeypatch: pytest.MonkeyPatch, *, says: bool, form: type[Any]
) -> None:
    forms: list[type[Any]] = []

    class World(MemoryWorld):
        def hook_entity(self, hook_id: str) -> Entity:
            entity = super().hook_entity(hook_id)
            assert entity["specVersion"] >= 2
            return entity if says else {key: item for key, item in entity.items() if key != "specVersion"}

        def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
            if event["eventType"] == "hook_received":
                forms.append(type(event["eventData"]["payload"]))
            return super().append(run_id, event, now, conflict=conflict)

    monkeypatch.setattr(opening, "world_of", lambda _options: World)
    opened = opening.open_world(parse("memory"), None, "versions", runtime=RuntimeWanted("4.8.9"))
    try:
        played = once(opened, Variant("resumed", "runtime", _resumed, 2, ""), case=_CASE)
    finally:
        opened.close()
    assert forms == [form]
    [run] = played.history.snapshots
    assert (run.run["status"], run.run["output"]) == ("completed", [3, "a"])
    [event] = [event for event in run.events if event["eventType"] == "hook_received"]
    assert event["eventData"]["payload"] == [3, "a"]
    assert {wrong for _, wrong in played.history.replays} == {""}
