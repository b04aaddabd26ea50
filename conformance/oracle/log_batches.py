"""The events of a batch (line 5.x): one write, so they stand together in the log, in the order asked for."""

from __future__ import annotations

from typing import NamedTuple

from conformance.core.history import Call, History
from conformance.oracle.names import Name
from conformance.spec.machine import creates_step


class SeenBatch(NamedTuple):
    """A batch whose events do not stand together: whose, in the log of which run, and what is wrong."""

    actor: str
    run: str
    text: str


def parted(history: History, name: Name) -> tuple[SeenBatch, ...]:
    """The batches that were not one write, each different one once."""
    batches: dict[tuple[str, int], list[Call]] = {}
    for call in history.calls:
        if call.batch != -1 and call.done:
            batches.setdefault((call.actor, call.batch), []).append(call)
    if not batches:
        return ()
    logs = {one.run_id: [event["eventId"] for event in one.events] for one in history.snapshots}
    found = [_parted(calls, logs.get(calls[0].run_id or "", []), name) for calls in batches.values()]
    return tuple(sorted({each for each in found if each is not None}))


def _parted(calls: list[Call], log: list[str], name: Name) -> SeenBatch | None:
    places: list[int] = []
    for call in calls:
        event = (call.value or {}).get("event")
        if event is None or event["eventId"] not in log:
            return None  # what is lost or unnamed is another rule's
        own = log.index(event["eventId"])
        places += [own - 1, own] if creates_step(call.event) else [own]
    if places == list(range(places[0], places[0] + len(places))):
        return None
    said = ", ".join(f"{call.event['eventType']} {name(call.event.get('correlationId'))}" for call in calls)
    order = "in another order" if sorted(places) == list(range(min(places), max(places) + 1)) else "apart"
    return SeenBatch(calls[0].actor, name(calls[0].run_id), f"{said} stand {order} in the log")
