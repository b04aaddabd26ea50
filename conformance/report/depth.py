"""How deep the verdicts of a record were searched: a row for each world and level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Final

from conformance.record.lines import Verdict
from conformance.report.matrix import Matrix, RowKey

_HEADS: Final = (
    "world", "variants", "gates, median (max)", "conflicts both ways", "orders", "deep", "pass", "shallow",
    "found after, median (90 %)", "with three actors", "schedules", "seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DepthRow:
    """One world at one level, or all of them (then ``key`` is None).

    ``gates`` are operations in the longest schedule of each variant. ``found_after`` says for every red
    verdict that two actors show how many schedules were run until its rule broke, ``crowded`` says it of
    those that take three.
    """

    key: RowKey | None
    gates: list[int]
    conflicts: int
    both_ways: int
    orders: int
    depths: Counter[str]
    found_after: list[int]
    crowded: list[int]
    schedules: int
    seconds: float


def depth_rows(matrix: Matrix) -> list[DepthRow]:
    """Every row of a matrix whose verdicts say how deep they were searched."""
    found = []
    for row in matrix.rows:
        verdicts = [one.verdict for mark in row.marks for one in mark.judged if _raced(one.verdict)]
        if verdicts:
            found.append(_row(row.key, verdicts))
    return found


def _raced(verdict: Verdict) -> bool:
    """Whether its depth is about conflicts: with faults it is about places, and one caller alone has none."""
    return bool(verdict.depth) and verdict.orders > 0 and not verdict.places


def _row(key: RowKey, verdicts: list[Verdict]) -> DepthRow:
    # The three checks of a variant come of one search.
    searches = list({(one.scenario, one.variant): one for one in verdicts}.values())
    return DepthRow(
        key,
        [one.gates for one in searches],
        sum(one.conflicts for one in searches),
        sum(one.both_ways for one in searches),
        sum(one.orders for one in searches),
        Counter(one.depth for one in searches),
        _found(verdicts, crowded=False),
        _found(verdicts, crowded=True),
        sum(one.schedules for one in searches),
        sum(one.seconds for one in searches),
    )


def _found(verdicts: Iterable[Verdict], *, crowded: bool) -> list[int]:
    red = [one for one in verdicts if one.red and one.found_after >= 0]
    return sorted(one.found_after for one in red if (_actors(one) > 2) == crowded)


def _actors(verdict: Verdict) -> int:
    """How many actors show the failure: those of its smallest case."""
    actors = verdict.evidence.case.get("actors") if verdict.evidence is not None else None
    return actors if isinstance(actors, int) else 2


def depth_markdown(rows: Sequence[DepthRow]) -> str:
    """The rows as a Markdown table, the last for all of them."""
    rows = [*rows, _total(rows)] if len(rows) > 1 else rows
    lines = [f"| {' | '.join(_HEADS)} |", f"|---|{'---:|' * (len(_HEADS) - 1)}"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def _total(rows: Sequence[DepthRow]) -> DepthRow:
    """All rows in one."""
    return DepthRow(
        None,
        [gates for row in rows for gates in row.gates],
        sum(row.conflicts for row in rows),
        sum(row.both_ways for row in rows),
        sum(row.orders for row in rows),
        sum((row.depths for row in rows), Counter()),
        sorted(after for row in rows for after in row.found_after),
        sorted(after for row in rows for after in row.crowded),
        sum(row.schedules for row in rows),
        sum(row.seconds for row in rows),
    )


def _after(found: Sequence[int]) -> str:
    """Of sorted numbers the median, and the one that nine of ten do not exceed."""
    return f"{median(found):g} ({found[ceil(0.9 * len(found)) - 1]})" if found else ""


def _cells(row: DepthRow) -> list[str]:
    # A name comes from outside: nothing in it may end its cell.
    title = "all" if row.key is None else row.key.title.replace("|", "\u2502").replace("<", "&lt;")
    return [
        title,
        str(len(row.gates)),
        f"{median(row.gates):g} ({max(row.gates)})",
        f"{row.both_ways}/{row.conflicts}",
        str(row.orders),
        *(str(row.depths[depth]) for depth in ("deep", "pass", "shallow")),
        _after(row.found_after),
        _after(row.crowded),
        str(row.schedules),
        f"{row.seconds:.0f}",
    ]
