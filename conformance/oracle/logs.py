"""Quiet logs: a lost race is not an error, so nothing is written at error level."""

from __future__ import annotations

from conformance.oracle.control import Control
from conformance.oracle.finding import Finding, worded
from conformance.oracle.seen import Observed

_RACED = ("race", "drain", "then")


def logs(observed: Observed, control: Control | None) -> list[Finding]:  # noqa: ARG001 - same shape as its siblings
    """Error lines of the world, the handlers and the queue; and deliveries that failed."""
    found = [
        Finding(
            "logs",
            "logs.error-line",
            f"{line.origin} logged at error level: {line.text}",
            wrong=f"{line.origin}: {worded(line.text)}",
        )
        for line in observed.logs
        if line.phase in _RACED and not line.by_design and line.origin != "queue"
    ]
    found += [_failed(outcome, error) for outcome, error in observed.failed]
    if observed.level == "storage":
        found += [
            Finding(
                "logs",
                "logs.failed-delivery",
                f"{call.actor}'s {call.kind} failed with {call.message}: its delivery fails and is logged",
                (call.phase, call.actor, call.n),
                f"{call.kind} {worded(call.message)}",
                tuple(name for name in (call.run, call.entity) if name),
            )
            for call in observed.calls
            if call.phase in _RACED and call.answer == "unexpected"
        ]
    return found


def _failed(outcome: str, error: str) -> Finding:
    if outcome == "unrecognised":
        text = f"a delivery failed with {error}: right, but not in the words that this runtime knows"
        return Finding("logs", "error.recognised", text, wrong=worded(error))
    return Finding("logs", "logs.failed-delivery", f"a delivery failed with {error}", wrong=worded(error))
