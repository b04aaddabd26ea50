"""Which published packages break a rule, by the published record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from conformance.core.content import content
from conformance.record.file import read
from conformance.record.lines import Severity, Verdict
from conformance.report.matrix import Matrix, build
from conformance.report.words import main_rules, spaced

_RECORDS: Final = ("matrix.jsonl.gz", "runtimes.jsonl.gz")


class Broken(NamedTuple):
    """A package that breaks a rule: at which level or over which runtime, in how many checks, and how."""

    package: str
    level: str
    severity: Severity
    checks: int
    kinds: tuple[str, ...]


@cache
def published() -> Matrix:
    """The published matrix; an empty one where there is none, as in an installed package."""
    folder = content("reports") / "matrix"
    return build(read([folder / name for name in _RECORDS if (folder / name).is_file()]))


@cache
def broken() -> dict[str, list[Broken]]:
    """Who breaks each rule, by the id of the rule; packages only, in the order of the matrix."""
    found: dict[tuple[str, str, str, Severity], Counter[str]] = {}
    for row in published().rows:
        if row.key.implementation != "package":
            continue
        level = f"{row.key.level} {row.key.runtime}".strip()
        for cell in row.cells.values():
            for mark in cell.marks.values():
                for one in mark.judged:
                    for rule, severity, kind in _rules(one.verdict):
                        key = (rule, f"{row.package} {row.key.version}".strip(), level, severity)
                        found.setdefault(key, Counter())[kind] += 1
    rules: dict[str, list[Broken]] = {}
    for (rule, package, level, severity), kinds in found.items():
        named = tuple(spaced(kind) for kind, _ in kinds.most_common() if kind)
        rules.setdefault(rule, []).append(Broken(package, level, severity, kinds.total(), named))
    return rules


def _rules(verdict: Verdict) -> Iterator[tuple[str, Severity, str]]:
    if verdict.red and verdict.fault != "runtime":
        yield from ((rule, "must", verdict.defect) for rule in main_rules(verdict))
    for note in verdict.shoulds:
        yield from ((rule, "should", "") for rule in note.rules)
