"""One broken rule, and what broke it."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from conformance.spec.rules import RULES, Severity

CheckName = Literal["convergence", "continuation", "logs"]
CHECKS: Final[tuple[CheckName, ...]] = ("convergence", "continuation", "logs")


class Finding(NamedTuple):
    """``text`` is one sentence for people; ``call`` is ``(phase, actor, n)`` of the offending call."""

    check: CheckName
    rule: str
    text: str
    call: tuple[str, str, int] | None = None

    @property
    def severity(self) -> Severity:
        return RULES[self.rule].severity
