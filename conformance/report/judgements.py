"""What was judged at one place, and how two judgements differ: the one comparer of verdicts.

``diff``, ``same``, ``runtimes`` and ``sweep`` each say what a place is (with or without the version, the
release of the runtime, the variant); what was judged at a place, and how that differs, is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from conformance.record.lines import Verdict
from conformance.record.runs import Record
from conformance.record.safe import for_reading
from conformance.report.matrix import STATES, State, state_of

#: In what two judgements differ, the first that does; ``notes`` are the broken shoulds.
Aspect = Literal["verdict", "defect", "rules", "notes"]
ASPECTS: Final[tuple[Aspect, ...]] = ("verdict", "defect", "rules", "notes")
#: States in which something was found out.
DECIDED: Final[tuple[State, ...]] = ("pass", "fail")

Place = TypeVar("Place", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Judgement:
    """All verdicts of one run at one place, the worst first; there is one at least."""

    verdicts: tuple[Verdict, ...]

    @property
    def worst(self) -> Verdict:
        return self.verdicts[0]

    @property
    def state(self) -> State:
        return state_of(self.worst)

    @property
    def defect(self) -> str:
        return self.worst.defect

    @property
    def rules(self) -> frozenset[str]:
        """The broken rules."""
        return frozenset(rule for one in self.verdicts if one.verdict != "pass" for rule in one.rules)

    @property
    def notes(self) -> frozenset[str]:
        """The broken shoulds, but for those that depend on the seed."""
        return frozenset(
            rule for one in self.verdicts for note in one.shoulds if not note.drawn for rule in note.rules
        )

    @property
    def ways(self) -> frozenset[tuple[str, ...]]:
        """In which ways it fails: kind of defect and rules, for each verdict that is red."""
        return frozenset((one.defect, *sorted(one.rules)) for one in self.verdicts if one.red)

    @property
    def said(self) -> str:
        """``fail (not-atomic)``."""
        return f"{self.state} ({self.defect})" if self.defect else self.state


def judgement(verdicts: Iterable[Verdict]) -> Judgement:
    """The judgement that some verdicts make."""
    return Judgement(tuple(sorted(verdicts, key=lambda one: STATES.index(state_of(one)))))


def judgements(record: Record, place: Callable[[Verdict], Place | None]) -> dict[Place, Judgement]:
    """The judgement at each place; ``place`` returns None for a verdict that is not asked about.

    Of several runs the newest counts; of the verdicts of one run, all.
    """
    found: dict[Place, tuple[str, list[Verdict]]] = {}
    for run in record.runs:
        for verdict in map(for_reading, run.verdicts):
            where = place(verdict)
            if where is None:
                continue
            name, verdicts = found.get(where, ("", []))
            found[where] = (run.name, [*verdicts, verdict] if name == run.name else [verdict])
    return {where: judgement(verdicts) for where, (_, verdicts) in found.items()}


def difference(judged: Sequence[Judgement | None]) -> Aspect | None:
    """The first thing in which some judgements differ; None is a place that was not judged."""
    known = [one for one in judged if one is not None]
    if len(known) < len(judged):
        return "verdict" if known else None
    if len({one.state for one in known}) > 1:
        return "verdict"
    if len({frozenset(each.defect for each in one.verdicts) for one in known}) > 1:
        return "defect"
    if len({one.rules for one in known}) > 1 or len({one.ways for one in known}) > 1:
        return "rules"
    return "notes" if len({one.notes for one in known}) > 1 else None
