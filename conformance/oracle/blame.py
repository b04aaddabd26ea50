"""Who is to blame for a run that diverged: the World that gave a wrong log, or the runtime that replayed it.

Correlation ids are positions in one sequence. Two replays with different logs, each a prefix of the final
one, may bind one id to two things. Then the World did its part, and the runtime did not. What follows from it
is no fault of the World, unless the World broke a rule of its own in the same schedule.
"""

from __future__ import annotations

import re
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


#: What old releases (core 4.2.0-beta.70) log of a run that another caller ended after they had asked whether
#: it runs: they replay a log that ends with the end of the run, and find nobody who takes that.
_MET_THE_END: Final = re.compile(r"Unconsumed event in event log: eventType=run_(completed|failed|cancelled)")


def blame(observed: Observed, findings: list[Finding]) -> list[Finding]:
    """The same findings; those that follow from a divergence of the runtime are its fault."""
    if not observed.misreads:
        findings = [
            _of_runtime(one) if one.rule == "logs.error-line" and _MET_THE_END.search(one.text) else one
            for one in findings
        ]
    if not _has_diverged(observed) or observed.misreads:
        return findings
    if any(one.severity == "must" and one.rule not in _FOLLOWS for one in findings):
        return findings
    return [_of_runtime(one) if one.rule in _FOLLOWS else one for one in findings]


def _of_runtime(one: Finding) -> Finding:
    if one.fault == "runtime":
        return one
    return one._replace(fault="runtime", text=f"the runtime, not the World: {one.text}")


def _has_diverged(observed: Observed) -> bool:
    return bool(observed.two_things) or any(run.error_code in DIVERGED for run in observed.runs)
