"""A trend as a table in a terminal, and as data."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from conformance.report.trend import Series


def trend_table(series: list[Series]) -> Table:
    """A row for each run of each world and level; what changed since the run before is coloured."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("world, level", "run", "version"):
        table.add_column(name, no_wrap=name != "world, level", min_width=16 if name == "run" else None)
    for name in ("pass", "fail", "?", "unsup.", "open"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in series:
        before: int | None = None
        for number, point in enumerate(one.points):
            failed = point.counts["fail"]
            style = "" if before is None or failed == before else "green" if failed < before else "red"
            before = failed
            table.add_row(
                Text(one.title if number == 0 else ""),
                Text(point.started[:16].replace("T", " ") + ("" if point.complete else " killed")),
                Text(point.version),
                str(point.counts["pass"]),
                Text(str(failed), style),
                *(str(point.counts[state]) for state in ("inconclusive", "unsupported", "not_judged")),
            )
    return table


def trend_data(series: list[Series]) -> list[dict[str, Any]]:
    """The series as JSON-like data."""
    return [
        {
            "world": one.world,
            "implementation": one.implementation,
            "level": one.level,
            "runtime": one.runtime,
            "points": [
                {
                    "started": point.started,
                    "run": point.run,
                    "version": point.version,
                    "complete": point.complete,
                    "counts": point.counts,
                }
                for point in one.points
            ],
        }
        for one in series
    ]
