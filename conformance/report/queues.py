"""How the rows about Worlds' own queues are shown: one table a World, a line for each verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from conformance.record.lines import Verdict
from conformance.report.matrix import Mark, Matrix

#: verdict -> (sign, sign where there is only ASCII, word)
SIGNS: Final[dict[str, tuple[str, str, str]]] = {
    "fail": ("✗", "X", "fails"),
    "known": ("✗", "X", "fails, as is known"),
    "note": ("!", "!", "a should is broken"),
    "inconclusive": ("?", "?", "inconclusive"),
    "pass": ("✓", "+", "holds"),
    "not-shown": ("·", ".", "nothing shown, which proves nothing"),
    "unsupported": ("○", "-", "unsupported"),
    "not_judged": ("·", ".", "planned and not judged"),
}


@dataclass(slots=True)
class QueueLine:
    """One line of a table: a verdict, or a test that was not reached. ``state`` is a key of :data:`SIGNS`."""

    state: str
    what: str
    verdict: Verdict | None = None

    @property
    def reason(self) -> str:
        """Why it is so, and why a failure is a known one."""
        return self.verdict.reason if self.verdict is not None else "the run ended before"

    @property
    def often(self) -> str:
        """``3 of 20``; empty where nothing was counted."""
        one = self.verdict
        return f"{one.shown} of {one.runs}" if one is not None and one.verdict == "fail" and one.shown else ""


@dataclass(slots=True)
class QueueTable:
    """One world in one version, and what was found out about its queue."""

    title: str
    lines: list[QueueLine] = field(default_factory=list)

    @property
    def nothing(self) -> str:
        """The one reason why nothing of it could be judged; empty when something was."""
        reasons = {line.reason for line in self.lines}
        unsupported = all(line.state == "unsupported" for line in self.lines)
        return reasons.pop() if unsupported and len(reasons) == 1 else ""

    def count(self, state: str) -> int:
        """How many lines are in that state."""
        return sum(line.state == state for line in self.lines)


def queue_tables(matrix: Matrix) -> list[QueueTable]:
    """A table for each world and version, its probes first, then the workflows on each release."""
    tables: dict[str, QueueTable] = {}
    for row in matrix.queue_rows:
        table = tables.setdefault(row.key.name, QueueTable(row.key.name))
        for cell in row.cells.values():
            for mark in cell.marks.values():
                table.lines += _lines(mark, row.key.level, cell.name, row.key.runtime)
    return list(tables.values())


def what(level: str, probe: str, runtime: str, rule: str) -> str:
    """What was judged, in a few words: the rule, or the workflow whose races were run."""
    if level == "queue":
        return rule or probe
    release = f" on {runtime}" if runtime else ""
    return f"stress {probe}{release}" + (f": {rule}" if rule else "")


def _lines(mark: Mark, level: str, probe: str, runtime: str) -> Iterator[QueueLine]:
    for one in mark.judged:
        verdict = one.verdict
        state: str = verdict.verdict
        if state == "fail":
            state = "note" if not verdict.red else "known" if mark.known else "fail"
        yield QueueLine(state, what(level, probe, runtime, ", ".join(verdict.rules)), verdict)
    for _ in mark.missing:
        yield QueueLine("not_judged", what(level, probe, runtime, ""))
