"""The three checks: convergence, continuation, logs. Pure functions over what was observed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.checks.after_faults import after_faults
from conformance.checks.continuation import continuation
from conformance.checks.control import Control
from conformance.checks.convergence import convergence
from conformance.checks.finding import CHECKS, CheckName, Finding
from conformance.checks.logs import logs
from conformance.checks.observed import Observed, observe
from conformance.checks.orders import UndecidedError

__all__ = ["CHECKS", "CheckName", "Control", "Finding", "Observed", "UndecidedError", "check", "observe"]

_CHECKS: Final[dict[CheckName, Callable[[Observed, Control | None], list[Finding]]]] = {
    "convergence": convergence,
    "continuation": continuation,
    "logs": logs,
}


def check(observed: Observed, control: Control | None = None) -> list[Finding]:
    """All findings over one schedule. ``control`` is the same case without a race, once it has run."""
    if observed.faults:
        return after_faults(observed, control)
    return [finding for one in _CHECKS.values() for finding in one(observed, control)]
