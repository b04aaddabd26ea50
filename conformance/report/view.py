"""What the HTML page shows, as data: groups of rows, cells, marks, and the story of each verdict.

Nothing here escapes or formats; the templates do. How much of each evidence is told is bounded by
:class:`Limits`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import msgspec

from conformance.core.text import clean, one_line
from conformance.record.lines import Evidence, FindingLine, Verdict
from conformance.record.readable_log import ReadLine, folded
from conformance.report.compare import Change
from conformance.report.lanes import around_window, as_text, lay_out
from conformance.report.matrix import STATES, Cell, Judged, Mark, Matrix, Row
from conformance.report.svg import Drawing, draw
from conformance.report.words import STATE_WORDS, spaced

_NPM_NAME: Final = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
_WHERE: Final = re.compile(r"(?P<path>[\w./@+-]+):(?P<line>\d+)")
#: How many places in the package are named for one failure.
_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of each evidence is told: entries of its lists, characters of a text.

    ``variants``: each variant that is red has its lanes; else the first of a mark.
    """

    lanes: int
    events: int
    errors: int
    logs: int
    text: int
    variants: bool = False

    def without_lanes(self) -> Limits:
        """For the further variants of a mark: the first one is drawn, these are in words only."""
        return Limits(0, self.events, self.errors, self.logs, self.text)


@dataclass(frozen=True, slots=True)
class Story:
    """One verdict with its evidence, ready to be told. ``same_as``: told already, under that check."""

    verdict: Verdict
    #: source lines of the package, each with an address of it and what else is known of it
    where: list[tuple[str, str, str]] = field(default_factory=list)
    more_where: int = 0
    drawing: Drawing | None = None
    text: str = ""
    evidence: Evidence = field(default_factory=Evidence)
    events: list[ReadLine] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    same_as: str = ""
    case: str = ""
    #: the faults of the schedule: ``B: killed after HSET run:1``
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MarkView:
    mark: Mark
    kind: str
    label: str
    disagree: bool
    change: str
    rules: list[str]
    stories: list[Story]
    notes: list[tuple[FindingLine, str]]


@dataclass(frozen=True, slots=True)
class CellView:
    id: str
    cell: Cell
    title: str
    about: str
    marks: list[MarkView]
    caption: str
    more: int
    previous: str
    following: str

    @property
    def failing(self) -> bool:
        return self.cell.state == "fail"

    @property
    def told(self) -> list[MarkView]:
        """The marks in the order in which they are told: what failed comes first."""
        return sorted(self.marks, key=lambda view: STATES.index(view.mark.state))


@dataclass(frozen=True, slots=True)
class RowView:
    row: Row
    cells: list[CellView]


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one world, implementation and version."""

    title: str
    version: str
    row: Row
    rows: list[RowView]

    def changed(self, kind: str) -> int:
        """How many marks are broken or fixed since the run before."""
        return sum(mark.change == kind for row in self.rows for cell in row.cells for mark in cell.marks)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What is the same for all cells of a page."""

    limits: Limits
    #: the addresses of all failing cells, in order
    failing: list[str]
    #: scenario and check that some rows pass and others fail
    split: set[tuple[int, str]]
    changed: dict[tuple[Any, ...], Change]


def groups_of(matrix: Matrix, changes: list[Change], limits: Limits) -> list[Group]:
    """The rows as the page groups them."""
    ids = _ids(matrix)
    order = [cell for row in matrix.scenario_rows for cell in row.cells.values()]
    setting = _Setting(
        limits,
        [ids[id(cell)] for cell in order if cell.state == "fail"],
        _disagreements(matrix),
        {(change.row, change.cell.subject, change.check): change for change in changes},
    )
    groups: dict[tuple[str, str, str], Group] = {}
    for row in matrix.scenario_rows:
        key = row.key
        name = key.world if key.implementation == "package" else f"{key.world} ({key.implementation})"
        place = (key.world, key.implementation, key.version)
        group = groups.setdefault(place, Group(name, key.version, row, []))
        cells = [_cell(row, cell, ids[id(cell)], setting) for cell in row.cells.values()]
        group.rows.append(RowView(row, cells))
    return list(groups.values())


def _ids(matrix: Matrix) -> dict[int, str]:
    """An address for each cell; two rows whose names differ only in odd characters get different ones."""
    used: dict[str, int] = {}
    found: dict[int, str] = {}
    for row in matrix.scenario_rows:
        slug = row.key.slug
        used[slug] = used.get(slug, 0) + 1
        for cell in row.cells.values():
            found[id(cell)] = f"{slug}{'' if used[slug] == 1 else f'~{used[slug]}'}-{cell.scenario}"
    return found


def _disagreements(matrix: Matrix) -> set[tuple[int, str]]:
    """Scenario and check that some rows pass and others fail."""
    seen: dict[tuple[int, str], set[str]] = {}
    for _, cell, mark in matrix.marks:
        if mark.state in ("pass", "fail"):
            seen.setdefault((cell.scenario, mark.check), set()).add(mark.state)
    return {place for place, states in seen.items() if len(states) > 1}


def _cell(row: Row, cell: Cell, name: str, setting: _Setting) -> CellView:
    told: dict[str, str] = {}
    # Stories are made in the order in which they are told, so that "as under …" points upwards.
    in_order = sorted(cell.marks.values(), key=lambda mark: STATES.index(mark.state))
    views = {mark.check: _mark(row, cell, mark, setting, told) for mark in in_order}
    marks = [views[check] for check in cell.marks]
    failing = setting.failing
    kinds = list(dict.fromkeys(view.kind for view in marks if view.kind))
    place = failing.index(name) if name in failing else -1
    return CellView(
        name,
        cell,
        cell.name,
        cell.about,
        marks,
        kinds[0] if kinds else "",
        max(0, len(kinds) - 1),
        failing[place - 1] if place > 0 else "",
        failing[place + 1] if 0 <= place < len(failing) - 1 else "",
    )


