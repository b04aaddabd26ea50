"""What follows from what: of the findings over one schedule, which one is the cause of another.

A call that is answered wrongly leaves a wrong entity behind; that makes a log that no replay can read, a
continuation too many, and a run that hangs. Whoever repairs the first repairs them all. Cause and consequence
may belong to different checks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.oracle.finding import Finding

#: An answer that nobody can read: its caller throws, whatever it had asked for.
_UNREADABLE: Final = "answer.shape"
#: A refusal in words that the runtime does not know fails the delivery, again and again; these may follow.
_DIALECT: Final = "error.recognised"
_OF_DIALECT: Final = frozenset(
    {
        "run.no-hang",
        "run.ends-as-control",
        "logs.error-line",
        "continuation.lost",
        "body.as-control",
    }
)
#: How far a rule is from the World's own doing: 0 is what it answers or prints (any finding with a call),
#: then what it stores, then its log. What is missing here is stored.
_DISTANCE: Final = {
    _UNREADABLE: 0,
    _DIALECT: 2,
    "log.replays": 3,
    "id.one-thing": 3,
    "logs.failed-delivery": 3,
    "continuation.twice": 4,
    "continuation.lost": 4,
    "body.after-end": 4,
    "body.as-control": 4,
    "run.no-divergence": 5,
    "run.output-agrees": 5,
    "run.ends-as-control": 5,
    "run.no-hang": 5,
    "logs.error-line": 6,
    "logs.uncaught-error": 6,
}
_STORED: Final = 1
_LOG: Final = 2
#: What holds a token that should be free, from the first to what comes of it.
_KEPT: Final = ("hook.released-at-end", "hook.token-free-at-end")
#: A claim that meets a token which is held.
_MET: Final = "hook_created hook_conflict"
#: From here on a finding is about all of its run.
_OF_THE_RUN: Final = 3
#: Whatever the world prints is its own doing, and no consequence of what it answers.
_PRINTED: Final = "world: "


def cause_of(finding: Finding, others: Iterable[Finding]) -> Finding | None:
    """The finding that this one follows from, the nearest to the World's own doing; None for a cause."""
    mine = distance(finding)
    found = [
        one
        for one in others
        if one.severity == "must" and (_keeps(one, finding) or _is_nearer(one, finding, mine))
    ]
    return min(found, key=lambda one: (not _shares_call(finding, one), distance(one)), default=None)


def distance(finding: Finding) -> int:
    """How far from the World's own doing it is, from 0."""
    if finding.rule == "logs.error-line" and finding.wrong.startswith(_PRINTED):
        return 0
    if finding.rule in _DISTANCE:
        return _DISTANCE[finding.rule]
    if finding.rule.startswith("log."):
        return _LOG
    return 0 if finding.call is not None else _STORED


def _is_nearer(one: Finding, finding: Finding, mine: int) -> bool:
    return distance(one) < mine and not _keeps(finding, one) and _may_cause(one, finding, mine)


def _keeps(cause: Finding, finding: Finding) -> bool:
    """Whether what was not released is what another call met: a hook that is alive took a payload, or its
    token was refused to another. What the call got is an answer, and yet the cause is what is stored."""
    if cause.rule not in _KEPT or finding.rule == cause.rule:
        return False
    if cause.token and cause.token == finding.token:
        return finding.wrong == _MET or (cause.rule, finding.rule) == _KEPT
    return cause.rule == _KEPT[0] and finding.about == cause.about and _is_taken_late(finding)


def _is_taken_late(finding: Finding) -> bool:
    return finding.rule in ("hook.received-alive", "hook.disposed-once") and finding.wrong.endswith(" ok")


def _may_cause(cause: Finding, finding: Finding, mine: int) -> bool:
    if cause.rule == _UNREADABLE:
        return True
    if cause.rule == _DIALECT:
        return finding.rule in _OF_DIALECT
    if cause.rule == "logs.error-line":
        return False
    if not finding.about or not cause.about:
        return mine >= _OF_THE_RUN
    if mine >= _OF_THE_RUN:
        return finding.about[0] == cause.about[0]
    return finding.about == cause.about


def _shares_call(finding: Finding, cause: Finding) -> bool:
    return cause.call is not None and cause.call in (finding.call, *finding.because)
