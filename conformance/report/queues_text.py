"""The queues of the worlds in a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from conformance.record.text import one_line
from conformance.report.queues import SIGNS, QueueRow, often, state_of, what

_STYLES: Final = {
    "fail": "bold red",
    "note": "yellow",
    "inconclusive": "magenta",
    "pass": "green",
    "not-shown": "dim",
    "unsupported": "dim",
}
_MARKDOWN: Final = {
    "fail": "❌", "note": "☑️", "inconclusive": "❔", "pass": "✅", "not-shown": "➖", "unsupported": "⏭️",
}  # fmt: skip
#: Lines of a timeline that are shown unless asked for all of it.
_LINES: Final = 14
#: Timelines of one world that are shown unless asked for all.
_STORIES: Final = 1


def print_queues(console: Console, rows: list[QueueRow], verbose: bool, ascii_only: bool) -> None:
    """A table for each world, and how its failures came about."""
    for row in rows:
        if row.nothing:
            console.print(Text.assemble(("unsupported", "dim"), f"  queue of {row.title}: {row.nothing}"))
            continue
        table = Table(title=f"queue of {row.title}", title_justify="left", title_style="dim")
        table.add_column("", width=1)
        table.add_column("what", no_wrap=False)
        table.add_column("shown", no_wrap=True)
        table.add_column("", overflow="fold")
        for verdict in row.verdicts:
            state = state_of(verdict)
            sign = Text(SIGNS[state][1 if ascii_only else 0], _STYLES[state])
            reason = Text(one_line(verdict.reason, 400 if verbose else 160))
            if verdict.defect:
                reason = Text.assemble((f"{verdict.defect}: ", "bold"), reason)
            table.add_row(sign, Text(what(verdict)), Text(often(verdict)), reason)
        console.print(table)
        _print_stories(console, row, verbose)


def _print_stories(console: Console, row: QueueRow, verbose: bool) -> None:
    """What happened, for the first musts that failed; with ``verbose`` for all that failed, to the end."""
    told: list[list[str]] = []
    for verdict in row.verdicts:
        if not verdict.timeline or verdict.timeline in told:
            continue
        if not verbose and (not verdict.red or len(told) >= _STORIES):
            continue
        told.append(verdict.timeline)
        console.print(Rule(Text(f"{row.title} · {what(verdict)}", "bold red"), align="left", style="red"))
        shown = verdict.timeline if verbose else verdict.timeline[:_LINES]
        for line in shown:
            console.print(Text(one_line(line, 200)), soft_wrap=True)
        if len(shown) < len(verdict.timeline):
            console.print(Text(f"… {len(verdict.timeline) - len(shown)} more lines with -v", "dim"))


def queue_summary(rows: list[QueueRow]) -> Text:
    """One line: how many verdicts on queues are of which kind."""
    line = Text("queues: ")
    for state, (_, _, word) in SIGNS.items():
        count = sum(row.count(state) for row in rows)
        if count:
            line.append(", " if len(line) > len("queues: ") else "").append(f"{count} {word}", _STYLES[state])
    return line


def queue_words(rows: list[QueueRow]) -> str:
    """How the queues stand, in the words of a headline; empty when none was judged."""
    counts = {state: sum(row.count(state) for row in rows) for state in ("fail", "inconclusive", "pass")}
    words = {"fail": "failed", "inconclusive": "inconclusive", "pass": "passed"}
    told = ", ".join(f"{count} {words[state]}" for state, count in counts.items() if count)
    return f"queues: {told}" if told else ""


def queue_markdown(rows: list[QueueRow], escape: Callable[[str, int], str]) -> list[str]:
    """A folded table for each world; none where no queue was judged."""
    parts: list[str] = []
    for row in rows:
        if row.nothing:
            parts += [f"Queue of {escape(row.title, 80)}: not judged, {escape(row.nothing, 300)}", ""]
            continue
        failed = row.count("fail")
        said = f"{failed} fail" if failed else "nothing fails"
        parts += [
            f"<details><summary>Queue of {escape(row.title, 80)}: {said}</summary>",
            "",
            "| | what | shown | |",
            "|---|---|---|---|",
        ]
        for verdict in row.verdicts:
            cells = (_MARKDOWN[state_of(verdict)], escape(what(verdict), 120), often(verdict))
            parts.append(f"| {' | '.join(cells)} | {escape(verdict.reason, 300)} |")
        parts += ["", "</details>", ""]
    return parts
