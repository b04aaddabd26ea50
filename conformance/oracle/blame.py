"""Who is to blame for a run that diverged: the World that gave a wrong log, or the runtime that replayed it.

Correlation ids are positions in one sequence. Two replays with different logs, each a prefix of the final
one, may bind one id to two things. Then the World did its part, and the runtime did not. What follows from it
is no fault of the World, unless the World broke a rule of its own in the same schedule.
"""

from __future__ import annotations

from typing import Final

from conformance.oracle.convergence import DIVERGED
from conformance.oracle.finding import Finding
from conformance.oracle.seen import Observed

#: Rules that a run breaks when its replays part.
_FOLLOWS: Final = frozenset(
    {
        "id.one-thing",
        "run.no-divergence",
        "run.output-agrees",
        "run.ends-as-control",
        "run.no-hang",
        "log.replays",
        "logs.error-line",
        "logs.failed-delivery",
        "continuation.lost",
        "continuation.twice",
        "body.after-end",
        "body.as-control",
    }
)


def blame(observed: Observed, findings: list[Finding]) -> list[Finding]:
    """The same findings; those that follow from a divergence of the runtime are its fault."""
    if not _has_diverged(observed) or observed.misreads:
        return findings
    if any(one.severity == "must" and one.rule not in _FOLLOWS for one in findings):
        return findings
    return [
        one._replace(fault="runtime", text=f"the runtime, not the World: {one.text}")
        if one.rule in _FOLLOWS
        else one
        for one in findings
    ]


def _has_diverged(observed: Observed) -> bool:
    return bool(observed.two_things) or any(run.error_code in DIVERGED for run in observed.runs)
