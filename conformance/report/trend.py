"""How a world fared over runs and versions, from one record of several runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

from conformance.record.lines import level_rank
from conformance.record.runs import Record, Run
from conformance.report.matrix import STATES, Row, RowKey, State, build


@dataclass(frozen=True, slots=True)
class Point:
    """One run of one row: how many of its marks were in which state."""

    started: str
    run: str
    version: str
    counts: dict[State, int]
    complete: bool

    @property
    def judged(self) -> int:
        return sum(self.counts[state] for state in ("pass", "fail", "inconclusive", "unsupported"))


@dataclass(slots=True)
class Series:
    """A row over time, whatever its version; the oldest run first."""

    world: str
    implementation: str
    level: str
    runtime: str
    points: list[Point] = field(default_factory=list)

    @property
    def title(self) -> str:
        return RowKey(self.world, self.implementation, "", self.level, self.runtime).title


def trend(record: Record) -> list[Series]:
    """A series for every world, implementation, level and runtime in the record."""
    found: dict[tuple[str, str, str, str], Series] = {}
    for name, group in groupby(record.runs, key=lambda run: run.name):
        runs: list[Run] = list(group)
        matrix = build(Record(runs))
        complete = all(run.complete for run in runs)
        for row in matrix.rows:
            key = row.key
            place = (key.world, key.implementation, key.level, key.runtime)
            series = found.setdefault(place, Series(*place))
            series.points.append(_point(row, name, matrix.headers[0].started, complete))
    return [found[place] for place in sorted(found, key=_order)]


def _order(place: tuple[str, str, str, str]) -> tuple[str, str, int, str]:
    world, implementation, level, runtime = place
    return world, implementation, level_rank(level), runtime


def _point(row: Row, run: str, started: str, complete: bool) -> Point:
    return Point(started, run, row.key.version, {state: row.count(state) for state in STATES}, complete)
