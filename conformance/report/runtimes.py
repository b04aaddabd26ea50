"""Two releases of the real runtime over the same worlds: what changed in verdicts, and in what is logged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from conformance.core.errors import ConformanceError
from conformance.record.file import Record
from conformance.record.lines import Verdict
from conformance.record.safe import for_reading
from conformance.report.matrix import State, state_of

Kind = Literal["mended", "broken", "changed", "unjudged"]

#: In the order in which people want to hear of them.
KINDS: Final[tuple[Kind, ...]] = ("mended", "broken", "changed", "unjudged")
_WORST: Final = ("error", "warn", "info", "debug")


@dataclass(frozen=True, slots=True)
class Change:
    """One check of one variant on one world that is not as it was."""

    kind: Kind
    before: Verdict
    after: Verdict

    @property
    def states(self) -> str:
        """``fail (unhandled) -> pass``."""
        return f"{_say(self.before)} -> {_say(self.after)}"

    @property
    def rules(self) -> str:
        """What is broken no more, and what is now: ``-logs.failed-delivery +log.folds``."""
        was, now = (set(one.rules) if one.red else set() for one in (self.before, self.after))
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


def compare_runtimes(record: Record, before: str = "", after: str = "") -> RuntimeComparison:
    """Compare two releases on all the worlds that a record has with both of them.

    Without ``before`` and ``after`` the record holds two, and the older is before. The world, its version and
    whether its errors were translated must be the same. Raises :class:`ConformanceError`.
    """
    verdicts = [for_reading(one) for one in record.verdicts if one.runtime]
    before, after = _chosen(verdicts, before, after)
    old, new = _by_place(verdicts, before), _by_place(verdicts, after)
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
    worlds = [" ".join(part for part in place[:4] if part not in ("package", "")) for place in both]
    lines = _lines((old[place], new[place]) for place in both)
    return RuntimeComparison(before, after, list(dict.fromkeys(worlds)), len(both), changes, lines)


_Place = tuple[str, str, str, str, int, str, str]


def _by_place(verdicts: Iterable[Verdict], release: str) -> dict[_Place, Verdict]:
    """The newest verdict of a release at each place."""
    found: dict[_Place, Verdict] = {}
    for one in verdicts:
        name, translated = _release(one)
        if name == release:
            place = (one.world, one.implementation, one.version, translated)
            found[*place, one.scenario, one.variant, one.check] = one
    return found


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


def _kind(old: Verdict, new: Verdict) -> Kind | None:
    was, now = state_of(old), state_of(new)
    judged: tuple[State, ...] = ("pass", "fail")
    if was not in judged or now not in judged:
        return None if was == now else "unjudged"
    if was != now:
        return "mended" if now == "pass" else "broken"
    return (
        "changed" if now == "fail" and (old.defect, set(old.rules)) != (new.defect, set(new.rules)) else None
    )


def _lines(pairs: Iterable[tuple[Verdict, Verdict]]) -> list[LineChange]:
    """All lines of both, those that changed first; what a workflow throws by design is left out."""
    found: dict[tuple[str, str], LineChange] = {}
    for pair in pairs:
        for number, verdict in enumerate(pair):
            for said in verdict.logged:
                if not said.by_design:
                    line = found.setdefault((said.origin, said.text), LineChange(said.origin, said.text))
                    (line.before, line.after)[number].add(said.level)
                    line.scenarios.add(verdict.scenario)
    return sorted(found.values(), key=lambda one: (not one.changed, _worst(one), one.text))


def _worst(line: LineChange) -> int:
    return min(_WORST.index(level) for level in line.before | line.after)


def _say(verdict: Verdict) -> str:
    state = state_of(verdict)
    return f"{state} ({verdict.defect})" if state == "fail" and verdict.defect else state
