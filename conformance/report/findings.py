"""The defects behind the red cells: one page for each, however many cells it reddens, and an index.

Two failures are one defect when the same package, in the same version, breaks the same rule in the same way
(the label of the verdict). What follows from another failure has no page: it goes when that one is fixed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from conformance.core.output import file_name
from conformance.core.text import one_line
from conformance.record.lines import Verdict, level_rank
from conformance.report.issue import commands, picture
from conformance.report.markdown import code, escape
from conformance.report.matrix import Cell, Matrix, Row
from conformance.report.words import DEFECTS, main_rules, service_title, spaced, tried

#: So many of the places where a defect shows are listed.
_PLACES: Final = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A check of a variant where the defect shows."""

    row: Row
    cell: Cell
    verdict: Verdict
    #: that of its run
    seed: int

    @property
    def readability(self) -> tuple[int, bool, int]:
        """Smaller is easier to read: a low level, without faults, few entries."""
        evidence = self.verdict.evidence
        entries = len(evidence.lanes) if evidence is not None else 0
        return level_rank(self.verdict.level), "+faults" in self.verdict.variant, entries or 1 << 30

    @property
    def name(self) -> str:
        """``6 step completed, complete-complete, convergence, storage``."""
        runtime = f" {self.row.key.runtime}" if self.row.key.runtime else ""
        parts = (self.cell.title, self.verdict.variant, self.verdict.check, f"{self.row.key.level}{runtime}")
        return ", ".join(part for part in parts if part)


@dataclass(slots=True)
class Defect:
    """A defect of one version of a package, and where it shows, the place that is easiest to read first."""

    rule: str
    label: str
    places: list[Place] = field(default_factory=list)

    @property
    def first(self) -> Place:
        return self.places[0]

    @property
    def about(self) -> str:
        """The package and its version: ``@acme/world 0.2.2``."""
        row = self.first.row
        return f"{row.package or row.key.world} {row.key.version}".strip()

    @property
    def slug(self) -> str:
        """Safe as a file name: ``redis-0.2.2-step.terminal-once-not-atomic``."""
        key = self.first.row.key
        parts = (key.world, "" if key.implementation == "package" else key.implementation, key.version)
        return file_name("-".join(part for part in (*parts, self.rule, self.label) if part), "finding")


def defects(matrix: Matrix) -> list[Defect]:
    """What is broken, by package and version in the order of the matrix."""
    found: dict[tuple[str, str, str, str, str], Defect] = {}
    for place in _red(matrix):
        row, verdict = place.row, place.verdict
        if verdict.defect == "consequence" or (verdict.broken and verdict.broken[0].follows):
            continue
        rule = next(iter(main_rules(verdict)), "")
        key = (row.key.world, row.key.implementation, row.key.version, rule, verdict.defect)
        defect = found.setdefault(key, Defect(rule, verdict.defect))
        defect.places.append(place)
    for defect in found.values():
        defect.places.sort(key=lambda place: place.readability)
    return list(found.values())


def _red(matrix: Matrix) -> Iterable[Place]:
    for row in matrix.rows:
        for cell in row.cells.values():
            for mark in cell.marks.values():
                for verdict, header in ((one.verdict, one.header) for one in mark.judged):
                    if verdict.red and verdict.fault != "runtime":
                        yield Place(row, cell, verdict, header.seed)


def page(defect: Defect, rules: dict[str, str], *, script: str = "") -> str:
    """The page of a defect in Markdown; it can be filed as an issue as it is. ``script``: the file, beside
    the page, that shows it without this suite."""
    place = defect.first
    row, verdict = place.row, place.verdict
    on = f" on {escape(service_title(row.service))}" if row.service is not None else ""
    means, fix = DEFECTS.get(defect.label, ("", ""))
    evidence = verdict.evidence
    parts = [
        f"# {escape(title(defect, rules))}",
        "",
        f"{code(defect.about)}{on}, when {escape(place.cell.about)}. {escape(verdict.reason, 600)}.",
        "",
        f"- The rule: {code(defect.rule)}, {escape(rules.get(defect.rule, ''), 400)}.",
        f"- The kind of defect: **{escape(spaced(defect.label))}**. {means}" if means else "",
        f"- {escape(tried(verdict).capitalize())}." if tried(verdict) else "",
        "",
        "## What happens",
        "",
        picture(verdict, evidence) if evidence is not None else "",
        "",
        "## How to fix it",
        "",
        fix or "The rule says what must hold; the lanes show which call breaks it.",
        "",
        "## See it again",
        "",
        *_again(place, script),
        "",
        "## Where it shows",
        "",
        *(f"- {escape(one.name)}" for one in defect.places[:_PLACES]),
        f"- and {len(defect.places) - _PLACES} more" if len(defect.places) > _PLACES else "",
    ]
    lines = "\n".join(parts)
    while "\n\n\n" in lines:
        lines = lines.replace("\n\n\n", "\n\n")
    return lines.rstrip() + "\n"


def _again(place: Place, script: str) -> list[str]:
    found = [commands([place.verdict])]
    if script:
        found += ["", f"Without this suite, with only the package: {code(f'node {script}')} (exit status 1)."]
    return found


def title(defect: Defect, rules: dict[str, str]) -> str:
    """``redis 0.2.2 breaks “a step ends once” (not atomic)``."""
    label = f" ({spaced(defect.label)})" if defect.label else ""
    return one_line(
        f"{defect.first.row.key.name} breaks “{rules.get(defect.rule) or defect.rule}”{label}", 200
    )


def index(found: list[Defect], rules: dict[str, str], scripts: dict[str, str]) -> str:
    """The table of all defects. ``scripts``: the file that shows a defect without this suite, by slug."""
    lines = [
        "# Findings",
        "",
        "Each page is one defect of a package: the schedule that shows it, where in the package it is, how",
        "to fix it, and how to see it again. A row counts the checks that it makes red. What only follows",
        "from another failure has no page.",
        "",
        "| package | rule that breaks | kind | red checks | without this suite |",
        "|---|---|---|---:|---|",
    ]
    for defect in found:
        script = scripts.get(defect.slug, "")
        lines.append(
            f"| {code(defect.about)} | [{escape(rules.get(defect.rule) or defect.rule)}]({defect.slug}.md) "
            f"| {escape(spaced(defect.label))} | {len(defect.places)} "
            f"| {f'[script]({script})' if script else ''} |"
        )
    return "\n".join(lines) + "\n"
