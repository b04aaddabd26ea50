"""What changed between two matrices: fixed, broken, new, gone.

Versions are not compared by name: ``redis 0.2.2`` against ``redis 0.2.1`` is what one wants to see. Only
where a matrix holds several versions of one world is the newest taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from conformance.core.exits import FAILED, INCONCLUSIVE, OK
from conformance.record.lines import Check
from conformance.report.judgements import DECIDED, Judgement, difference
from conformance.report.matrix import Cell, Mark, Matrix, RowKey, State

Kind = Literal["broken", "unjudged", "fixed", "changed", "new", "gone"]

#: In the order in which people want to hear of them.
KINDS: Final[tuple[Kind, ...]] = ("broken", "unjudged", "fixed", "changed", "new", "gone")
MEANING: Final[dict[Kind, str]] = {
    "broken": "held before and fails now",
    "unjudged": "was judged before and could not be now",
    "fixed": "failed before and holds now",
    "changed": "fails as before, in another way or in fewer variants",
    "new": "was not judged before",
    "gone": "was judged before and is not in the new record",
}
Place = tuple[str, str, str, str, int | str, Check]


@dataclass(frozen=True, slots=True)
class Change:
    """One mark that is not as it was. ``before`` and ``after`` are None where there was no row."""

    kind: Kind
    row: RowKey
    cell: Cell
    check: Check
    before: Mark | None
    after: Mark | None
    version_before: str = ""
    #: in a mark that fails as before: variants that held and fail now, and such that failed and hold now
    broke: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.row.title} · {self.cell.title} · {self.check}"

    @property
    def states(self) -> str:
        """``pass -> fail (not-atomic)``; in a mark that fails as before also which variants changed."""
        said = f"{_say(self.before)} -> {_say(self.after)}"
        said += f", now also {', '.join(self.broke)}" if self.broke else ""
        return said + (f", no longer {', '.join(self.held)}" if self.held else "")

    @property
    def reason(self) -> str:
        """Why it fails now, or why it failed before."""
        if self.broke and self.after is not None:
            return next(
                one.verdict.reason for one in self.after.judged if one.verdict.detail == self.broke[0]
            )
        for mark in (self.after, self.before):
            if mark is not None and mark.worst is not None and mark.state != "pass":
                return mark.worst.reason
        return ""


@dataclass(slots=True)
class Comparison:
    """All changes, and whether they should stop a merge."""

    changes: list[Change] = field(default_factory=list)

    def of(self, kind: Kind) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]

    @property
    def regressions(self) -> list[Change]:
        """What broke, and what fails where nothing was judged before."""
        return [
            change
            for change in self.changes
            if change.kind == "broken"
            or (change.kind == "new" and change.after is not None and change.after.state == "fail")
        ]

    @property
    def exit(self) -> int:
        """Clean, failed (something broke), or inconclusive (something can no longer be judged)."""
        if self.regressions:
            return FAILED
        return INCONCLUSIVE if self.of("unjudged") or self.of("gone") else OK


def compare(old: Matrix, new: Matrix) -> Comparison:
    """Every mark of ``new`` against the same of ``old``."""
    before, after = _by_place(old), _by_place(new)
    found: list[Change] = []
    for place in dict.fromkeys((*after, *before)):
        cell_old, mark_old = before.get(place, (None, None))
        cell_new, mark_new = after.get(place, (None, None))
        broke, held = _moved(mark_old, mark_new)
        kind = _kind(mark_old, mark_new, broke, held)
        if kind is None:
            continue
        cell = cell_new or cell_old
        assert cell is not None
        version = cell_old.row.version if cell_old else ""
        found.append(Change(kind, cell.row, cell, place[5], mark_old, mark_new, version, broke, held))
    return Comparison(sorted(found, key=lambda change: KINDS.index(change.kind)))


def _by_place(matrix: Matrix) -> dict[Place, tuple[Cell, Mark]]:
    """Marks by what they are about; of several versions of a world the newest (rows are in order)."""
    found: dict[Place, tuple[Cell, Mark]] = {}
    for row, cell, mark in matrix.marks:
        key = row.key
        place = (key.world, key.implementation, key.level, key.runtime, cell.subject, mark.check)
        found[place] = (cell, mark)
    return found


def _moved(old: Mark | None, new: Mark | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The variants of a mark that fails in both that broke, and those that hold now."""
    if old is None or new is None or not old.state == new.state == "fail":
        return (), ()
    was, now = ({one.verdict.detail: one.verdict for one in mark.judged} for mark in (old, new))
    both = [name for name in now if name in was]
    broke = [name for name in both if now[name].red and was[name].verdict == "pass"]
    held = [name for name in both if was[name].red and now[name].verdict == "pass"]
    return tuple(sorted(broke)), tuple(sorted(held))


def _kind(old: Mark | None, new: Mark | None, broke: Sequence[str], held: Sequence[str]) -> Kind | None:
    was, now = _state(old), _state(new)
    if broke:
        return "broken"
    if was == now:
        aspect = difference((_judgement(old), _judgement(new)))
        return "changed" if held or (now == "fail" and aspect in ("defect", "rules")) else None
    if now == "fail":
        return "broken" if was in ("pass", "inconclusive") else "new"
    if now == "pass":
        return "fixed" if was in ("fail", "inconclusive") else "new"
    if was in DECIDED:
        return "gone" if new is None else "unjudged"
    return None


def _state(mark: Mark | None) -> State:
    return "not_judged" if mark is None else mark.state


def _judgement(mark: Mark | None) -> Judgement | None:
    """The red verdicts of a mark: in which ways it fails."""
    red = tuple(one.verdict for one in (mark.judged if mark is not None else []) if one.verdict.red)
    return Judgement(red) if red else None


def _say(mark: Mark | None) -> str:
    if mark is None or (mark.state == "not_judged"):
        return "not judged"
    return f"{mark.state} ({mark.defect})" if mark.defect else mark.state
