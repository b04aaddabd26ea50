"""Lines of older records, turned into those of today when they are read.

Schema 1 had a kind of line of its own for a World's queue (``queue``); it is a verdict like any other now.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from conformance.record.lines import (
    QUEUE_CHECK,
    Count,
    Evidence,
    Outcome,
    ProbeName,
    Seconds,
    Severity,
    Verdict,
)


class QueueLine(msgspec.Struct, kw_only=True, tag="queue", tag_field="kind"):
    """What a probe of a queue, or an ordinary run over it, said about one rule (schema 1)."""

    world: str
    part: Literal["queue", "natural"]
    name: ProbeName
    verdict: Outcome
    rule: str = ""
    severity: Severity = "must"
    implementation: str = "package"
    version: str = ""
    runtime: str = ""
    defect: str = ""
    reason: str = ""
    shown: Count = 0
    runs: Count = 0
    hosts: Count = 0
    seconds: Seconds = 0.0
    test: str = ""
    timeline: list[str] = []

    def as_verdict(self) -> Verdict:
        """The same as a verdict. Raises ``ValueError`` when it names nothing that was judged."""
        return Verdict(
            world=self.world,
            level=self.part,
            probe=self.name,
            check=QUEUE_CHECK,
            verdict=self.verdict,
            severity=self.severity,
            implementation=self.implementation,
            version=self.version,
            runtime=self.runtime,
            rules=[self.rule] if self.rule else [],
            defect=self.defect,
            reason=self.reason,
            shown=self.shown,
            runs=self.runs,
            hosts=self.hosts,
            seconds=self.seconds,
            test=self.test,
            evidence=Evidence(timeline=self.timeline) if self.timeline else None,
        )
