"""The matrix and its failures in a terminal. A pure function of the record."""

from __future__ import annotations

import json
from typing import Final

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from conformance.report.lanes import Lanes, lay_out
from conformance.report.lines import Evidence, Verdict
from conformance.report.matrix import SCENARIOS, Cell, Mark, Matrix, Row, State, build
from conformance.report.record import Record
from conformance.report.text import bound, one_line

#: state -> (mark, mark where the terminal has only ASCII, style)
_MARKS: Final[dict[str, tuple[str, str, str]]] = {
    "pass": ("✓", "+", "green"),
    "note": ("✓", "+", "yellow"),
    "fail": ("✗", "X", "bold red"),
    "inconclusive": ("?", "?", "magenta"),
    "unsupported": ("○", "-", "dim"),
    "not_judged": ("·", ".", "dim"),
}
_LANE_STYLES: Final = ("cyan", "yellow", "magenta", "green", "blue", "red")
#: How many failures are told in full unless ``verbose``.
_TOLD: Final = 10
#: Below this width the columns are numbered only, and named under the table.
_WIDE: Final = 112
#: Below this one they stand close.
_TIGHT: Final = 72
#: How the signs of the reports themselves read in a terminal that has only ASCII.
_PLAIN: Final = str.maketrans({"·": "-", "…": "...", "⚠": "!"})


def render_terminal(record: Record, console: Console, verbose: bool = False) -> None:
    """Print the matrix, then each failure: what broke, lanes, log, errors, and how to see it again.

    ``verbose`` also tells the notes (shoulds), the log lines and what was not judged, each in full.
    """
    print_matrix(build(record), console, verbose)


def print_matrix(matrix: Matrix, console: Console, verbose: bool = False) -> None:
    """The same, of a matrix that is built already (and may be held against a baseline)."""
    if (console.encoding or "").lower().startswith("utf"):
        _print(matrix, console, verbose, False)
        return
    # A terminal that cannot say all of Unicode gets what it can, and never an encoding error.
    with console.capture() as captured:
        _print(matrix, console, verbose, True)
    console.file.write(
        captured.get().translate(_PLAIN).encode(console.encoding, "replace").decode(console.encoding)
    )


def _print(matrix: Matrix, console: Console, verbose: bool, ascii_only: bool) -> None:
    console.print(_table(matrix, console.width, ascii_only))
    if console.width < _WIDE:
        console.print(Text("  ".join(f"{number} {title}" for number, (title, _) in SCENARIOS.items()), "dim"))
    console.print(_legend(ascii_only))
    failures = matrix.failures
    for place in failures if verbose else failures[:_TOLD]:
        _failure(console, place, verbose=verbose, ascii_only=ascii_only)
    if len(failures) > _TOLD and not verbose:
        console.print(
            f"… and {len(failures) - _TOLD} more failures (all are in the record; -v shows them here)"
        )
    _unjudged(console, matrix, verbose)
    if verbose:
        _notes(console, matrix)
    for problem in matrix.problems:
        console.print(Text(f"! {problem}", "yellow"))
    console.print(summary(matrix))


def summary(matrix: Matrix) -> Text:
    """One line: how many marks are in which state."""
    words: list[tuple[State, str]] = [
        ("fail", "failed"), ("inconclusive", "inconclusive"), ("unsupported", "unsupported"),
        ("not_judged", "not judged"), ("pass", "passed"),
    ]  # fmt: skip
    known = sum(bool(mark.known) for _, _, mark in matrix.marks)
    line = Text()
    for state, word in words:
        count = matrix.count(state)
        if count:
            line.append(", " if line else "").append(f"{count} {word}", _MARKS[state][2])
            if state == "fail" and known:
                line.append(f" ({known} known)", "dim")
    notes = sum(mark.notes for _, _, mark in matrix.marks)
    if notes:
        line.append(f" ({notes} with a note)", "yellow")
    return line if line else Text("nothing was judged", "yellow")


def _table(matrix: Matrix, width: int, ascii_only: bool) -> Table:
    narrow = width < _WIDE
    title = "each cell: convergence, continuation, logs"
    padding = 0 if width < _TIGHT else (0, 1)
    table = Table(title=title, title_justify="left", title_style="dim", padding=padding)
    table.add_column("world", overflow="fold", min_width=16)
    for number, (title, _) in SCENARIOS.items():
        below = "" if narrow else "\n" + title.replace("_", "\n").replace(" ", "\n", 1)
        table.add_column(f"{number}{below}", justify="center", no_wrap=True, min_width=3)
    for row in matrix.rows:
        table.add_row(Text(row.key.title), *(_marks(cell, ascii_only) for cell in row.cells.values()))
    return table


