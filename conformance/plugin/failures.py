"""Failures are printed once: with the matrix, and not by pytest before it."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from conformance.plugin.recorder import from_report
from conformance.plugin.session import Session
from conformance.record.file import Verdict
from conformance.report.verdict_line import brief_reason


class PrintedOnce:
    """A pytest plugin object: what the report of the worlds tells is left out of pytest's own sections."""

    def __init__(self, session: Session) -> None:
        self._session = session
        #: the reports that were left out
        self.failed: list[Any] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, Any, Any]:
        """Around the sections of pytest; the report of the worlds is printed inside."""
        failed = list(terminalreporter.stats.get("failed", ()))
        others = [report for report in failed if not verdicts_of(report)]
        if self._session.is_worker or self._session.race_map or self._session.queues or failed == others:
            return (yield)
        self.failed = [report for report in failed if report not in others]
        terminalreporter.stats["failed"] = others
        try:
            return (yield)
        finally:
            terminalreporter.stats["failed"] = failed


def print_short(session: Session, reports: list[Any], reporter: Any) -> None:
    """``FAILED test - reason`` for each of these tests, the reason whole: a log may be 80 columns wide."""
    lines = []
    for report in reports:
        bad = [verdict for verdict in verdicts_of(report) if session.bad(verdict)]
        if bad:
            more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
            lines.append(f"FAILED {report.nodeid} - {brief_reason(bad[0])}{more}")
    if lines and "f" in reporter.reportchars:
        reporter.write_sep("=", "short test summary info", cyan=True, bold=True)
        for line in lines:
            reporter.write_line(line)


def verdicts_of(report: Any) -> list[Verdict]:
    """What a test of ours found, from its report; nothing from that of another test."""
    return from_report(getattr(report, "world_verdicts", ()))
