"""Whether several runs came to the same: check by check, its verdict, the kind of defect, and the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from conformance.record.file import Record
from conformance.record.lines import Check, Verdict
from conformance.record.safe import for_reading
from conformance.report.matrix import SCENARIOS, RowKey, state_of

#: What differs; ``verdict`` also when a record did not judge it, ``notes`` are the broken shoulds.
Kind = Literal["verdict", "defect", "rules", "notes"]
KINDS: Final[tuple[Kind, ...]] = ("verdict", "defect", "rules", "notes")

_Place = tuple[RowKey, int, str, Check]


@dataclass(frozen=True, slots=True)
class Difference:
    """One check that not all records agree on; ``seen`` has one entry a record, None where it is missing."""

    kind: Kind
    row: RowKey
    scenario: int
    variant: str
    check: Check
    seen: tuple[Verdict | None, ...]

    @property
    def title(self) -> str:
        """``redis 0.2.2 · storage · 6 step_completed · complete-fail · convergence``."""
        scenario = f"{self.scenario} {SCENARIOS[self.scenario][0]}"
        return " · ".join((self.row.title, scenario, self.variant or "-", self.check))

    @property
    def said(self) -> list[str]:
        """What each record says, in its order."""
        return [_say(one, self.kind) for one in self.seen]


@dataclass(slots=True)
class Sameness:
    """What came of it. ``checks`` is how many checks there are in all records together."""

    checks: int
    differences: list[Difference]

    def of(self, kind: Kind) -> list[Difference]:
        return [one for one in self.differences if one.kind == kind]

    def exit(self, kinds: Sequence[Kind]) -> int:
        """0: the same in what is asked for. 1: not."""
        return int(any(self.of(kind) for kind in kinds))


def same(records: Sequence[Record]) -> Sameness:
    """Compare every check of every record. In each the newest verdict on a check counts."""
    found = [_by_place(record) for record in records]
    places = sorted(dict.fromkeys(place for each in found for place in each), key=str)
    differences = []
    for place in places:
        seen = tuple(each.get(place) for each in found)
        kind = _kind(seen)
        if kind is not None:
            differences.append(Difference(kind, *place, seen))
    differences.sort(key=lambda one: KINDS.index(one.kind))
    return Sameness(len(places), differences)


def _by_place(record: Record) -> dict[_Place, Verdict]:
    found: dict[_Place, Verdict] = {}
    for one in map(for_reading, record.verdicts):
        row = RowKey(one.world, one.implementation, one.version, one.level, one.runtime)
        found[row, one.scenario, one.variant, one.check] = one
    return found


def _kind(seen: tuple[Verdict | None, ...]) -> Kind | None:
    """The first thing in which they differ."""
    first, *others = seen
    for other in others:
        if first is None or other is None or state_of(first) != state_of(other):
            return "verdict"
    judged = [one for one in seen if one is not None]
    if len({one.defect for one in judged}) > 1:
        return "defect"
    if len({frozenset(one.rules) for one in judged}) > 1:
        return "rules"
    return "notes" if len({_notes(one) for one in judged}) > 1 else None


def _notes(one: Verdict) -> frozenset[str]:
    """The broken shoulds, but for those that hang on the seed."""
    return frozenset(rule for should in one.shoulds if not should.drawn for rule in should.rules)


def _say(one: Verdict | None, kind: Kind) -> str:
    if one is None:
        return "not judged"
    said = f"{state_of(one)} ({one.defect})" if one.defect else state_of(one)
    rules = sorted(_notes(one)) if kind == "notes" else sorted(one.rules)
    return f"{said} [{', '.join(rules)}]" if rules else said
