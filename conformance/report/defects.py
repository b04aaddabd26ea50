"""The defects behind the red cells: one for each place in a package that needs a change.

Two failures are one defect when the same package, in the same version, loses a race with the same operation
at the same write. At levels with handlers several operations race; such a failure belongs to a defect that a
plainer failure has shown, if one of its operations is that one. What follows from another failure is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from conformance.core.output import distinct, file_name
from conformance.record.lines import Evidence, LaneItem, Verdict, level_rank
from conformance.report.lanes import Lanes, Span, lay_out
from conformance.report.matrix import Cell, Matrix, Row
from conformance.report.words import main_rules

#: Labels of operations that only read, for records whose lanes do not say what an operation does.
_READ: Final = re.compile(
    r"(?i)(readFile|readdir|access|stat|lstat|[HZ]?GET(ALL)?|MGET|SELECT|BEGIN|find|aggregate|[ZL]RANGE\w*|EXISTS"
    r"|SMEMBERS|HMGET|ZSCORE)\b"
)
_RACES: Final = frozenset({"no-guard", "not-atomic", "stored-wrong", "lost", "order"})


class Window(NamedTuple):
    """Where a race was lost: the look that went stale, the write of another caller, and the write that relied
    on the look. ``operation`` and ``other`` are the calls that made them, such as ``step_completed``."""

    operation: str
    look: LaneItem | None
    other: str
    between: LaneItem | None
    write: LaneItem | None

    @property
    def line(self) -> str:
        """``file:line`` of the write that relied on the look."""
        return (self.write.where or "") if self.write is not None else ""


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
        """Tell it by what a replay saw."""
        self.now = verdict
        _, window = next(_signs(verdict))
        self.window = window or self.window

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


def defects(matrix: Matrix) -> list[Defect]:
    """What is broken, by package and version in the order of the matrix; the plainest places first."""
    found: list[Defect] = []
    known: dict[tuple[str, ...], Defect] = {}
    rows = [(row.key.world, row.key.implementation, row.key.version) for row in matrix.rows]
    # A refusal that is not recognised says more than the run that ends otherwise because of it.
    places = sorted(
        _red(matrix), key=lambda place: ("error.recognised" not in place.verdict.rules, place.readability)
    )
    for place in places:
        verdict = place.verdict
        package = (place.row.key.world, place.row.key.implementation, place.row.key.version)
        signs = list(_signs(verdict))
        defect = next((known[(*package, *sign)] for sign, _ in signs if (*package, *sign) in known), None)
        if defect is None:
            sign, window = signs[0]
            defect = Defect(verdict.defect, sign[1], window)
            known[(*package, *sign)] = defect
            found.append(defect)
        defect.places.append(place)
    order = {package: number for number, package in reversed(list(enumerate(rows)))}
    found.sort(key=lambda one: order[_package(one)])
    for defect, slug in zip(found, distinct(one._words for one in found), strict=True):
        defect.slug = slug
    return found


def _package(defect: Defect) -> tuple[str, str, str]:
    key = defect.first.row.key
    return key.world, key.implementation, key.version


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


def _signs(verdict: Verdict) -> Iterator[tuple[tuple[str, ...], Window | None]]:
    """What a failure may have in common with another one of its defect, the likeliest first."""
    label = verdict.defect
    if label == "dialect":
        yield (label, "errors"), None
        return
    evidence = verdict.evidence or Evidence()
    if label == "half-done":
        window = _half_done(evidence)
        yield (label, window.operation, window.line), window
        return
    if label not in _RACES:
        yield (label, verdict.variant.removesuffix("+faults")), None
        return
    windows = list(_windows(verdict, evidence))
    for window in windows:
        yield ("race", window.operation, window.line), window
    if not windows:
        yield ("race", next(iter(main_rules(verdict)), ""), ""), None


def _half_done(evidence: Evidence) -> Window:
    """Between which writes of which call the fault came."""
    fault, before, after = _around_fault(evidence)
    if fault is None:
        return Window("", None, "", None, None)
    made, missing = [list(filter(_writes, gates)) for gates in (before, after)]
    span = _around(lay_out(evidence), fault)
    operation = span.label.partition(" ")[0] if span is not None else ""
    return Window(operation, None, "", made[-1] if made else None, missing[0] if missing else None)


def died(evidence: Evidence) -> tuple[LaneItem | None, LaneItem | None]:
    """The last write that was made before a fault, and the one that it kept from being made, if known."""
    fault, before, after = _around_fault(evidence)
    if fault is None:
        return None, None
    last = next(filter(_writes, before[::-1]), None)
    coming = next(filter(_writes, after[:1]), None)
    if fault.label.partition(":")[0] in ("die", "lose"):
        return coming or last, None
    return last, coming


def _around_fault(evidence: Evidence) -> tuple[LaneItem | None, list[LaneItem], list[LaneItem]]:
    """The first fault, if there is one, and the gates of its actor before it and after it."""
    fault = next((item for item in evidence.lanes if item.kind == "fault"), None)
    if fault is None:
        return None, [], []
    mine = [item for item in evidence.lanes if item.lane == fault.lane and item.kind == "gate"]
    before = [item for item in mine if item.at < fault.at]
    return fault, before, [item for item in mine if item.at > fault.at]


def _around(lanes: Lanes, item: LaneItem) -> Span | None:
    """The call of a lane that was under way at an item."""
    return next(
        (one for one in lanes.spans if one.lane == item.lane and one.start <= item.at <= one.end), None
    )


def _writes(item: LaneItem) -> bool:
    if item.kind != "gate":
        return False
    return item.access != "read" if item.access else not _READ.match(item.label)


def _windows(verdict: Verdict, evidence: Evidence) -> Iterator[Window]:
    """The races that a history may have lost: that of the call which the failure is about first."""
    lanes = lay_out(evidence, verdict.reason)
    offending = verdict.broken[0].calls if verdict.broken else []
    spans = [span for span in lanes.spans if span.lane != "-" and _event(span)]
    spans.sort(key=lambda span: (span.start not in offending[:1], not _named(span, verdict), -span.end))
    for span in spans:
        others = [
            one for one in spans if one.lane != span.lane and one.start < span.end and one.end > span.start
        ]
        yield from (window for one in others if (window := _lost(evidence, span, one)) is not None)
    alone = [span for span in spans if span.start in offending[:1] or _named(span, verdict)]
    family = next(iter(main_rules(verdict)), "").partition(".")[0]
    last = [span for span in spans[::-1] if span.label.startswith(f"{family}_")]
    for span in (alone or last or spans)[:1]:
        yield _alone(evidence, span)


def _event(span: Span) -> bool:
    """Whether a call is one that makes an event."""
    return "." not in span.label.partition(" ")[0]


def _named(span: Span, verdict: Verdict) -> bool:
    return f"{span.lane}'s {span.label}" in verdict.reason


def _gates(evidence: Evidence, span: Span) -> list[LaneItem]:
    return [
        item for item in evidence.lanes
        if item.kind == "gate" and item.lane == span.lane and span.start <= item.at <= span.end
    ]  # fmt: skip


def _lost(evidence: Evidence, loser: Span, winner: Span) -> Window | None:
    """The window, where a call wrote something after another one had written what it saw."""
    mine, theirs = _gates(evidence, loser), _gates(evidence, winner)
    for write in (item for item in mine if _writes(item)):
        for between in (
            item for item in theirs if _writes(item) and item.at < write.at and _share(item, write)
        ):
            looks = [item for item in mine if item.at < between.at]
            shared = [item for item in looks if _share(item, between)] or looks
            if shared:
                names = loser.label.partition(" ")[0], winner.label.partition(" ")[0]
                return Window(names[0], shared[-1], names[1], between, write)
    return None


def _alone(evidence: Evidence, span: Span) -> Window:
    """A call that is wrong with no other one beside it: its look and its write."""
    mine = _gates(evidence, span)
    write = next((item for item in mine if _writes(item)), None)
    look = next((item for item in mine if not _writes(item)), None)
    return Window(span.label.partition(" ")[0], look, "", None, write)


def _share(one: LaneItem, other: LaneItem) -> bool:
    """Whether two operations name a thing in common: a key, a file, a table."""
    return bool(_things(one.label) & _things(other.label))


def _things(label: str) -> set[str]:
    words = re.split(r"[\s,;()]+", label)
    return {re.sub(r"\.tmp\..*$", "", word) for word in words[1:] if re.search(r"[:/._]|\d", word)}
