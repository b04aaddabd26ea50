"""What is printed when the tests are over: the matrix and the failures."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from conformance.core.text import one_line
from conformance.plugin.failures import print_short, verdicts_of
from conformance.plugin.session import Session
from conformance.record.file import Record, Run, Verdict
from conformance.report.baseline import judge
from conformance.report.matrix import build
from conformance.report.racemap import world_maps
from conformance.report.racemap_text import print_maps
from conformance.report.terminal import print_matrix
from conformance.report.verdict_line import verdict_line


def print_summary(session: Session, run: Run, cut_short: str, reporter: Any, failed: list[Any]) -> None:
    """Write the terminal report of ``run`` through pytest's own terminal writer.

    ``cut_short``: why its file ends before it does, if so. ``failed``: reports of tests that pytest does not
    print.
    """
    writer = reporter._tw
    record = Record([run])
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=max(60, writer.fullwidth),
        force_terminal=bool(writer.hasmarkup),
        no_color=not writer.hasmarkup,
        legacy_windows=False,
        markup=False,
    )
    matrix = build(record)
    gate = judge(matrix, session.baseline)
    if session.race_map and not session.replays:
        print_maps(world_maps(matrix), console, verbose=reporter.verbosity > 0)
    else:
        print_matrix(matrix, console, verbose=reporter.verbosity > 0)
    for line in _failed_but_not_red(session, failed):
        console.print(line, markup=False, soft_wrap=True)
    for line in _replayed(run.verdicts):
        console.print(line, markup=False, soft_wrap=True)
    for entry in gate.fixed:
        console.print(f"known, and passes now: {entry.title} ({entry.reason}): take it out of the baseline")
    for entry in gate.expired:
        console.print(f"known until {entry.until}, and still broken: {entry.title} ({entry.reason})")
    reporter.section("worlds")
    reporter.write(buffer.getvalue())
    path = session.config.option.world_record
    if path is not None:
        reporter.write_line(f"record: {path}" + (f" ({cut_short})" if cut_short else ""))
    print_short(session, failed, reporter)


def _failed_but_not_red(session: Session, failed: list[Any]) -> list[str]:
    """Verdicts that the matrix shows as passed, and that fail their test: too shallow, or a broken should."""
    found = [one for report in failed for one in verdicts_of(report)]
    quiet = [one for one in found if one.verdict in ("pass", "fail") and not one.red]
    return [verdict_line(one) for one in quiet if session.bad(one)]


def _replayed(verdicts: list[Verdict]) -> list[str]:
    """A line for each replay that did not fail: the matrix has no mark for one schedule."""
    quiet: dict[tuple[str, str], list[str]] = {}
    for one in verdicts:
        if one.replay and not one.red:
            quiet.setdefault((one.test, one_line(one.reason)), []).append(one.check)
    return [f"{test}: {', '.join(checks)}: {reason}" for (test, reason), checks in quiet.items()]
