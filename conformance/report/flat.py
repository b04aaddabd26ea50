"""The matrix as a flat list of test results, which JUnit, CTRF and vitest's shape are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conformance.core.text import bound
from conformance.record.lines import Verdict
from conformance.record.readable_log import as_line, folded
from conformance.report.lanes import as_text, lay_out
from conformance.report.matrix import Cell, Mark, Matrix, Row
from conformance.report.words import (
    DEFECTS,
    again,
    cause_of,
    further_breaks,
    further_line,
    main_rules,
    spaced,
    tried,
)

#: What became of a test. ``known`` is a failure that a baseline declares.
#: ``not_shown`` is an ordinary run over a real queue that showed nothing, which proves nothing.
Status = Literal["passed", "failed", "known", "inconclusive", "unsupported", "not_judged", "not_shown"]
#: The longest detail of one test, in characters.
_DETAIL = 8_000


@dataclass(frozen=True, slots=True)
class Result:
    """One check of one variant: ``suite`` is the row, ``message`` one sentence, ``detail`` all there is."""

    row: Row
    cell: Cell
    mark: Mark
    suite: str
    name: str
    status: Status
    message: str
    detail: str
    seconds: float
    verdict: Verdict | None
    started: str


def flatten(matrix: Matrix) -> list[Result]:
    """A result for every verdict, and for every planned test that was not judged."""
    found: list[Result] = []
    for row, cell, mark in matrix.marks:
        name = f"{cell.title}: {mark.check}"
        for one in mark.judged:
            verdict = one.verdict
            full = f"{name} [{verdict.detail}]" if verdict.detail else name
            found.append(
                Result(
                    row, cell, mark, row.key.title, full, status_of(verdict, mark), verdict.reason,
                    story(verdict), verdict.seconds, verdict, one.header.started,
                )
            )  # fmt: skip
        for variant in mark.missing:
            full = f"{name} [{variant}]" if variant else name
            message = "planned and not judged: the run ended before"
            started = row.header.started if row.header else ""
            found.append(
                Result(row, cell, mark, row.key.title, full, "not_judged", message, "", 0.0, None, started)
            )
    return found


def status_of(verdict: Verdict, mark: Mark) -> Status:
    """What became of one verdict; a broken should is a pass with a note."""
    if verdict.red:
        return "known" if mark.known else "failed"
    if verdict.verdict in ("pass", "fail"):
        return "not_judged" if verdict.replay else "passed"
    if verdict.verdict == "not-shown":
        return "not_shown"
    return "inconclusive" if verdict.verdict == "inconclusive" else "unsupported"


def story(verdict: Verdict) -> str:
    """A verdict in plain text: what broke, of which kind, the lanes, the log, how to see it again."""
    parts = [verdict.reason]
    if verdict.verdict == "pass":
        if verdict.schedules and not verdict.replay:
            parts.append(
                f"{verdict.schedules} schedules, {verdict.distinct} distinct, {verdict.bound}".rstrip(", ")
            )
        parts += [f"note: {', '.join(note.rules)}: {note.reason}" for note in verdict.shoulds]
        return "\n".join(part for part in parts if part)
    if verdict.rules:
        cause = cause_of(verdict)
        parts.append(f"breaks {', '.join(main_rules(verdict))}{f', {cause}' if cause else ''}")
        parts += map(further_line, further_breaks(verdict))
    if verdict.defect:
        means = DEFECTS.get(verdict.defect)
        parts.append(f"{spaced(verdict.defect)}{': ' + ' '.join(means) if means else ''}")
    if verdict.shown:
        parts.append(f"shown {verdict.shown} of {verdict.runs} times")
    evidence = verdict.evidence
    if evidence is not None:
        parts += [tried(verdict)]
        if evidence.lanes:
            parts += ["", as_text(lay_out(evidence, verdict.reason))]
        if evidence.timeline:
            parts += ["", *evidence.timeline[:60]]
        if evidence.events:
            parts += ["", "event log:"]
            parts += map(as_line, folded(evidence.events)[:60])
        parts += [
            f"{error.lane} {error.op}: {error.name} {error.status or ''} {error.message}"
            for error in evidence.errors[:10]
        ]
        parts += [f"{line.lane} {line.level} [{line.origin}] {line.text}" for line in evidence.logs[:20]]
    command, exact = again(verdict)
    if command:
        parts += ["", f"{'see it again' if exact else 'look for it again'}: {command}"]
    return bound("\n".join(parts).strip(), _DETAIL)
