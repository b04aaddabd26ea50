"""The compatibility matrix as pure data. Renderers read it; nothing here knows how it looks.

Rows are what was tested, columns the eight scenarios, and a cell has three marks, one a check:

============== ===================================================================================
state          meaning
============== ===================================================================================
pass           the check held, with evidence (``shoulds`` of it are notes on a green mark)
fail           a must of it is broken
inconclusive   it could not be judged: a host died, a control did not run, a failure did not repeat
not_judged     the run was going to judge it and did not get there, or it was not asked for
unsupported    the world does not offer what the scenario needs
============== ===================================================================================

A mark shows the worst state of its variants, in this order: fail, inconclusive, not judged (if it was
planned), unsupported, pass. Where several runs judged the same, the newest speaks; within one run
(its shards) the worst does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from conformance.record.file import Record
from conformance.record.lines import CHECKS, LEVELS, Check, Header, Service, Verdict
from conformance.record.safe import for_reading
from conformance.record.text import one_line
from conformance.report.queues import QueueRow, queue_rows
from conformance.spec.rules import RULES

State = Literal["pass", "fail", "inconclusive", "not_judged", "unsupported"]

#: Scenario number -> (short title of the column, what races).
SCENARIOS: Final[dict[int, tuple[str, str]]] = {
    1: ("run_started", "two handlers start one run"),
    2: ("run_completed", "two handlers complete one run"),
    3: ("run_failed", "two handlers end one run, one fails it"),
    4: ("end / suspension", "a run ends while its hooks are created"),
    5: ("wait_completed", "two handlers complete one wait"),
    6: ("step_completed", "two handlers finish one step"),
    7: ("step_started", "two handlers start one step"),
    8: ("step_created", "two handlers create one step, wait or hook"),
}
STATES: Final[tuple[State, ...]] = ("fail", "inconclusive", "not_judged", "unsupported", "pass")
_RANK: Final[dict[str, int]] = {state: rank for rank, state in enumerate(STATES)}


@dataclass(frozen=True, slots=True)
class RowKey:
    """What was tested: one row."""

    world: str
    implementation: str
    version: str
    level: str
    runtime: str

    @property
    def title(self) -> str:
        """As a person would say it: ``redis 0.2.2 · storage``."""
        name = self.world if self.implementation == "package" else f"{self.world} ({self.implementation})"
        level = f"{self.level} {self.runtime}".strip()
        return f"{name} {self.version}".strip() + f" · {level}"

    @property
    def slug(self) -> str:
        """Safe in an address and in a file name."""
        text = "-".join(
            part for part in (self.world, self.implementation, self.version, self.level, self.runtime) if part
        )
        return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-") or "row"


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and the run that came to it."""

    verdict: Verdict
    header: Header


@dataclass(slots=True)
class Mark:
    """One check of one cell: its state, and the verdicts of its variants, the worst first."""

    check: Check
    state: State = "not_judged"
    judged: list[Judged] = field(default_factory=list)
    #: variants that were planned and not judged
    missing: list[str] = field(default_factory=list)
    planned: bool = False
    #: why its failure is a known one, if a baseline says so
    known: str = ""

    @property
    def worst(self) -> Verdict | None:
        return self.judged[0].verdict if self.judged else None

    @property
    def defect(self) -> str:
        """The kind of failure (``no-guard``, ``not-atomic``, …), of the worst variant."""
        return self.worst.defect if self.worst is not None and self.state == "fail" else ""

    @property
    def notes(self) -> int:
        """How many findings did not turn it red."""
        return sum(
            len(one.verdict.shoulds) + (one.verdict.verdict == "fail" and not one.verdict.red)
            for one in self.judged
        )


@dataclass(slots=True)
class Cell:
    """One scenario on one row."""

    row: RowKey
    scenario: int
    marks: dict[Check, Mark]

    @property
    def state(self) -> State:
        return worst(mark.state for mark in self.marks.values())

    @property
    def id(self) -> str:
        return f"{self.row.slug}-{self.scenario}"


@dataclass(slots=True)
class Row:
    """One row, with what stood behind it and when it was last judged (``""``: never)."""

    key: RowKey
    cells: dict[int, Cell]
    package: str = ""
    service: Service | None = None
    header: Header | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def marks(self) -> list[Mark]:
        return [mark for cell in self.cells.values() for mark in cell.marks.values()]

    @property
    def state(self) -> State:
        return worst(mark.state for mark in self.marks if mark.judged or mark.planned)

    def count(self, state: State) -> int:
        """How many of the 24 marks are in that state."""
        return sum(mark.state == state for mark in self.marks)


