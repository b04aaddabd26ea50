"""The calls whose refusals failed a delivery, and whether the table allows what they got."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.core.history import Call, Delivery, History
from conformance.spec.transitions import ROWS
from conformance.spec.vocabulary import RUN_TERMINAL, TERMINAL_EVENTS


def refused(history: History) -> Iterator[Call]:
    """The last refusal in each delivery that failed, if the delivery failed of it."""
    for delivery in history.deliveries:
        call = _last_refused(history, delivery)
        if call is not None:
            yield call


def is_allowed(history: History, call: Call) -> bool:
    """Whether a refusal may be right. *Not found* is not, where the run had ended and so had refused what is
    not there to be made, if the table asks for another answer then."""
    if call.answer != "not_found" or not _had_ended(history, call):
        return True
    rows = [
        row
        for row in ROWS
        if (row.event, row.entity) == (call.event["eventType"], ("missing",))
        and (not row.run or RUN_TERMINAL.issubset(row.run))
    ]
    return not rows or any(outcome.answer == "not_found" for row in rows for outcome in row.outcomes)


def _last_refused(history: History, delivery: Delivery) -> Call | None:
    if delivery.failed is None:
        return None
    within = [
        call
        for _, call in history.creations()
        if call.actor == delivery.actor and delivery.began < call.began and call.ended <= delivery.ended
    ]
    errors = [(call, call.error) for call in within if call.error is not None]
    if not errors:
        return None
    last, error = max(errors, key=lambda one: one[0].began)
    return last if error.message == delivery.failed.message else None


def _had_ended(history: History, call: Call) -> bool:
    """Whether an end of its run had been answered before a call began."""
    return any(
        one.done
        and one.run_id == call.run_id
        and one.event["eventType"] in TERMINAL_EVENTS
        and one.ended < call.began
        for _, one in history.creations()
    )
