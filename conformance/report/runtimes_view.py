"""Two releases of the runtime beside each other, in a terminal and as data."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.report.runtimes import RuntimeComparison

_STYLES: Final = {"fixed": "green", "broken": "bold red", "changed": "yellow", "unjudged": "magenta"}
_LEVELS: Final = ("error", "warn", "info", "debug")


def print_runtimes(found: RuntimeComparison, console: Console) -> None:
    """What changed in verdicts; then every log line with its level before and after."""
    console.print(
        Text(
            f"{found.before} -> {found.after} on {', '.join(found.worlds)}: {found.compared} checks with both"
        )
    )
    changes = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("", "world", "scenario", "variant", "check", "before -> after", "rules"):
        changes.add_column(name, overflow="fold")
    for change in found.changes:
        one = change.after
        cells = (one.world, found.title(one), one.variant, one.check, change.states, change.rules)
        changes.add_row(Text(change.kind, _STYLES[change.kind]), *map(Text, cells))
    console.print(changes if found.changes else "no verdict changed")
    if found.lines:
        console.print()
        console.print(_lines(found))


def runtimes_data(found: RuntimeComparison) -> dict[str, Any]:
    """The same as JSON-like data."""
    return {
        "before": found.before,
        "after": found.after,
        "worlds": found.worlds,
        "compared": found.compared,
        "changes": [
            {
                "kind": one.kind,
                "world": one.after.world,
                "scenario": one.after.scenario,
                "probe": one.after.probe,
                "variant": one.after.variant,
                "check": one.after.check,
                "before": {
                    "verdict": one.before.verdict,
                    "defect": one.before.defect,
                    "rules": one.before.rules,
                },
                "after": {"verdict": one.after.verdict, "defect": one.after.defect, "rules": one.after.rules},
            }
            for one in found.changes
        ],
        "lines": [
            {
                "origin": one.origin,
                "text": one.text,
                "before": _levels(one.before),
                "after": _levels(one.after),
                "scenarios": sorted(one.scenarios),
            }
            for one in found.lines
        ],
    }


def _lines(found: RuntimeComparison) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("log line")
    for name in ("from", "before", "after", "scenarios"):
        table.add_column(name, no_wrap=True)
    for one in found.lines:
        before, after = (", ".join(_levels(levels)) or "-" for levels in (one.before, one.after))
        style = "" if one.changed else "dim"
        where = " ".join(str(number) for number in sorted(one.scenarios))
        table.add_row(*(Text(cell, style) for cell in (one.text, one.origin, before, after, where)))
    return table


def _levels(levels: set[str]) -> list[str]:
    return sorted(levels, key=_LEVELS.index)
