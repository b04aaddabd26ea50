"""A sweep as a table in a terminal, as sentences, and as data."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.record.lines import level_rank
from conformance.report.sweep import RuleHistory, Standing, Sweep

_MARKS: Final[dict[Standing, tuple[str, str, str]]] = {
    "broken": ("✗", "X", "bold red"),
    "holds": ("✓", "+", "green"),
    "masked": ("~", "~", "yellow"),
    "unknown": ("?", "?", "magenta"),
}
_LEGEND: Final[dict[Standing, str]] = {
    "broken": "broken",
    "holds": "holds",
    "masked": "not seen, its check fails in another way",
    "unknown": "unknown: could not be judged",
}


def print_sweep(found: Sweep, console: Console) -> None:
    """The table rule x version, a sentence a rule, and why what is unknown is unknown."""
    plain = not (console.encoding or "").lower().startswith("utf")
    if found.rules:
        console.print(_table(found, console.width, plain))
        console.print(_legend(found, plain))
        for one in found.rules:
            console.print(Text(f"{one.rule}{_at(one)}: {one.sentence}"), soft_wrap=True)
    elif not found.inconclusive:
        console.print(Text(f"no rule breaks in any of {len(found.versions)} versions of {found.world}"))
    for version, reasons in found.inconclusive.items():
        for reason in reasons:
            console.print(Text(f"? {found.world} {version}: {reason}", "magenta"), soft_wrap=True)


def sweep_data(found: Sweep) -> dict[str, Any]:
    """The sweep as JSON-like data."""
    return {
        "world": found.world,
        "versions": found.versions,
        "rules": [
            {
                "rule": one.rule,
                "severity": one.severity,
                "where": [{"level": level, "scenario": subject} for level, subject in one.where],
                "standings": one.standings,
                "sentence": one.sentence,
            }
            for one in found.rules
        ],
        "inconclusive": found.inconclusive,
    }


def _table(found: Sweep, width: int, plain: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("rule", no_wrap=True)
    table.add_column("scenarios", no_wrap=True)
    titles = [_title(one) for one in found.rules]
    places = [_where(one) for one in found.rules]
    taken = max(map(len, titles)) + max(len("scenarios"), *map(len, places)) + 4
    # Versions that do not fit beside each other are numbered, and named under the table.
    numbered = taken + sum(len(version) + 2 for version in found.versions) > width
    for number, version in enumerate(found.versions, 1):
        table.add_column(Text(str(number) if numbered else version), justify="center", no_wrap=True)
    for one, title, place in zip(found.rules, titles, places, strict=True):
        marks = [_MARKS[one.standings[version]] for version in found.versions]
        table.add_row(Text(title), Text(place), *(Text(mark[plain], mark[2]) for mark in marks))
    if numbered:
        names = "  ".join(f"{number} {version}" for number, version in enumerate(found.versions, 1))
        table.caption, table.caption_justify = Text(names), "left"
    return table


def _legend(found: Sweep, plain: bool) -> Text:
    seen = {standing for one in found.rules for standing in one.standings.values()}
    shown = [f"{mark[plain]} {_LEGEND[standing]}" for standing, mark in _MARKS.items() if standing in seen]
    return Text("  ".join(shown) + "\n", "dim")


def _title(one: RuleHistory) -> str:
    return one.rule if one.severity == "must" else f"{one.rule} (should)"


def _where(one: RuleHistory) -> str:
    """The numbers of its scenarios: ``6 7``."""
    return " ".join(
        dict.fromkeys(str(subject) for _, subject in sorted(one.where, key=lambda at: str(at[1]).zfill(4)))
    )


def _at(one: RuleHistory) -> str:
    """`` (storage 6 7; handlers 6)`` when it breaks at several levels, else nothing."""
    by_level: dict[str, list[str]] = {}
    for level, number in one.where:
        by_level.setdefault(level, []).append(str(number))
    if len(by_level) < 2:
        return ""
    levels = sorted(by_level, key=level_rank)
    return " (" + "; ".join(f"{level} {' '.join(by_level[level])}" for level in levels) + ")"
