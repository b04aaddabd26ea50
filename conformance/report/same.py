"""Whether several runs came to the same: check by check, its verdict, the kind of defect, and the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.record.lines import Check, ScenarioName, Verdict
from conformance.record.runs import Record
from conformance.report.judgements import ASPECTS, Aspect, Judgement, difference, judgements
from conformance.report.matrix import RowKey
from conformance.report.scenario_names import named, title

_Place = tuple[RowKey, int | str, str, Check]


@dataclass(frozen=True, slots=True)
class Difference:
    """One check that not all records agree on; ``seen`` has one entry a record, None where it is missing."""

    kind: Aspect
    row: RowKey
    subject: int | str
    #: the scenario as people say it, such as ``6 step_completed``, or the name of the probe
    name: str
    variant: str
    check: Check
    seen: tuple[Judgement | None, ...]

    @property
    def title(self) -> str:
        """``redis 0.2.2 · storage · 6 step_completed · complete-fail · convergence``."""
        return " · ".join((self.row.title, self.name, self.variant or "-", self.check))

    @property
    def said(self) -> list[str]:
        """What each record says, in its order."""
        return [_say(one, self.kind) for one in self.seen]


@dataclass(slots=True)
class Sameness:
    """What came of it. ``checks`` is how many checks there are in all records together."""

    checks: int
    differences: list[Difference]

    def of(self, kind: Aspect) -> list[Difference]:
        return [one for one in self.differences if one.kind == kind]

    def exit(self, kinds: Sequence[Aspect]) -> int:
        """0: the same in what is asked for. 1: not."""
        return int(any(self.of(kind) for kind in kinds))


def same(records: Sequence[Record]) -> Sameness:
    """Compare every check of every record. In each the newest run that judged a check counts."""
    found = [judgements(record, _place) for record in records]
    places = sorted(dict.fromkeys(place for each in found for place in each), key=str)
    names = _names(records)
    differences = []
    for place in places:
        seen = tuple(each.get(place) for each in found)
        kind = difference(seen)
        if kind is not None:
            row, subject, variant, check = place
            differences.append(Difference(kind, row, subject, title(subject, names), variant, check, seen))
    differences.sort(key=lambda one: ASPECTS.index(one.kind))
    return Sameness(len(places), differences)


def _place(one: Verdict) -> _Place:
    row = RowKey(one.world, one.implementation, one.version, one.level, one.runtime)
    return row, one.subject, one.variant, one.check


def _names(records: Sequence[Record]) -> dict[int, ScenarioName]:
    runs = [run for record in records for run in record.runs]
    return named((run.header for run in runs), {one.scenario for run in runs for one in run.verdicts})


def _say(one: Judgement | None, kind: Aspect) -> str:
    if one is None:
        return "not judged"
    rules = sorted(one.notes if kind == "notes" else one.rules)
    return f"{one.said} [{', '.join(rules)}]" if rules else one.said