@dataclass(slots=True)
class Matrix:
    """All rows, in order of world, version and level; the runs they come from, oldest first."""

    rows: list[Row]
    headers: list[Header]
    problems: list[str]
    #: what was found out about the queues of the worlds, world by world
    queues: list[QueueRow] = field(default_factory=list)

    @property
    def rules(self) -> dict[str, str]:
        """What each rule says: as this suite has it, or as the runs themselves told."""
        told = {name: text for header in self.headers for name, text in header.rules.items()}
        return {name: rule.title for name, rule in RULES.items()} | told

    @property
    def marks(self) -> list[tuple[Row, Cell, Mark]]:
        return [
            (row, cell, mark)
            for row in self.rows
            for cell in row.cells.values()
            for mark in cell.marks.values()
        ]

    @property
    def failures(self) -> list[tuple[Row, Cell, Mark]]:
        return [entry for entry in self.marks if entry[2].state == "fail"]

    def count(self, state: State) -> int:
        return sum(row.count(state) for row in self.rows)

    def row(self, slug: str) -> Row:
        return next(row for row in self.rows if row.key.slug == slug)


def worst(states: Iterable[State]) -> State:
    """The worst of some states; of none: not judged."""
    return min(states, key=_RANK.__getitem__, default="not_judged")


def state_of(verdict: Verdict) -> State:
    """What a verdict makes of its mark: a broken ``should`` leaves it green."""
    if verdict.verdict == "fail":
        return "fail" if verdict.red else "pass"
    return verdict.verdict


def build(record: Record) -> Matrix:
    """The matrix of a record. Every text in it is cleaned and bounded, so renderers need only escape."""
    rows: dict[RowKey, Row] = {}
    newest: dict[tuple[RowKey, int, Check, str], list[Judged]] = {}
    planned: dict[tuple[RowKey, int], set[str]] = {}
    headers = [for_reading(run.header) for run in record.runs]
    for run, header in zip(record.runs, headers, strict=True):
        for line in map(for_reading, run.worlds):
            plans = [(plan.level, plan.runtime or line.runtime, plan) for plan in line.planned]
            for level, runtime, plan in plans:
                key = RowKey(line.world, line.implementation, line.version, level, runtime)
                rows.setdefault(key, _empty(key))
                if 1 <= plan.scenario <= 8:
                    planned.setdefault((key, plan.scenario), set()).add(plan.variant)
        for verdict in map(for_reading, run.verdicts):
            key = RowKey(
                verdict.world, verdict.implementation, verdict.version, verdict.level, verdict.runtime
            )
            row = rows.setdefault(key, _empty(key))
            row.header = header
            place = (key, verdict.scenario, verdict.check, verdict.variant)
            before = newest.get(place, [])
            same_run = bool(before) and _run_of(before[0].header) == _run_of(header)
            newest[place] = [*before, Judged(verdict, header)] if same_run else [Judged(verdict, header)]
        for line in map(for_reading, run.worlds):
            for key, row in rows.items():
                if (key.world, key.implementation, key.version) == (
                    line.world,
                    line.implementation,
                    line.version,
                ):
                    row.package, row.service = line.package or row.package, line.service or row.service
                    row.notes = line.notes or row.notes
    for (key, scenario, check, _variant), judged in newest.items():
        rows[key].cells[scenario].marks[check].judged += judged
    for row in rows.values():
        for cell in row.cells.values():
            for mark in cell.marks.values():
                _settle(mark, planned.get((row.key, cell.scenario), set()))
    ordered = sorted(rows.values(), key=lambda row: _order(row.key))
    problems = [one_line(problem) for problem in record.problems]
    return Matrix(ordered, headers, problems, queue_rows(record.runs))


def _empty(key: RowKey) -> Row:
    return Row(key, {n: Cell(key, n, {check: Mark(check) for check in CHECKS}) for n in SCENARIOS})


def _settle(mark: Mark, planned: set[str]) -> None:
    """Order the verdicts of a mark and say its state."""
    seen = {one.verdict.variant for one in mark.judged}
    mark.planned = bool(planned)
    mark.missing = sorted(planned - seen)
    mark.judged.sort(
        key=lambda one: (_RANK[state_of(one.verdict)], not one.verdict.shoulds, one.verdict.variant)
    )
    states: list[State] = [state_of(one.verdict) for one in mark.judged]
    if mark.missing:
        states.append("not_judged")
    mark.state = worst(states)


def _run_of(header: Header) -> str:
    return header.run or header.started


def _order(key: RowKey) -> tuple[object, ...]:
    level = LEVELS.index(key.level) if key.level in LEVELS else len(LEVELS)
    stress = [
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in re.split(r"(\d+)", key.version)
        if part
    ]
    return (key.world, key.implementation, stress, level, key.runtime)
