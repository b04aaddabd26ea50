"""What follows from what: of the findings over one schedule, which one is the cause of another.

A call that is answered wrongly leaves a wrong entity behind; that makes a log that no replay can read, a
continuation too many, and a run that hangs. Whoever repairs the first repairs them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.oracle.finding import Finding

#: How far a rule is from the World's own doing: 0 is what it answers (any finding with a call), then what it
#: stores, then its log. What is missing here is stored.
_DISTANCE: Final = {
    "log.replays": 3,
    "continuation.twice": 4,
    "continuation.lost": 4,
    "body.after-end": 4,
    "body.as-control": 4,
    "run.ends-as-control": 5,
    "run.no-hang": 5,
    "logs.failed-delivery": 6,
    "logs.error-line": 6,
    "logs.uncaught-error": 6,
}
_STORED: Final = 1
_LOG: Final = 2
#: From here on a finding is about all of its run.
_OF_THE_RUN: Final = 3


def cause_of(finding: Finding, others: Iterable[Finding]) -> Finding | None:
    """The finding that this one follows from, the nearest to the World's own doing; None for a cause."""
    mine = distance(finding)
    found = [
        one
        for one in others
        if one.severity == "must" and distance(one) < min(mine, _OF_THE_RUN) and _is_about_one(finding, one)
    ]
    return min(found, key=distance, default=None)


def distance(finding: Finding) -> int:
    """How far from the World's own doing it is, from 0."""
    if finding.rule in _DISTANCE:
        return _DISTANCE[finding.rule]
    if finding.rule.startswith("log."):
        return _LOG
    return 0 if finding.call is not None else _STORED


def _is_about_one(finding: Finding, cause: Finding) -> bool:
    if not finding.about or not cause.about:
        return distance(finding) >= _OF_THE_RUN
    if distance(finding) >= _OF_THE_RUN:
        return finding.about[0] == cause.about[0]
    return finding.about == cause.about
