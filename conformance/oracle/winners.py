"""Who of several callers did what all were told that they did.

Two overlapping calls are both answered with success where one may be. By answers and by what is stored each
of them may have come first. What was written says more: the event of one is in the log and that of the other
is not, or one wrote before the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from conformance.core.history import Call, History

#: What is done once: all but the events that a log may hold several times.
_AGAIN: Final = frozenset(
    {"run_started", "run_cancelled", "step_started", "step_retrying", "hook_received", "attr_set"}
)


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
    logged = {event.get("eventId") for snapshot in history.snapshots for event in snapshot.events}
    return tuple(
        number
        for numbers in several
        for number in sorted(numbers, key=lambda number: _done(raced[number], history, logged))
    )


def _done(call: Call, history: History, logged: set[Any]) -> tuple[bool, bool, int]:
    """Earlier is smaller. Whose event is not in the log, and who wrote nothing, did nothing."""
    made = call.value.get("event") if isinstance(call.value, dict) else None
    lost = isinstance(made, dict) and made.get("eventId") is not None and made["eventId"] not in logged
    wrote = max(_writes(call, history), default=None)
    return lost, wrote is None, call.ended if wrote is None else wrote


def _writes(call: Call, history: History) -> Iterator[int]:
    """When the operations of a call were let go that may have written."""
    for gate in history.gates:
        if gate.actor == call.actor and gate.access != "read" and call.began < gate.at < call.ended:
            yield gate.at