def _mark(row: Row, cell: Cell, mark: Mark, setting: _Setting, told: dict[str, str]) -> MarkView:
    """``told`` holds what was told under an earlier check of this cell, by what it is."""
    change = setting.changed.get((row.key, cell.subject, mark.check))
    changed = change.kind if change is not None and change.kind in ("broken", "fixed") else ""
    kind = spaced(mark.defect) or (mark.state if mark.state in ("inconclusive", "unsupported") else "")
    if mark.state == "fail" and not kind:
        kind = "fail"
    if mark.of_runtime:
        kind = "the runtime's fault"
    label = f"{mark.check}: {STATE_WORDS[mark.state]}"
    if mark.defect:
        label += f", {spaced(mark.defect)}"
    if mark.known:
        label += ", known"
    if mark.of_runtime:
        label += ", a run died of a fault of the runtime"
    if mark.shallow:
        label += ", shallow"
    if mark.notes:
        label += f", {mark.notes} note{'s' if mark.notes > 1 else ''}"
    if changed:
        label += f", {changed} since the run before"
    stories: list[Story] = []
    for one in mark.judged:
        drawn = setting.limits.variants or not stories
        limits = setting.limits if drawn else setting.limits.without_lanes()
        stories.append(story_of(row, one, mark.check, told, limits))
    notes = [
        (finding, one.verdict.variant)
        for one in mark.judged
        for finding in [*one.verdict.shoulds, *_as_finding(one.verdict)]
    ]
    rules = sorted({rule for one in mark.judged for rule in rules_of(one.verdict)})
    disagree = mark.state in ("pass", "fail") and (cell.scenario, mark.check) in setting.split
    return MarkView(mark, kind, label, disagree, changed, rules, stories, notes)


def _as_finding(verdict: Verdict) -> list[FindingLine]:
    """A broken should is a note on a green mark."""
    if verdict.verdict != "fail" or verdict.red:
        return []
    return [
        FindingLine(
            rules=verdict.rules, reason=verdict.reason, defect=verdict.defect, evidence=verdict.evidence
        )
    ]


def rules_of(verdict: Verdict) -> list[str]:
    """The rules a verdict names, those of its notes among them."""
    return [*verdict.rules, *(rule for finding in verdict.shoulds for rule in finding.rules)]


def story_of(row: Row, judged: Judged, check: str, told: dict[str, str], limits: Limits) -> Story:
    """A verdict with its evidence. ``told``: what was told before on this page, and under which heading."""
    verdict, evidence = judged.verdict, judged.verdict.evidence
    if evidence is None or not verdict.red:
        return Story(verdict)
    lanes = lay_out(evidence, verdict.reason)
    what = json.dumps(
        [evidence.case, evidence.schedule, [item.label for item in evidence.lanes]], default=str
    )
    same_as = told.setdefault(what, check)
    drawn = same_as == check and bool(lanes.items) and limits.lanes > 0
    kept, before, after = around_window(lanes, limits.lanes) if drawn else (lanes, 0, 0)
    shown, left_out = _bounded(evidence, limits)
    if before or after:
        left_out.insert(0, f"{before + after:,} trace entries")
    case = json.dumps(evidence.case, ensure_ascii=False, default=str) if evidence.case else ""
    return Story(
        verdict,
        where=[(one.line, _source(row, one.published), one.beside) for one in lanes.sources[:_PLACES]],
        more_where=max(0, len(lanes.places) - _PLACES),
        drawing=draw(kept, before) if drawn else None,
        text=as_text(kept) if drawn else "",
        evidence=shown,
        events=folded(shown.events),
        left_out=left_out,
        same_as="" if same_as == check else same_as,
        case=clean(case, limits.text),
        faults=[
            one_line(f"{item.lane}: {item.label} {item.text}", limits.text)
            for item in lanes.items
            if item.kind == "fault"
        ],
    )


def _bounded(evidence: Evidence, limits: Limits) -> tuple[Evidence, list[str]]:
    """The evidence within the limits, and what was left out, as people say it."""
    dropped = dict(evidence.dropped)

    def keep(name: str, entries: list[Any], limit: int) -> list[Any]:
        worst = sorted(range(len(entries)), key=lambda index: (_weight(entries[index]), index))[:limit]
        if len(entries) > limit:
            dropped[name] = dropped.get(name, 0) + len(entries) - limit
        return [entries[index] for index in sorted(worst)]

    shown = Evidence(
        schedule=clean(evidence.schedule, 300),
        replay=evidence.replay,
        events=keep("events", evidence.events, limits.events),
        errors=[
            msgspec.structs.replace(line, message=clean(line.message, limits.text))
            for line in keep("errors", evidence.errors, limits.errors)
        ],
        logs=[
            msgspec.structs.replace(line, text=clean(line.text, limits.text))
            for line in keep("logs", evidence.logs, limits.logs)
        ],
    )
    return shown, [f"{count:,} {name}" for name, count in dropped.items()]


def _weight(entry: Any) -> int:
    return 0 if getattr(entry, "offending", False) or getattr(entry, "level", "") == "error" else 1


def _source(row: Row, place: str) -> str:
    """An address of the published source line, where the package is a published one."""
    match = _WHERE.fullmatch(place)
    if row.key.implementation != "package" or match is None or not _NPM_NAME.fullmatch(row.package):
        return ""
    if ".." in place or not row.key.version:
        return ""
    path = quote(match["path"].removeprefix("./"))
    return f"https://app.unpkg.com/{row.package}@{quote(row.key.version)}/files/{path}#L{match['line']}"
