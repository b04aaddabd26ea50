"""The matrix and its failures in a terminal. A pure function of the record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from conformance.core.text import one_line
from conformance.report.matrix import Cell, Mark, Matrix, State
from conformance.report.queues import queue_tables
from conformance.report.queues_text import print_queues
from conformance.report.terminal_story import same_evidence, told_failure, told_note, verdict_lines

#: state -> (mark, mark where the terminal has only ASCII, style)
_MARKS: Final[dict[str, tuple[str, str, str]]] = {
    "pass": ("✓", "+", "green"),
    "note": ("n", "n", "yellow"),
    "shallow": ("◐", "~", "yellow"),
    "runtime": ("◇", "R", "yellow"),
    "fail": ("✗", "X", "bold red"),
    "known": ("x", "x", "dim red"),
    "inconclusive": ("?", "?", "magenta"),
    "unsupported": ("○", "-", "dim"),
    "not_judged": ("·", ".", "dim"),
    "not-shown": ("·", ".", "dim"),
}
#: How many failures are shown in full unless ``verbose``.
_TOLD: Final = 3
#: How many notes are.
_NOTES: Final = 5
#: Below this width the columns are numbered only, and named under the table.
_WIDE: Final = 112
#: Below this one they stand close.
_TIGHT: Final = 72
#: How the signs of the reports themselves read in a terminal that has only ASCII.
_PLAIN: Final = str.maketrans({"·": "-", "…": "..."})


def print_matrix(matrix: Matrix, console: Console, verbose: bool = False) -> None:
    """Print the matrix, then each failure: what broke, lanes, log, errors, and how to see it again.

    ``verbose`` shows all notes (shoulds), the log lines and what was not judged, each in full.
    """
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
    if matrix.scenario_rows or not matrix.rows:
        console.print(_table(matrix, console.width, ascii_only))
        if console.width < _WIDE:
            names = [Text(f"{number} {one.name}", "dim") for number, one in matrix.scenarios.items()]
            console.print(_filled(names, console.width))
        legend = _legend(ascii_only, bool(matrix.of_runtime), any(mark.known for *_, mark in matrix.marks))
        console.print(_filled(legend, console.width))
    print_queues(console, queue_tables(matrix), verbose, ascii_only)
    _failures(console, matrix, verbose, ascii_only)
    _replayed_notes(console, matrix, verbose, ascii_only)
    _unjudged(console, matrix, verbose)
    _notes(console, matrix, verbose)
    for problem in matrix.problems:
        console.print(Text(f"! {problem}", "yellow"))
    console.print(summary(matrix))


def summary(matrix: Matrix) -> Text:
    """One line: how many marks are in which state."""
    words: list[tuple[State, str]] = [
        ("fail", "failed"), ("inconclusive", "inconclusive"), ("unsupported", "unsupported"),
        ("not_judged", "not judged"), ("not-shown", "nothing shown"), ("pass", "passed"),
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
    besides = [f"{matrix.shallow} shallow"] if matrix.shallow else []
    besides += [f"{matrix.of_runtime} with a fault of the runtime"] if matrix.of_runtime else []
    besides += [f"{notes} with a note"] if notes else []
    if besides:
        line.append(f" ({', '.join(besides)})", "yellow")
    return line if line else Text("nothing was judged", "yellow")


def _table(matrix: Matrix, width: int, ascii_only: bool) -> Table:
    narrow = width < _WIDE
    title = "each cell: convergence, continuation, logs"
    padding = 0 if width < _TIGHT else (0, 1)
    table = Table(title=title, title_justify="left", title_style="dim", padding=padding)
    table.add_column("world", overflow="fold", min_width=16)
    for number, one in matrix.scenarios.items():
        below = "" if narrow else "\n" + one.name.replace("_", "\n").replace(" ", "\n", 1)
        table.add_column(Text(f"{number}{below}"), justify="center", no_wrap=True, min_width=3)
    for row in matrix.scenario_rows:
        table.add_row(Text(row.key.title), *(_marks(cell, ascii_only) for cell in row.cells.values()))
    return table


def _marks(cell: Cell, ascii_only: bool) -> Text:
    """Its marks; a dash where the scenario is not one of the level."""
    text = Text() if cell.marks else Text("-", "dim")
    for mark in cell.marks.values():
        text.append_text(_mark(mark, ascii_only))
    return text


def _mark(mark: Mark, ascii_only: bool) -> Text:
    kind = mark.shade or ("note" if mark.state == "pass" and mark.notes else mark.state)
    fine, plain, style = _MARKS["known" if mark.known else kind]
    return Text(plain if ascii_only else fine, style)


def _filled(parts: Iterable[Text], width: int) -> Text:
    """As many on a line as fit, each whole."""
    text, left = Text(), width + 2
    for part in parts:
        fits = part.cell_len + 2 <= left
        text.append(("  " if fits else "\n") if text else "").append_text(part)
        left = (left - 2 if fits else width) - part.cell_len
    return text


def _legend(ascii_only: bool, of_runtime: bool, known: bool) -> list[Text]:
    names = {"pass": "pass", "shallow": "pass, shallow", "note": "pass with a note", "fail": "fail",
             "inconclusive": "inconclusive", "unsupported": "unsupported",
             "not_judged": "not judged"}  # fmt: skip
    if known:
        names["known"] = "fail, known"
    if of_runtime:
        names["runtime"] = "pass; a run died of a fault of the runtime"
    marks = [(_MARKS[state], name) for state, name in names.items()]
    return [
        Text.assemble((plain if ascii_only else fine, style), (f" {name}", "dim"))
        for (fine, plain, style), name in marks
    ]


def _failures(console: Console, matrix: Matrix, verbose: bool, ascii_only: bool) -> None:
    """The first failures in full, the others in a line each, with how to see them again."""
    told: dict[str, str] = {}
    for number, (row, cell, mark) in enumerate(matrix.failures):
        title = f"{row.key.title} · {cell.title} · {mark.check}"
        verdicts = [one.verdict for one in mark.judged if one.verdict.red]
        if number >= _TOLD and not verbose:
            if number == _TOLD:
                console.print()
                console.print(
                    Rule(Text("more failures (in full with -v, and in the record)", "dim"), align="left")
                )
            console.print(Text(title, "red"))
            for verdict in verdicts:
                _print_parts(console, verdict_lines(verdict))
            continue
        console.print()
        console.print(Rule(Text(title, "bold red"), align="left", style="red"))
        if mark.known:
            console.print(Text(f"known: {mark.known}", "yellow"))
        for verdict in verdicts if verbose else verdicts[:1]:
            before = told.setdefault(same_evidence(verdict), mark.check)
            same_as = before if before != mark.check else ""
            _print_parts(
                console, told_failure(verdict, verbose=verbose, ascii_only=ascii_only, same_as=same_as)
            )
        if len(verdicts) > 1 and not verbose:
            console.print(Text("also broken (in full with -v):", "dim"))
            for verdict in verdicts[1:]:
                _print_parts(console, verdict_lines(verdict))


def _replayed_notes(console: Console, matrix: Matrix, verbose: bool, ascii_only: bool) -> None:
    """What one schedule shows that turns nothing red, in full: who replays it asks for its lanes."""
    told: set[str] = set()
    verdicts = [one.verdict for *_, mark in matrix.marks for one in mark.judged]
    for verdict in verdicts:
        note = next((note for note in verdict.shoulds if note.evidence is not None), None)
        if not verdict.replay or verdict.red or note is None:
            continue
        schedule = same_evidence(verdict, note.evidence)
        if schedule not in told:
            told.add(schedule)
            console.print()
            _print_parts(console, told_note(verdict, note, verbose=verbose, ascii_only=ascii_only))


def _print_parts(console: Console, parts: list[RenderableType]) -> None:
    for part in parts:
        # a command is never broken over lines: it is there to be copied
        console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))


def _unjudged(console: Console, matrix: Matrix, verbose: bool) -> None:
    """Why a mark is not red and not green either: never silently."""
    found = [
        (row, cell, mark) for row, cell, mark in matrix.marks if mark.state in ("inconclusive", "unsupported")
    ]
    reasons: dict[tuple[str, str, str], list[str]] = {}
    for row, cell, mark in found:
        reason = mark.worst.reason if mark.worst is not None else ""
        reasons.setdefault((mark.state, row.key.title, one_line(reason)), []).append(
            f"{cell.subject} {mark.check}"
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
        f"{row.key.title} · {cell.subject} {mark.check}" for row, cell, mark in matrix.marks if mark.missing
    ]
    if missing:
        console.print(
            Text(
                f"{len(missing)} planned and not judged{': ' + ', '.join(missing) if verbose else ''}",
                "yellow",
            )
        )


def _notes(console: Console, matrix: Matrix, verbose: bool) -> None:
    """What is behind the marks of a pass with a note: each once, and a few unless ``verbose``."""
    lines: dict[str, None] = {}
    for row, cell, mark in matrix.marks:
        for one in mark.judged:
            where = f"{row.key.title} · {cell.subject} {mark.check}"
            if verbose and one.verdict.shallow:
                said = f"{where} {one.verdict.variant}: {one_line(one.verdict.reason)}"
                console.print(Text.assemble(("shallow", "yellow"), f"  {said}"))
            notes = [(finding.rules, finding.reason) for finding in one.verdict.shoulds]
            if one.verdict.verdict == "fail" and not one.verdict.red:
                notes.append((one.verdict.rules, one.verdict.reason))
            lines |= dict.fromkeys(f"{where}: {', '.join(rules)}: {one_line(why)}" for rules, why in notes)
    shown = list(lines)[: None if verbose else _NOTES]
    for line in shown:
        console.print(Text.assemble(("note", "yellow"), f"  {line}"))
    if len(shown) < len(lines):
        console.print(Text(f"… {len(lines) - len(shown)} more notes with -v", "dim"))