def _marks(cell: Cell, ascii_only: bool) -> Text:
    text = Text()
    for mark in cell.marks.values():
        text.append_text(_mark(mark, ascii_only))
    return text


def _mark(mark: Mark, ascii_only: bool) -> Text:
    fine, plain, style = _MARKS["note" if mark.state == "pass" and mark.notes else mark.state]
    return Text(plain if ascii_only else fine, "dim red" if mark.known else style)


def _legend(ascii_only: bool) -> Text:
    text = Text()
    names = {"pass": "pass", "note": "pass with a note", "fail": "fail", "inconclusive": "inconclusive",
             "unsupported": "unsupported", "not_judged": "not judged"}  # fmt: skip
    for state, name in names.items():
        fine, plain, style = _MARKS[state]
        text.append("  " if text else "").append(plain if ascii_only else fine, style).append(
            f" {name}", "dim"
        )
    return text


def _failure(console: Console, place: tuple[Row, Cell, Mark], *, verbose: bool, ascii_only: bool) -> None:
    row, cell, mark = place
    console.print()
    title = f"{row.key.title} · {cell.scenario} {SCENARIOS[cell.scenario][0]} · {mark.check}"
    console.print(Rule(Text(title, "bold red"), align="left", style="red"))
    told = [one.verdict for one in mark.judged if one.verdict.red]
    if mark.known:
        console.print(Text(f"known: {mark.known}", "yellow"))
    for verdict in told if verbose else told[:1]:
        for part in told_failure(verdict, verbose, ascii_only):
            # a command is never broken over lines: it is there to be copied
            console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    if len(told) > 1 and not verbose:
        others = ", ".join(verdict.variant or "(no variant)" for verdict in told[1:])
        console.print(Text(f"also broken in: {others}", "dim"))


def told_failure(verdict: Verdict, verbose: bool = False, ascii_only: bool = False) -> list[RenderableType]:
    """All there is to say of one failure, as things rich can print."""
    head = Text()
    head.append(verdict.defect or "fail", "bold red")
    if verdict.rules:
        head.append("  breaks ").append(", ".join(verdict.rules), "bold")
    if verdict.variant:
        head.append(f"  variant {verdict.variant}", "dim")
    parts: list[RenderableType] = [head, Text(one_line(verdict.reason, 600))]
    facts = _facts(verdict)
    if facts:
        parts.append(Text(facts, "dim"))
    if verdict.evidence is not None:
        parts += _evidence(verdict.evidence, verbose, ascii_only)
    return parts


def _facts(verdict: Verdict) -> str:
    facts = []
    if verdict.schedules:
        facts.append(f"found in {verdict.schedules} schedules")
    if verdict.replayed:
        facts.append(f"replayed {verdict.replayed}")
    if verdict.control:
        facts.append(f"control: {verdict.control}")
    if verdict.seconds:
        facts.append(f"{verdict.seconds:.1f} s")
    return ", ".join(facts)


def _evidence(evidence: Evidence, verbose: bool, ascii_only: bool) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if evidence.case:
        case = ", ".join(f"{key}={one_line(_brief(value), 60)}" for key, value in evidence.case.items())
        parts.append(Text(f"case {bound(case, 300)}", "dim"))
    if evidence.lanes:
        parts.append(Padding(_lanes(lay_out(evidence), ascii_only), (1, 0, 0, 0)))
    if evidence.events:
        parts.append(Padding(_log(evidence, ascii_only), (1, 0, 0, 0)))
    for error in evidence.errors[: None if verbose else 5]:
        status = f" {error.status}" if error.status is not None else ""
        parts.append(
            Text(f"{error.lane}  {error.op}: {error.name}{status}: {one_line(error.message)}", "red")
        )
    shown = evidence.logs if verbose else [line for line in evidence.logs if line.level == "error"][:5]
    for line in shown:
        text = one_line(line.text, 2_000 if verbose else 300)
        parts.append(
            Text(
                f"{line.lane}  {line.level} [{line.origin}] {text}", "red" if line.level == "error" else "dim"
            )
        )
    for name, count in evidence.dropped.items():
        parts.append(Text(f"… {count:,} more {name}", "dim"))
    if evidence.replay:
        again = Text("\nsee it again  ", "dim", no_wrap=True, overflow="ignore")
        parts.append(again.append(evidence.replay, "bold not dim"))
    return parts


