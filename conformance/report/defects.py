"""The defects behind the red cells: one for each place in a package that needs a change.

Two failures are one defect when the same package, in the same version, loses a race with the same operation
at the same write. At levels with handlers several operations race; such a failure belongs to a defect that a
plainer failure has shown, if one of its operations is that one. What follows from another failure is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import msgspec

from conformance.core.output import distinct, file_name
from conformance.record.lines import Verdict, level_rank
from conformance.report.matrix import Cell, Matrix, Row
from conformance.report.signs import Window, by_line, signs, within_a_millisecond
from conformance.report.words import main_rules


@dataclass(frozen=True, slots=True)
class Place:
    """A check of a variant where a defect shows."""

    row: Row
    cell: Cell
    verdict: Verdict
    #: that of its run
    seed: int

    @property
    def readability(self) -> tuple[int, bool, bool, int]:
        """Smaller is easier to read: a low level, without faults, two actors, few entries."""
        verdict = self.verdict
        entries = len(verdict.evidence.lanes) if verdict.evidence is not None else 0
        case = verdict.evidence.case if verdict.evidence is not None else {}
        return (
            level_rank(verdict.level),
            bool(case.get("faults")),
            case.get("actors", 2) > 2,
            entries or 1 << 30,
        )

    @property
    def package(self) -> tuple[str, str, str]:
        """World, implementation and version."""
        key = self.row.key
        return key.world, key.implementation, key.version

    @property
    def name(self) -> str:
        """``6 step completed, complete-complete, convergence, storage``."""
        runtime = f" {self.row.key.runtime}" if self.row.key.runtime else ""
        parts = (self.cell.title, self.verdict.variant, self.verdict.check, f"{self.row.key.level}{runtime}")
        return ", ".join(part for part in parts if part)


@dataclass(slots=True)
class Defect:
    """A defect of one version of a package, and where it shows, the place that is easiest to read first."""

    label: str
    #: what tells it from the other defects of its package: the operation, or the words of a log line
    subject: str
    window: Window | None
    places: list[Place] = field(default_factory=list)
    #: safe as a file name, and that of no other defect: ``redis-0.2.2-step_completed-not-atomic``
    slug: str = ""
    #: what a replay saw, with the words and lines of today
    now: Verdict | None = None
    #: those that turned out to be this one
    merged: list[Defect] = field(default_factory=list)

    @property
    def first(self) -> Place:
        return self.places[0]

    @property
    def verdict(self) -> Verdict:
        """What is told of it."""
        return self.now or self.first.verdict

    @property
    def rule(self) -> str:
        """The rule that it breaks where it is easiest to read."""
        return next(iter(main_rules(self.verdict)), "")

    def seen_again(self, verdict: Verdict) -> None:
        """Tell it by what a replay saw. What kind of defect it is was found by more than one schedule."""
        self.now = verdict = msgspec.structs.replace(verdict, defect=self.label)
        sign, window = next(signs(verdict))
        self.subject, self.window = sign[1] or self.subject, window or self.window

    @property
    def rules(self) -> list[str]:
        """All rules that failures of it are about, the most frequent first."""
        counted: dict[str, int] = {self.rule: 0}
        for place in self.places:
            for rule in main_rules(place.verdict):
                counted[rule] = counted.get(rule, 0) + 1
        return sorted(counted, key=lambda rule: (rule != self.rule, -counted[rule]))

    @property
    def about(self) -> str:
        """The package and its version: ``@acme/world 0.2.2``."""
        row = self.first.row
        return f"{row.package or row.key.world} {row.key.version}".strip()

    @property
    def _words(self) -> str:
        key = self.first.row.key
        parts = (key.world, "" if key.implementation == "package" else key.implementation, key.version)
        return file_name("-".join(part for part in (*parts, self.subject, self.label) if part), "finding")


def defects(matrix: Matrix, variants: Sequence[str] = ("*",)) -> list[Defect]:
    """What is broken, by package and version in the order of the matrix; the plainest places first.
    ``variants``: patterns of names, of which one must match."""
    found: list[Defect] = []
    known: dict[tuple[str, ...], Defect] = {}
    rows = [(row.key.world, row.key.implementation, row.key.version) for row in matrix.rows]
    # A refusal that is not recognised says more than the run that ends otherwise because of it.
    # A half-done transition with a name is one that others may turn out to be.
    places = sorted(
        (one for one in _red(matrix) if any(fnmatchcase(one.verdict.variant, name) for name in variants)),
        key=lambda place: (
            "error.recognised" not in place.verdict.rules,
            place.verdict.defect == "half-done" and not next(signs(place.verdict))[0][1],
            # That a page lacks events of one millisecond follows from how they are ordered.
            place.verdict.defect != "order" and within_a_millisecond(place.verdict.evidence),
            place.readability,
        ),
    )
    for place in places:
        defect = _known(known, place.verdict, place)
        if defect is None:
            sign, window = next(signs(place.verdict))
            defect = Defect(place.verdict.defect, sign[1], window)
            found.append(defect)
            _keep(known, defect, place)
        defect.places.append(place)
    order = {package: number for number, package in reversed(list(enumerate(rows)))}
    found.sort(key=lambda one: order[one.first.package])
    name(found)
    return found


def merge(found: Iterable[Defect]) -> list[Defect]:
    """Put together what its replays show to be one defect: a record may not say the lines of each failure."""
    kept: list[Defect] = []
    known: dict[tuple[str, ...], Defect] = {}
    for defect in found:
        same = _known(known, defect.verdict, defect.first)
        if same is None:
            kept.append(defect)
            _keep(known, defect, defect.first)
        else:
            same.places += defect.places
            same.merged.append(defect)
    return kept


def name(found: Sequence[Defect]) -> None:
    """Give each a slug that no other one has."""
    for defect, slug in zip(found, distinct(one._words for one in found), strict=True):
        defect.slug = slug


def _known(known: dict[tuple[str, ...], Defect], verdict: Verdict, place: Place) -> Defect | None:
    """The defect that a failure is another sight of."""
    keys = ((*place.package, *sign) for sign, _ in signs(verdict))
    return next((known[key] for key in keys if key in known), None)


def _keep(known: dict[tuple[str, ...], Defect], defect: Defect, place: Place) -> None:
    """Know a defect by its likeliest sign, and a half-done transition by each of its writes."""
    sign, window = next(signs(defect.verdict if defect.places else place.verdict))
    further = by_line(window) if defect.label == "half-done" and window is not None else []
    for one in (sign, *further):
        known.setdefault((*place.package, *one), defect)


def _red(matrix: Matrix) -> Iterable[Place]:
    for row in matrix.rows:
        for cell in row.cells.values():
            for mark in cell.marks.values():
                for one in mark.judged:
                    verdict = one.verdict
                    follows = verdict.defect == "consequence" or (
                        verdict.broken and verdict.broken[0].follows
                    )
                    if verdict.red and verdict.fault != "runtime" and not follows:
                        yield Place(row, cell, verdict, one.header.seed)
