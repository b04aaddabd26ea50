"""A verdict in a line, and what shows it again: the first thing that is said of a failure."""

from __future__ import annotations

from conformance.core.redact import shown
from conformance.core.text import one_line
from conformance.record.lines import Verdict
from conformance.report.words import again, cause_of, main_rules, tried


def verdict_line(verdict: Verdict) -> str:
    """``complete-complete: convergence fail (not-atomic) [step.terminal-once]: B's step_completed …``"""
    rules = f" [{', '.join(main_rules(verdict))}]" if verdict.rules else ""
    defect = f" ({', '.join(filter(None, (verdict.defect, cause_of(verdict))))})" if verdict.defect else ""
    depth = f", {verdict.depth}" if verdict.verdict == "pass" and verdict.depth else ""
    return shown(
        f"{verdict.variant or '-'}: {verdict.check} {verdict.verdict}{depth}{defect}{rules}: {verdict.reason}"
    )


def again_line(verdict: Verdict) -> str:
    """``20/20 times; again with: pytest …``; empty when nothing shows it again."""
    command, exact = again(verdict)
    if not command or (verdict.verdict != "fail" and not exact):
        return ""
    if not exact:
        return shown(f"look for it again (there is no schedule to replay) with: {command}")
    times = f"{tried(verdict) if verdict.replay else verdict.replayed} times"
    if verdict.replayed.endswith("/0"):
        times = "not replayed yet"
    return shown(f"{times}; again with: {command}")


def brief_reason(verdict: Verdict) -> str:
    """What is wrong, for a line that names the test already: the kind, the rule, the reason."""
    rules = ", ".join(main_rules(verdict)) if verdict.rules else verdict.check
    return shown(one_line(f"{verdict.defect or verdict.verdict} {rules}: {verdict.reason}", 400))