def _lanes(lanes: Lanes, ascii_only: bool) -> Table:
    """The lanes as columns, one happening a row; ``┃`` at the left marks the race window."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("", width=1)
    for index, lane in enumerate(lanes.names):
        table.add_column(Text(lane, f"bold {_LANE_STYLES[index % len(_LANE_STYLES)]}"), overflow="fold")
    table.add_column("where", style="dim", overflow="fold")
    for item in lanes.items:
        place = lanes.names.index(item.lane)
        text = Text(
            one_line(item.label, 120), _LANE_STYLES[place % len(_LANE_STYLES)] if item.kind == "gate" else ""
        )
        if item.kind in ("call", "answer"):
            text.stylize("bold")
        if item.text:
            text.append(f" {one_line(item.text, 160)}", "dim" if item.kind != "answer" else "")
        cells = [Text() for _ in lanes.names]
        cells[place] = Text.assemble(_SIGNS[item.kind][ascii_only], text)
        window = (
            ("┃", "|")[ascii_only]
            if lanes.window is not None and lanes.window[0] <= item.at <= lanes.window[1]
            else ""
        )
        table.add_row(Text(window, "red"), *cells, Text(item.where or ""))
    return table


#: kind -> (sign, sign where the terminal has only ASCII)
_SIGNS: Final = {
    "call": ("→ ", "> "),
    "gate": ("• ", "* "),
    "answer": ("← ", "< "),
    "queue": ("⇢ ", "q "),
    "body": ("▶ ", "= "),
    "log": ("✎ ", "# "),
}


def _log(evidence: Evidence, ascii_only: bool) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for column in ("", "event", "about", "data"):
        table.add_column(column, header_style="dim", overflow="fold")
    for event in evidence.events:
        style = "bold red" if event.offending else ""
        data = "" if event.data is None else one_line(_brief(event.data), 120)
        table.add_row(
            Text("✗X"[ascii_only] if event.offending else "", style), Text(event.type, style),
            Text(event.correlation_id or "", style), Text(data, "dim"),
        )  # fmt: skip
    return table


def _brief(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _unjudged(console: Console, matrix: Matrix, verbose: bool) -> None:
    """Why a mark is not red and not green either: never silently."""
    found = [
        (row, cell, mark) for row, cell, mark in matrix.marks if mark.state in ("inconclusive", "unsupported")
    ]
    reasons: dict[tuple[str, str, str], list[str]] = {}
    for row, cell, mark in found:
        reason = mark.worst.reason if mark.worst is not None else ""
        reasons.setdefault((mark.state, row.key.title, one_line(reason)), []).append(
            f"{cell.scenario} {mark.check}"
        )
    if reasons:
        console.print()
    for (state, title, reason), places in reasons.items():
        where = ", ".join(places if verbose else places[:4]) + (
            " …" if len(places) > 4 and not verbose else ""
        )
        console.print(
            Text.assemble(
                (state, _MARKS[state][2]), f"  {title} · {where}: {reason or 'no reason was given'}"
            )
        )
    missing = [
        f"{row.key.title} · {cell.scenario} {mark.check}" for row, cell, mark in matrix.marks if mark.missing
    ]
    if missing:
        console.print(
            Text(
                f"{len(missing)} planned and not judged{': ' + ', '.join(missing) if verbose else ''}",
                "yellow",
            )
        )


def _notes(console: Console, matrix: Matrix) -> None:
    for row, cell, mark in matrix.marks:
        for one in mark.judged:
            notes = [(finding.rules, finding.reason) for finding in one.verdict.shoulds]
            if one.verdict.verdict == "fail" and not one.verdict.red:
                notes.append((one.verdict.rules, one.verdict.reason))
            for rules, reason in notes:
                console.print(Text.assemble(
                    ("note", "yellow"), f"  {row.key.title} · {cell.scenario} {mark.check}: ",
                    f"{', '.join(rules)}: {one_line(reason)}",
                ))  # fmt: skip
