"""A failure as the text of an issue, for the people who maintain the World."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.core.text import TEXT_LIMIT, one_line
from conformance.record.lines import Evidence, Verdict
from conformance.record.readable_log import as_line, folded
from conformance.report.lanes import Source, around_window, as_text, lay_out
from conformance.report.markdown import block, code, escape
from conformance.report.matrix import Cell, Mark, Matrix, Row
from conformance.report.words import (
    DEFECTS,
    again,
    cause_of,
    further_breaks,
    further_line,
    main_rules,
    service_title,
    spaced,
)

#: What comes before a command that shows a failure again.
INSTALL: Final = "pip install '.[embedded]'  # in a clone of workflow-world-conformance"
#: How many trace entries are drawn.
_LANES = 60


def issues(matrix: Matrix) -> list[tuple[str, str]]:
    """Title and body for every failing cell: its checks in one issue, for they share a cause."""
    found: list[tuple[str, str]] = []
    for row in matrix.rows:
        for cell in row.cells.values():
            failing = [mark for mark in cell.marks.values() if mark.state == "fail"]
            if failing:
                found.append((_title(row, cell, failing), _body(row, cell, failing, matrix.rules)))
    return found


def _title(row: Row, cell: Cell, marks: list[Mark]) -> str:
    """What a consequence follows from is a kind, too: it is named by that."""
    defects = dict.fromkeys(mark.defect for mark in marks if mark.defect)
    causes = [defect for defect in defects if defect != "consequence"] or list(defects)
    kinds = ", ".join(map(spaced, causes)) or "fails"
    return one_line(f"{cell.about}: {kinds} ({row.key.title})", 160)


def _body(row: Row, cell: Cell, marks: list[Mark], rules: dict[str, str]) -> str:
    key = row.key
    what = f"{row.package or key.world} {key.version}".strip()
    on = f" on {escape(service_title(row.service))}" if row.service is not None else ""
    parts = [
        f"When {escape(cell.about)}, {code(what)}{on} does not keep to the contract of a World.",
        "",
    ]
    told: set[str] = set()
    for mark in marks:
        verdict = next(one.verdict for one in mark.judged if one.verdict.red)
        parts += [f"### {mark.check.capitalize()}", "", escape(verdict.reason, 600), ""]
        parts += [
            f"- {code(rule)}: {escape(rules.get(rule, ''), 400)}".rstrip(": ") for rule in main_rules(verdict)
        ]
        parts += [f"- {escape(further_line(one), 600)}" for one in further_breaks(verdict)]
        parts += ["", f"It {escape(cause, 300)}."] if (cause := cause_of(verdict)) else []
        if verdict.defect in DEFECTS:
            means, fix = DEFECTS[verdict.defect]
            parts += ["", f"**{escape(spaced(verdict.defect))}**: {means} {fix}"]
        evidence = verdict.evidence or Evidence()
        drawn = picture(verdict, evidence)
        if drawn and drawn not in told:
            told.add(drawn)
            parts += ["", drawn]
        parts.append("")
    parts += _again(marks, row)
    return "\n".join(parts).rstrip() + "\n"


def picture(verdict: Verdict, evidence: Evidence) -> str:
    """The lanes, where in the package, and the log."""
    lanes = lay_out(evidence, verdict.reason)
    if not lanes.items:
        return block("\n".join(evidence.timeline[:_LANES])) if evidence.timeline else ""
    kept, before, after = around_window(lanes, _LANES)
    parts = [
        f"Time goes down; `|` marks the race window. Schedule {code(evidence.schedule or 'not held')}.",
        "",
        block(as_text(kept)),
    ]
    if before or after:
        parts.append(f"({before} trace entries before these and {after} after them)")
    if lanes.sources:
        parts += ["", f"In the package: {', '.join(map(source_line, lanes.sources[:8]))}"]
    if evidence.events and not any(rule.startswith("stream.") for rule in main_rules(verdict)):
        lines = "\n".join(map(as_line, folded(evidence.events)[:60]))
        parts += ["", "The event log afterwards:", "", block(lines)]
    return "\n".join(parts)


def source_line(source: Source) -> str:
    """A source line in Markdown, with the compiled line, the helper and the callers where they are known."""
    return code(source.line) + (f" ({escape(source.beside, 300)})" if source.beside else "")


def commands(verdicts: Iterable[Verdict]) -> str:
    """What to type to see failures again, each command once."""
    lines = dict.fromkeys(again(verdict)[0] for verdict in verdicts)
    return block("\n".join([INSTALL, *(one_line(line, TEXT_LIMIT) for line in lines if line)]))


def _again(marks: list[Mark], row: Row) -> list[str]:
    shown = commands(one.verdict for mark in marks for one in mark.judged[:1] if one.verdict.red)
    header = row.header
    about = ""
    if header is not None:
        words = (f"suite {header.suite}", f"Node {header.node}" if header.node else "", header.platform)
        about = escape(", ".join(word for word in words if word))
    return ["### See it again", "", shown, "", f"Found with {about}." if about else ""]
