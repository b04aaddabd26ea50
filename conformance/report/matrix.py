"""The compatibility matrix as pure data. Renderers read it; nothing here knows how it looks.

Rows are what was tested, columns the scenarios, and a cell has three marks, one a check. At levels ``queue``
and ``stress`` (a World's own queue) a cell is a probe or a workflow, and has one mark. States:

============== ===================================================================================
state          meaning
============== ===================================================================================
pass           the check held, with evidence (``shoulds`` of it are notes on a green mark)
fail           a must of it is broken
inconclusive   it could not be judged: a host died, a control did not run, a failure did not repeat
not_judged     the run was going to judge it and did not get there, or it was not asked for
unsupported    the world does not offer what the scenario needs
not-shown      ordinary runs over a real queue showed no defect, which proves nothing
============== ===================================================================================

A mark shows the worst state of its variants, in this order: fail, inconclusive, not judged (if it was
planned), unsupported, not shown, pass. Where several runs judged the same, the newest speaks; within one run
(its shards) the worst does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from conformance.core.output import file_name
from conformance.core.text import one_line
from conformance.record.lines import (
    CHECKS,
    QUEUE_CHECK,
    QUEUE_LEVELS,
    Check,
    Header,
    ScenarioName,
    Service,
    Verdict,
    WorldLine,
    level_rank,
)
from conformance.record.runs import Record
from conformance.record.safe import for_reading
from conformance.report.scenario_names import levels_of, named
from conformance.spec.rules import RULES

State = Literal["pass", "fail", "inconclusive", "not_judged", "unsupported", "not-shown"]

STATES: Final[tuple[State, ...]] = ("fail", "inconclusive", "not_judged", "unsupported", "not-shown", "pass")
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
    def name(self) -> str:
        """What was tested, at whatever level: ``redis 0.2.2``."""
        name = self.world if self.implementation == "package" else f"{self.world} ({self.implementation})"
        return f"{name} {self.version}".strip()

    @property
    def title(self) -> str:
        """As a person would say it: ``redis 0.2.2 · storage``."""
        return f"{self.name} · {f'{self.level} {self.runtime}'.strip()}"

    @property
    def slug(self) -> str:
        """Safe in an address and in a file name."""
        text = "-".join(
            part for part in (self.world, self.implementation, self.version, self.level, self.runtime) if part
        )
        return file_name(text, "row")


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
    def shallow(self) -> bool:
        """Whether it is green, and not all was tried that a pass takes."""
        return self.state == "pass" and any(one.verdict.shallow for one in self.judged)

    @property
    def of_runtime(self) -> bool:
        """Whether it is green, and a run died of a fault of the runtime, which is not the World's."""
        return self.state == "pass" and any(one.verdict.fault == "runtime" for one in self.judged)

    @property
    def shade(self) -> Literal["", "runtime", "shallow"]:
        """Which kind of green it is, where that has a sign of its own; what is worth more attention wins."""
        return "runtime" if self.of_runtime else "shallow" if self.shallow else ""

    @property
    def notes(self) -> int:
        """How many findings did not turn it red."""
        return sum(
            len(one.verdict.shoulds) + (one.verdict.verdict == "fail" and not one.verdict.red)
            for one in self.judged
        )


@dataclass(slots=True)
class Cell:
    """One scenario, or one probe of a queue, on one row. ``about`` says what races there.

    A scenario that has no variant at the level of the row has no marks.
    """

    row: RowKey
    subject: int | str
    name: str
    about: str
    marks: dict[Check, Mark]

    @property
    def scenario(self) -> int:
        """The number of the scenario; 0 for a probe."""
        return self.subject if isinstance(self.subject, int) else 0

    @property
    def probe(self) -> str:
        """The name of the probe; empty for a scenario."""
        return self.subject if isinstance(self.subject, str) else ""

    @property
    def title(self) -> str:
        """``6 step_completed``, or ``delivers``."""
        return self.name if self.probe else f"{self.subject} {self.name}"

    @property
    def state(self) -> State:
        return worst(mark.state for mark in self.marks.values())

    @property
    def id(self) -> str:
        return f"{self.row.slug}-{self.subject}"


@dataclass(slots=True)
class Row:
    """One row, with what stood behind it and when it was last judged (``""``: never)."""

    key: RowKey
    #: by the number of the scenario, or the name of the probe
    cells: dict[int | str, Cell]
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
        """How many of its marks are in that state."""
        return sum(mark.state == state for mark in self.marks)


@dataclass(slots=True)
class Matrix:
    """All rows, in order of world, version and level; the runs they come from, oldest first."""

    rows: list[Row]
    headers: list[Header]
    problems: list[str]
    #: the columns: every scenario of this suite and of the record, by its number
    scenarios: dict[int, ScenarioName]

    @property
    def scenario_rows(self) -> list[Row]:
        """The rows of the table: those whose cells are scenarios."""
        return [row for row in self.rows if row.key.level not in QUEUE_LEVELS]

    @property
    def queue_rows(self) -> list[Row]:
        """The rows about Worlds' own queues."""
        return [row for row in self.rows if row.key.level in QUEUE_LEVELS]

    @property
    def rules(self) -> dict[str, str]:
        """What each rule says: as this suite has it, or as the runs themselves recorded."""
        recorded = {name: text for header in self.headers for name, text in header.rules.items()}
        return {name: rule.title for name, rule in RULES.items()} | recorded

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

    @property
    def shallow(self) -> int:
        """How many green marks are shallow."""
        return sum(mark.shallow for _, _, mark in self.marks)

    @property
    def of_runtime(self) -> int:
        """Under how many green marks a run died of a fault of the runtime."""
        return sum(mark.of_runtime for _, _, mark in self.marks)

    def row(self, slug: str) -> Row:
        return next(row for row in self.rows if row.key.slug == slug)


