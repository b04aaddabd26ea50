"""What ids stand for: one correlation id names one thing, and one resumption of a hook is one event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from conformance.core.history import Call, CallId, History
from conformance.oracle.names import Freeze, Name
from conformance.spec.machine import creates_step
from conformance.spec.vocabulary import CREATIONS, Event


class SeenTwoThings(NamedTuple):
    """Two creations that used one correlation id for two things: who asked for what.

    ``calls``: the later one, then the earlier one; without those that were never answered.
    """

    run: str
    first: tuple[str, str]
    second: tuple[str, str]
    entity: str
    calls: tuple[CallId, ...] = ()


def bound_twice(history: History, name: Name, freeze: Freeze) -> tuple[SeenTwoThings, ...]:
    """The correlation ids of a run by which two creations ask for different things.

    Ids are positions in one sequence, with a prefix that says the kind. So ``step_X`` and ``wait_X`` are the
    same position. A time at which a wait ends may differ between two replays, and is not compared.
    """
    asked: dict[tuple[str, str], tuple[Hashable, Call]] = {}
    found: dict[SeenTwoThings, SeenTwoThings] = {}
    ids = {id(call): known_as for known_as, call in history.creations()}
    for call in history.calls:
        if call.op != "events.create" or call.run_id is None:
            continue
        event = call.event
        if event["eventType"] not in CREATIONS and not creates_step(event):
            continue
        key = call.run_id, event["correlationId"].partition("_")[2]
        thing = _thing(event, freeze)
        first, by = asked.setdefault(key, (thing, call))
        if first != thing:
            sides = sorted([(by.actor, _say(by.event)), (call.actor, _say(event))])
            two = SeenTwoThings(name(call.run_id), sides[0], sides[1], name(by.event["correlationId"]))
            known = tuple(ids[id(each)] for each in (call, by) if id(each) in ids)
            found.setdefault(two, two._replace(calls=known))
    return tuple(sorted(found.values()))


def _thing(event: Event, freeze: Freeze) -> Hashable:
    data = event.get("eventData") or {}
    kind = event["eventType"].partition("_")[0]
    if kind == "step":
        return kind, data.get("stepName"), freeze(data.get("input"))
    return kind, data.get("token")


def _say(event: Event) -> str:
    data = event.get("eventData") or {}
    kind: str = event["eventType"].partition("_")[0]
    step = str(data.get("stepName", "")).rpartition("//")[2]
    return f"{kind} {step}" if kind == "step" and step else f"a {kind}"


def resumed_twice(events: Sequence[Event], name: Name) -> tuple[str, ...]:
    """The hooks that have one resumption, with one ``resumeId``, in the log more than once."""
    seen = Counter(
        (event.get("correlationId"), event["resumeId"])
        for event in events
        if event["eventType"] == "hook_received" and event.get("resumeId") is not None
    )
    return tuple(sorted({name(hook) for (hook, _), count in seen.items() if count > 1}))
