"""Markdown for a GitHub step summary (the whole matrix) and a pull-request comment (what changed first).

Text from outside is escaped so that it neither formats, links nor mentions anyone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from conformance.core.text import TEXT_LIMIT, bound, one_line
from conformance.record.lines import CHECKS
from conformance.report.baseline import Gate
from conformance.report.compare import MEANING, Change, Comparison, Kind
from conformance.report.lanes import as_text, lay_out
from conformance.report.matrix import Cell, Mark, Matrix, Row, State
from conformance.report.queues import queue_tables
from conformance.report.queues_text import queue_markdown
from conformance.report.words import (
    STATE_WORDS,
    again,
    cause_of,
    further_breaks,
    further_line,
    main_rules,
    rule_help,
    searched,
    spaced,
    tried,
)

#: GitHub refuses a comment of more than 65,536 characters, and a step summary of more than 1 MiB.
COMMENT_LIMIT: Final = 60_000
SUMMARY_LIMIT: Final = 900_000
#: How a comment is found again, to be updated in place.
MARKER: Final = "<!-- world-conformance -->"
_SHADES: Final = {"shallow": "🟡", "runtime": "🔷"}
_SIGNS: Final[dict[State, str]] = {
    "pass": "✅", "fail": "❌", "inconclusive": "❔", "unsupported": "⏭️", "not_judged": "⬜",
    "not-shown": "➖",
}  # fmt: skip
_KINDS: Final[tuple[Kind, ...]] = ("broken", "unjudged", "fixed", "changed", "new", "gone")


def escape(text: str, limit: int = 300) -> str:
    """``text`` in one line, as Markdown that shows it and does nothing else."""
    text = one_line(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_\[\]#|~$])", r"\\\1", text)
    # No mention, no reference and no bare link: a joiner that is not seen breaks the word.
    text = re.sub(r"@(?=\w)", "@\u2060", text)
    return re.sub(r"(?i)\b(https?|ftp|www)(?=[:.])", "\\1\u2060", text)


def code(text: str, limit: int = 300) -> str:
    """``text`` as a code span that its own backticks cannot end, safe in a table."""
    text = one_line(text, limit).replace("|", "\u2502")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def block(text: str, limit: int = 6_000) -> str:
    """``text`` as a fenced block."""
    text = bound(text, limit)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def render_summary(
    matrix: Matrix,
    *,
    gate: Gate | None = None,
    comparison: Comparison | None = None,
    title: str = "World conformance",
) -> str:
    """The whole matrix, then every failure folded away, as far as there is room."""
    parts = [f"## {escape(title)}", "", _headline(matrix, gate), ""]
    parts += _problems(matrix)
    if comparison is not None:
        parts += _changes(comparison, 40)
    parts += [*_table(matrix), "", _legend(), "", *_notes(matrix)]
    parts += queue_markdown(queue_tables(matrix), escape)
    parts += _gate(gate)
    size = sum(len(part) + 1 for part in parts)
    left = 0
    for place in matrix.failures:
        told = _failure(*place)
        size += len(told) + 1
        if size > SUMMARY_LIMIT:
            left += 1
        else:
            parts.append(told)
    if left:
        parts.append(f"… and {left} more failures: all are in the record.")
    parts += _unjudged(matrix)
    parts += ["", _about(matrix)]
    return "\n".join(parts).rstrip() + "\n"


def render_table(matrix: Matrix) -> str:
    """The matrix alone, with what stood behind it."""
    parts = [_headline(matrix, None), "", *_problems(matrix), *_table(matrix), "", _legend(), ""]
    parts += [*_notes(matrix), *queue_markdown(queue_tables(matrix), escape)]
    return "\n".join([*parts, _about(matrix)]).rstrip() + "\n"


def render_marks(matrix: Matrix) -> str:
    """The marks alone, for a page that says the rest: what the README shows."""
    return "\n".join([*_table(matrix, kinds=False), "", _legend(), "", _about(matrix)])


def _notes(matrix: Matrix) -> list[str]:
    """What is to be known of each world, once."""
    notes = {
        f"{row.key.world} {row.key.version}".strip(): " ".join(row.notes) for row in matrix.rows if row.notes
    }
    found = [f"- **{escape(name)}**: {escape(text)}" for name, text in notes.items()]
    return [*found, ""] if found else []


def render_comment(
    matrix: Matrix, *, gate: Gate | None = None, comparison: Comparison | None = None, link: str = ""
) -> str:
    """What changed, then the matrix folded away: small enough to be read."""
    parts = [MARKER, f"### World conformance: {_headline(matrix, gate)}", ""]
    parts += _problems(matrix)
    if comparison is not None:
        parts += _changes(comparison, 15) or ["Nothing changed since the run before.", ""]
    parts += _gate(gate)
    if comparison is None:
        failures = matrix.failures
        parts += [f"- {_one(place)}" for place in failures[:10]]
        if len(failures) > 10:
            parts.append(f"- … and {len(failures) - 10} more")
        parts += [""] if failures else []
    parts += [
        "<details><summary>The matrix</summary>",
        "",
        *_table(matrix),
        "",
        _legend(),
        "",
        "</details>",
        "",
        *queue_markdown(queue_tables(matrix), escape),
    ]
    if re.fullmatch(r"https://[^\s()<>\"]+", link):
        parts += [f"[The whole report]({link})", ""]
    parts.append(_about(matrix))
    return bound("\n".join(parts).rstrip(), COMMENT_LIMIT) + "\n"


def _headline(matrix: Matrix, gate: Gate | None) -> str:
    counts = {state: matrix.count(state) for state in ("fail", "inconclusive", "pass")}
    known = len(gate.known) if gate is not None else 0
    fresh = counts["fail"] - known
    if not any(counts.values()):
        return (
            "nothing was shown, which proves nothing" if matrix.count("not-shown") else "nothing was judged"
        )
    words = []
    if fresh:
        words.append(f"**{fresh} failed**")
    if known:
        words.append(f"{known} known to fail")
    if counts["inconclusive"]:
        words.append(f"{counts['inconclusive']} inconclusive")
    shallow = f" ({matrix.shallow} shallow)" if matrix.shallow else ""
    words.append(f"{counts['pass']} passed{shallow}")
    sign = "❌" if fresh else "❔" if counts["inconclusive"] else "✅"
    return f"{sign} {', '.join(words)}"


def _table(matrix: Matrix, *, kinds: bool = True) -> list[str]:
    """The rows of packages, then those of references; ``kinds``: a red cell names its kinds of defect."""
    rows = matrix.scenario_rows
    if not rows:
        return [] if matrix.rows else ["_Nothing was judged._"]
    references = [row for row in rows if row.key.implementation == "reference"]
    packages = [row for row in rows if row.key.implementation != "reference"]
    if not (packages and references):
        return _rows(matrix, rows, kinds)
    words = "References, which this suite ships. They are not the packages of these names:"
    return [*_rows(matrix, packages, kinds), "", words, "", *_rows(matrix, references, kinds)]


def _rows(matrix: Matrix, rows: Iterable[Row], kinds: bool) -> list[str]:
    heads = [f"{number} {escape(one.name.replace('_', ' '), 40)}" for number, one in matrix.scenarios.items()]
    lines = [f"| world | {' | '.join(heads)} |", f"|---|{':---:|' * len(heads)}"]
    for row in rows:
        cells = [_cell(cell, kinds) for cell in row.cells.values()]
        lines.append(f"| {escape(row.key.title, 80)} | {' | '.join(cells)} |")
    return lines


def _cell(cell: Cell, with_kinds: bool) -> str:
    if not cell.marks:  # the scenario is not one of the level
        return "–"
    marks = "".join(_sign(mark) for mark in cell.marks.values())
    if not with_kinds:
        return marks
    kinds = dict.fromkeys(spaced(mark.defect) for mark in cell.marks.values() if mark.defect)
    return marks + (f"<br>{escape(', '.join(kinds), 60)}" if kinds else "")


def _sign(mark: Mark) -> str:
    return "☑️" if mark.known else _SHADES[mark.shade] if mark.shade else _SIGNS[mark.state]


def _legend() -> str:
    shown = [state for state in _SIGNS if state != "not-shown"]  # no cell of a scenario is in that state
    states = " ".join(f"{_SIGNS[state]} {STATE_WORDS[state]}" for state in shown)
    died = "a run died of a fault of the runtime"
    besides = f"{_SHADES['shallow']} passed, shallow {_SHADES['runtime']} passed, {died}"
    return f"<sub>Each cell: {', '.join(CHECKS)}. {states} {besides} ☑️ known to fail</sub>"


def _problems(matrix: Matrix) -> list[str]:
    return [f"> ⚠️ {escape(problem)}\n" for problem in matrix.problems[:10]]


def _changes(comparison: Comparison, limit: int) -> list[str]:
    parts: list[str] = []
    for kind in _KINDS:
        changes = comparison.of(kind)
        if kind in ("new", "gone"):
            parts += _by_row(kind, changes)
            continue
        if changes:
            parts += [f"**{len(changes)} {kind}** ({MEANING[kind]})", ""]
            parts += [_change(change) for change in changes[:limit]]
            parts += [f"- … and {len(changes) - limit} more"] if len(changes) > limit else []
            parts.append("")
    return parts


def _by_row(kind: Kind, changes: list[Change]) -> list[str]:
    """New and gone marks come by the row: one line each."""
    rows: dict[str, list[Change]] = {}
    for change in changes:
        rows.setdefault(change.row.title, []).append(change)
    if not rows:
        return []
    lines = []
    for title, found in rows.items():
        failing = sum(change.after is not None and change.after.state == "fail" for change in found)
        lines.append(f"- {escape(title)}: {len(found)} marks{f', {failing} of them fail' if failing else ''}")
    return [f"**{kind}** ({MEANING[kind]})", "", *lines, ""]


def _change(change: Change) -> str:
    reason = f": {escape(change.reason, 200)}" if change.kind != "fixed" and change.reason else ""
    was = change.version_before
    version = f" (was {escape(was)})" if was and was != change.row.version else ""
    return f"- {escape(change.title)}{version}, {escape(change.states)}{reason}"


def _gate(gate: Gate | None) -> list[str]:
    if gate is None:
        return []
    parts = [f"- known failure past its day: {escape(e.title)} (until {e.until})" for e in gate.expired]
    parts += [f"- known failure that passes now, take it out: {escape(e.title)}" for e in gate.fixed]
    parts += [f"- known failure that matches nothing: {escape(e.title)}" for e in gate.unused]
    return [*parts, ""] if parts else []


def _one(place: tuple[Row, Cell, Mark]) -> str:
    row, cell, mark = place
    reason = mark.worst.reason if mark.worst is not None else ""
    known = " _(known)_" if mark.known else ""
    title = f"{row.key.title} · {cell.title} · {mark.check}"
    return f"{escape(title)}{known}: **{escape(spaced(mark.defect) or 'fail')}**, {escape(reason)}"


def _failure(row: Row, cell: Cell, mark: Mark) -> str:
    title = f"{row.key.title} · {cell.title} · {mark.check}"
    parts = [f"<details><summary>❌ {escape(title)}: {escape(spaced(mark.defect) or 'fail')}</summary>", ""]
    for verdict in (one.verdict for one in mark.judged if one.verdict.red):
        variant = f" ({code(verdict.variant)})" if verdict.variant else ""
        parts += [f"{escape(verdict.reason, 600)}{variant}", ""]
        if mark.known:
            parts += [f"Known: {escape(mark.known)}", ""]
        if verdict.rules:
            cause = f"; {escape(cause_of(verdict), 300)}" if cause_of(verdict) else ""
            also = (
                f"; in generated cases also {', '.join(map(code, verdict.also[:10]))}" if verdict.also else ""
            )
            parts += [
                f"Breaks {', '.join(code(rule) for rule in main_rules(verdict)[:10])}{also}{cause}.",
                "",
            ]
            helps = [code(found) for rule in main_rules(verdict)[:10] if (found := rule_help(rule))]
            parts += [f"What it means, and how to fix it: {', '.join(helps)}.", ""] if helps else []
            parts += [f"- {escape(further_line(one), 600)}" for one in further_breaks(verdict)[:10]]
            parts += [""] if verdict.broken[1:] else []
        facts = "; ".join(filter(None, (tried(verdict), searched(verdict))))
        parts += [f"{escape(facts[:1].upper() + facts[1:])}.", ""] if facts else []
        evidence = verdict.evidence
        if evidence is not None and evidence.timeline:
            parts += [block("\n".join(evidence.timeline[:60])), ""]
        if evidence is not None and evidence.lanes:
            parts += [block(as_text(lay_out(evidence, verdict.reason))), ""]
        command, exact = again(verdict)
        if command:
            parts += [
                "See it again:" if exact else "Look for it again:",
                "",
                block(one_line(command, TEXT_LIMIT)),
                "",
            ]
    return "\n".join([*parts, "</details>"])


def _unjudged(matrix: Matrix) -> list[str]:
    reasons: dict[str, int] = {}
    for row, _, mark in matrix.marks:
        if mark.state in ("inconclusive", "unsupported") and mark.worst is not None:
            text = f"{row.key.title}, {STATE_WORDS[mark.state]}: {mark.worst.reason}"
            reasons[text] = reasons.get(text, 0) + 1
    missing = sum(bool(mark.missing) for _, _, mark in matrix.marks)
    lines = [f"- {escape(text)} ({count} marks)" for text, count in list(reasons.items())[:20]]
    if missing:
        lines.append(f"- {missing} marks were planned and not judged")
    return ["", "**Not judged, and why**", "", *lines] if lines else []


def _about(matrix: Matrix) -> str:
    if not matrix.headers:
        return "<sub>No run in this record.</sub>"
    last = matrix.headers[-1]
    budgets = dict.fromkeys(header.budget for header in matrix.headers if header.budget)
    words: Iterable[str] = (
        f"suite {last.suite}", last.started, f"Node {last.node}" if last.node else "",
        f"Python {last.python}" if last.python else "", last.platform, ", ".join(budgets),
        f"seed {last.seed}" if last.seed else "",
    )  # fmt: skip
    return f"<sub>{escape(' · '.join(word for word in words if word))}</sub>"
