"""What a probe or a stress race says about one rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from conformance.spec.rules import RULES, Severity

#: ``not-shown``: a stress race that showed no defect, which proves nothing.
QueueOutcome = Literal["pass", "fail", "inconclusive", "unsupported", "not-shown"]
#: Lines of the timeline that a finding keeps.
KEPT: Final = 60


@dataclass(slots=True)
class QueueFinding:
    """``reason`` is one sentence with what was counted and the bound it was judged by.

    ``shown`` of ``runs``: how often the defect was seen, and how often it was looked for (messages,
    keys, workflow runs). ``rule`` is empty for a stress race that showed nothing.
    """

    rule: str
    outcome: QueueOutcome
    reason: str
    shown: int = 0
    runs: int = 0
    #: how many processes took part
    hosts: int = 0
    defect: str = ""
    #: what happened, line by line, for a failure
    timeline: list[str] = field(default_factory=list)

    @property
    def severity(self) -> Severity:
        return RULES[self.rule].severity if self.rule else "must"


def counted(rule: str, runs: int, bad: list[str], good: str, *, hosts: int) -> QueueFinding:
    """Pass or fail: ``bad`` says what went wrong, once for each time; ``good`` what held when nothing did."""
    if runs == 0:
        return QueueFinding(rule, "inconclusive", "nothing came to where this is judged", hosts=hosts)
    if not bad:
        return QueueFinding(rule, "pass", good, 0, runs, hosts)
    return QueueFinding(rule, "fail", f"{len(bad)} of {runs}: {bad[0]}", len(bad), runs, hosts)
