"""Who of several callers did what all were told that they did.

Two overlapping calls are both answered with success where one may be. By answers and by what is stored each
of them may have come first. What was written says more: the event or the result of one is stored and that of
the other is not, or one wrote before the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from conformance.core.history import Call, History

#: Events that several callers may all write. Everything else is done once.
_AGAIN: Final = frozenset(
    {"run_started", "run_cancelled", "step_started", "step_retrying", "hook_received", "attr_set"}
)

#: Where an end holds its result, which its entity has then.
_RESULTS: Final = {"step_completed": "result", "run_completed": "output"}


def winners(raced: Sequence[Call], history: History) -> tuple[int, ...]:
    """The racing calls that were told that they did one thing, by their numbers: those of each thing in the
    order in which they did it."""
    told: dict[tuple[Any, ...], list[int]] = {}
    for number, call in enumerate(raced):
        event = call.event
        if call.answer == "ok" and event["eventType"] not in _AGAIN:
            about = call.run_id, event["eventType"], event.get("correlationId")
            told.setdefault(about, []).append(number)
    several = [numbers for numbers in told.values() if len(numbers) > 1]
    if not several:
        return ()
    left = _left(history)
    return tuple(
        number
        for numbers in several
        for number in sorted(numbers, key=lambda number: _done(raced[number], history, left))
    )


def _done(call: Call, history: History, left: _Left) -> tuple[bool, bool, int]:
    """Earlier is smaller. Of whom nothing is left, and who wrote nothing, did nothing."""
    made = call.value.get("event") if isinstance(call.value, dict) else None
    event_id = made.get("eventId") if isinstance(made, dict) else None
    lost = event_id is not None and event_id not in left.events
    wrote = max(_writes(call, history), default=None)
    return lost or left.has_another(call), wrote is None, call.ended if wrote is None else wrote


class _Left(NamedTuple):
    """What is stored in the end: the ids of all events, and results and outputs by run and step."""

    events: frozenset[Any]
    results: dict[tuple[str, str], Any]

    def has_another(self, call: Call) -> bool:
        """Whether the result of a call is not the one that is stored."""
        field = _RESULTS.get(call.event["eventType"])
        key = call.run_id or "", call.event.get("correlationId") or ""
        if field is None or key not in self.results:
            return False
        return bool((call.event.get("eventData") or {}).get(field) != self.results[key])


def _left(history: History) -> _Left:
    results: dict[tuple[str, str], Any] = {}
    for snapshot in history.snapshots:
        results[snapshot.run_id, ""] = snapshot.run.get("output")
        for step in snapshot.steps:
            results[snapshot.run_id, str(step.get("stepId"))] = step.get("output")
    events = frozenset(event.get("eventId") for snapshot in history.snapshots for event in snapshot.events)
    return _Left(events, results)


def _writes(call: Call, history: History) -> Iterator[int]:
    """When the operations of a call were let go that may have written."""
    for gate in history.gates:
        if gate.actor == call.actor and gate.access != "read" and call.began < gate.at < call.ended:
            yield gate.at
