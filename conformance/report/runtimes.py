"""Two releases of the real runtime over the same worlds: what changed in verdicts, and in what is logged."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from conformance.core.errors import ConformanceError
from conformance.record.lines import ScenarioName, Verdict
from conformance.record.runs import Record
from conformance.record.safe import for_reading
from conformance.report.judgements import DECIDED, Judgement, difference, judgements
from conformance.report.scenario_names import named, title

Kind = Literal["fixed", "broken", "changed", "unjudged"]

#: In the order in which people want to hear of them.
KINDS: Final[tuple[Kind, ...]] = ("fixed", "broken", "changed", "unjudged")
_WORST: Final = ("error", "warn", "info", "debug")


@dataclass(frozen=True, slots=True)
class Change:
    """One check of one variant on one world that is not as it was."""

    kind: Kind
    was: Judgement
    now: Judgement

    @property
    def before(self) -> Verdict:
        return self.was.worst

    @property
    def after(self) -> Verdict:
        return self.now.worst

    @property
    def states(self) -> str:
        """``fail (unhandled) -> pass``."""
        return f"{_say(self.was)} -> {_say(self.now)}"

    @property
    def rules(self) -> str:
        """What is broken no more, and what is now: ``-logs.failed-delivery +log.folds``."""
        was, now = (one.rules if one.state == "fail" else frozenset() for one in (self.was, self.now))
        return " ".join(
            [f"-{rule}" for rule in sorted(was - now)] + [f"+{rule}" for rule in sorted(now - was)]
        )


@dataclass(slots=True)
class LineChange:
    """One log line: the levels at which each release said it, in which scenarios."""

    origin: str
    text: str
    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)
    scenarios: set[int] = field(default_factory=set)

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(slots=True)
class RuntimeComparison:
    """What came of it. ``compared`` counts the checks that both releases were judged by."""

    before: str
    after: str
    worlds: list[str]
    compared: int
    changes: list[Change]
    lines: list[LineChange]
    scenarios: dict[int, ScenarioName] = field(default_factory=dict)

    def title(self, verdict: Verdict) -> str:
        """``6 step_completed``."""
        return title(verdict.subject, self.scenarios)


def compare_runtimes(record: Record, before: str = "", after: str = "") -> RuntimeComparison:
    """Compare two releases on all the worlds that a record has with both of them.

    Without ``before`` and ``after`` the record holds two, and the older is before. The world, its version and
    whether its errors were translated must be the same. Raises :class:`ConformanceError`.
    """
    verdicts = [for_reading(one) for one in record.verdicts if one.runtime]
    before, after = _chosen(verdicts, before, after)
    old, new = (judgements(record, _place_at(release)) for release in (before, after))
    both = [place for place in new if place in old]
    if not both:
        raise ConformanceError(
            f"No check was judged with both {before} and {after}.",
            "Run one world with both: pytest --world=NAME --world-level=runtime --world-runtime=…",
        )
    changes = [
        Change(kind, old[place], new[place])
        for place in both
        if (kind := _kind(old[place], new[place])) is not None
    ]
    changes.sort(key=lambda one: (KINDS.index(one.kind), one.after.scenario))
    names = named((run.header for run in record.runs), {one.scenario for one in verdicts})
    worlds = [" ".join(part for part in place[:4] if part not in ("package", "")) for place in both]
    lines = _lines((old[place], new[place]) for place in both)
    return RuntimeComparison(before, after, list(dict.fromkeys(worlds)), len(both), changes, lines, names)


_Place = tuple[str, str, str, str, int | str, str, str]


def _place_at(release: str) -> Callable[[Verdict], _Place | None]:
    """Where a verdict of a release stands, whichever release it is; None for one of another."""

    def place(one: Verdict) -> _Place | None:
        name, translated = _release(one)
        if name != release:
            return None
        return one.world, one.implementation, one.version, translated, one.subject, one.variant, one.check

    return place


def _release(verdict: Verdict) -> tuple[str, str]:
    """The release, such as ``4.8.9`` or ``python 0.12.0``, and ``translated`` where errors were."""
    name = verdict.runtime.removesuffix(" translated")
    return name, "" if name == verdict.runtime else "translated"


def _chosen(verdicts: Iterable[Verdict], before: str, after: str) -> tuple[str, str]:
    from conformance.provision.catalog.versions import order  # noqa: PLC0415 - with it comes npm

    # The numbers of one runtime say nothing of another's age.
    names = {_release(one)[0] for one in verdicts}
    known = sorted(names, key=lambda name: (" " in name, order(name.rpartition(" ")[2])))
    for given in (before, after):
        if given and given not in known:
            raise ConformanceError(
                f"Nothing was judged with the runtime {given}.", f"There are {', '.join(known) or 'none'}."
            )
    if before and after:
        return before, after
    if len(known) != 2:
        raise ConformanceError(
            f"These records hold {len(known)} releases of the runtime: {', '.join(known) or 'none'}.",
            "Say which with --before and --after.",
        )
    return (before or next(one for one in known if one != after)), (
        after or next(one for one in reversed(known) if one != before)
    )


def _kind(old: Judgement, new: Judgement) -> Kind | None:
    aspect = difference((old, new))
    if aspect == "verdict":
        if old.state not in DECIDED or new.state not in DECIDED:
            return "unjudged"
        return "fixed" if new.state == "pass" else "broken"
    return "changed" if aspect in ("defect", "rules") and new.state == "fail" else None


def _lines(pairs: Iterable[tuple[Judgement, Judgement]]) -> list[LineChange]:
    """All lines of both, those that changed first; what a workflow throws by design is left out."""
    found: dict[tuple[str, str], LineChange] = {}
    for pair in pairs:
        for number, judged in enumerate(pair):
            for said, scenario in ((said, one.scenario) for one in judged.verdicts for said in one.logged):
                if not said.by_design:
                    line = found.setdefault((said.origin, said.text), LineChange(said.origin, said.text))
                    (line.before, line.after)[number].add(said.level)
                    line.scenarios.add(scenario)
    return sorted(found.values(), key=lambda one: (not one.changed, _worst(one), one.text))


def _worst(line: LineChange) -> int:
    return min(_WORST.index(level) for level in line.before | line.after)


def _say(one: Judgement) -> str:
    return one.said if one.state == "fail" else one.state