def worst(states: Iterable[State]) -> State:
    """The worst of some states; of none: not judged."""
    return min(states, key=_RANK.__getitem__, default="not_judged")


def state_of(verdict: Verdict) -> State:
    """What a verdict makes of its mark: a broken ``should`` leaves it green; one schedule alone does not."""
    if verdict.replay and not verdict.red and verdict.verdict in ("pass", "fail"):
        return "not_judged"
    if verdict.verdict == "fail":
        return "fail" if verdict.red else "pass"
    return verdict.verdict


def build(record: Record) -> Matrix:
    """The matrix of a record. Every text in it is cleaned and bounded, so renderers need only escape."""
    headers = [for_reading(run.header) for run in record.runs]
    numbers = {verdict.scenario for run in record.runs for verdict in run.verdicts}
    numbers |= {plan.scenario for run in record.runs for line in run.worlds for plan in line.planned}
    made = _Rows(named(headers, numbers))
    newest: dict[_Place, list[Judged]] = {}
    planned: dict[tuple[RowKey, int | str], set[str]] = {}
    for run, header in zip(record.runs, headers, strict=True):
        lines = [for_reading(line) for line in run.worlds]
        for line in lines:
            for plan in line.planned:
                key = RowKey(
                    line.world, line.implementation, line.version, plan.level, plan.runtime or line.runtime
                )
                made.cell(key, plan.subject)
                planned.setdefault((key, plan.subject), set()).add(plan.variant)
        for verdict in map(for_reading, run.verdicts):
            key = RowKey(
                verdict.world, verdict.implementation, verdict.version, verdict.level, verdict.runtime
            )
            made.cell(key, verdict.subject)
            made.rows[key].header = header
            # The verdicts on a probe belong together: the rules that broke this time are all there are.
            place = (key, verdict.subject, verdict.check, verdict.variant)
            newest[place] = _newest(newest.get(place, []), Judged(verdict, header))
        for line in lines:
            made.describe(line)
    for (key, subject, check, _variant), judged in newest.items():
        made.rows[key].cells[subject].marks[check].judged += judged
    for row in made.rows.values():
        for cell in row.cells.values():
            for mark in cell.marks.values():
                _settle(mark, planned.get((row.key, cell.subject), set()))
    ordered = sorted(made.rows.values(), key=lambda row: _order(row.key))
    problems = [one_line(problem) for problem in record.problems]
    return Matrix(ordered, headers, problems, made.scenarios)


_Place = tuple[RowKey, int | str, Check, str]


class _Rows:
    """The rows of a matrix that is being built."""

    def __init__(self, scenarios: dict[int, ScenarioName]) -> None:
        self.scenarios = scenarios
        self.rows: dict[RowKey, Row] = {}

    def cell(self, key: RowKey, subject: int | str) -> Cell:
        """The cell at a place, made when it is new; a row of scenarios has all of them from the start."""
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = Row(key, {})
            if key.level not in QUEUE_LEVELS:
                for number, name in self.scenarios.items():
                    levels = levels_of(number)
                    has = levels is None or key.level in levels
                    marks = {check: Mark(check) for check in CHECKS if has}
                    row.cells[number] = Cell(key, number, name.name, name.about, marks)
        cell = row.cells.get(subject)
        if cell is not None and not cell.marks:
            # Another release of the suite had it at this level.
            cell.marks = {check: Mark(check) for check in CHECKS}
        if cell is None:
            about = f"real deliveries are counted ({subject})" if key.level == "queue" else ""
            about = about or f"ordinary runs of {subject} race over the World's own queue"
            marks = {QUEUE_CHECK: Mark(QUEUE_CHECK)}
            cell = row.cells[subject] = Cell(key, subject, str(subject), about, marks)
        return cell

    def describe(self, line: WorldLine) -> None:
        """Note what a world line says of its rows."""
        about = (line.world, line.implementation, line.version)
        for key, row in self.rows.items():
            if (key.world, key.implementation, key.version) == about:
                row.package, row.service = line.package or row.package, line.service or row.service
                row.notes = line.notes or row.notes


def _newest(before: list[Judged], judged: Judged) -> list[Judged]:
    """What counts of one place: all of the newest run. A search says more than a replay of what it found."""
    if judged.verdict.replay and any(not one.verdict.replay for one in before):
        return before
    kept = [one for one in before if one.verdict.replay == judged.verdict.replay]
    same_run = bool(kept) and _run_of(kept[0].header) == _run_of(judged.header)
    return [*kept, judged] if same_run else [judged]


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
    stress = [
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in re.split(r"(\d+)", key.version)
        if part
    ]
    return (key.world, key.implementation, stress, level_rank(key.level), key.runtime)
