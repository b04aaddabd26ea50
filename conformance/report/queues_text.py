"""The queues of the worlds in a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.core.text import one_line
from conformance.report.queues import SIGNS, QueueTable

_STYLES: Final = {
    "fail": "bold red",
    "known": "dim red",
    "note": "yellow",
    "inconclusive": "magenta",
    "pass": "green",
    "not-shown": "dim",
    "unsupported": "dim",
    "not_judged": "dim",
}
_MARKDOWN: Final = {
    "fail": "❌", "known": "☑️", "note": "✅", "inconclusive": "❔", "pass": "✅", "not-shown": "➖",
    "unsupported": "⏭️", "not_judged": "⬜",
}  # fmt: skip


def print_queues(console: Console, tables: list[QueueTable], verbose: bool, ascii_only: bool) -> None:
    """A table for each world; its failures are shown with all others."""
    for one in tables:
        if one.nothing:
            console.print(Text.assemble(("unsupported", "dim"), f"  queue of {one.title}: {one.nothing}"))
            continue
        table = Table(title=Text(f"queue of {one.title}", "dim"), title_justify="left")
        table.add_column("", width=1)
        table.add_column("what", no_wrap=False)
        table.add_column("shown", no_wrap=True)
        table.add_column("", overflow="fold")
        for line in one.lines:
            sign = Text(SIGNS[line.state][1 if ascii_only else 0], _STYLES[line.state])
            reason = Text(one_line(line.reason, 400 if verbose else 160))
            if line.verdict is not None and line.verdict.defect:
                reason = Text.assemble((f"{line.verdict.defect}: ", "bold"), reason)
            table.add_row(sign, Text(line.what), Text(line.often), reason)
        console.print(table)


def queue_markdown(tables: list[QueueTable], escape: Callable[[str, int], str]) -> list[str]:
    """A folded table for each world; none where no queue was judged."""
    parts: list[str] = []
    for one in tables:
        if one.nothing:
            parts += [f"Queue of {escape(one.title, 80)}: not judged, {escape(one.nothing, 300)}", ""]
            continue
        failed, known = one.count("fail"), one.count("known")
        said = f"{failed} fail" if failed else f"{known} known to fail" if known else "nothing fails"
        parts += [
            f"<details><summary>Queue of {escape(one.title, 80)}: {said}</summary>",
            "",
            "| | what | shown | |",
            "|---|---|---|---|",
        ]
        for line in one.lines:
            cells = (_MARKDOWN[line.state], escape(line.what, 120), line.often)
            parts.append(f"| {' | '.join(cells)} | {escape(line.reason, 300)} |")
        parts += ["", "</details>", ""]
    return parts
