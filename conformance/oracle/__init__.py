"""The three checks: convergence, continuation, logs. Pure functions over what was observed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.core.faults import OF_TIME, SCHEDULE_FAULTS
from conformance.oracle.after_faults import after_faults
from conformance.oracle.blame import blame
from conformance.oracle.continuation import continuation
from conformance.oracle.control import Control
from conformance.oracle.convergence import convergence, outcome
from conformance.oracle.finding import CHECKS, CheckName, Finding
from conformance.oracle.logs import logs
from conformance.oracle.observed import observe
from conformance.oracle.orders import UndecidedError, explain
from conformance.oracle.seen import Observed

__all__ = [
    "CHECKS",
    "CheckName",
    "Control",
    "Finding",
    "Observed",
    "UndecidedError",
    "check",
    "check_ending",
    "explain",
    "observe",
]

_CHECKS: Final[dict[CheckName, Callable[[Observed, Control | None], list[Finding]]]] = {
    "convergence": convergence,
    "continuation": continuation,
    "logs": logs,
}


def only_time_passed(observed: Observed) -> bool:
    """Whether nothing went wrong but the time: a clock that stands still excuses nothing, and one that goes
    on nothing between calls of a World."""
    return set(observed.faults) <= (OF_TIME if observed.level == "storage" else set(SCHEDULE_FAULTS))


def check(observed: Observed, control: Control | None = None) -> list[Finding]:
    """All findings over one schedule. ``control`` is the same case without a race, once it has run."""
    if observed.sequence is not None:
        return [*convergence(observed, control), *logs(observed, control)]
    if observed.faults and not only_time_passed(observed):
        return blame(observed, after_faults(observed, control))
    found = [finding for one in _CHECKS.values() for finding in one(observed, control)]
    return blame(observed, found)


def check_ending(observed: Observed, control: Control | None = None) -> list[Finding]:
    """What is wrong with how things ended and with the logs; no order of the calls is looked for.

    For a World that is known to be right: then the orders of a long history are many, and say nothing new.
    """
    return blame(observed, outcome(observed, control))
