"""Verdicts, and the one function that makes them: a pass is earned with evidence or not given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from conformance.oracle import CheckName, Finding
from conformance.oracle.causes import cause_of, distance
from conformance.oracle.removals import REMOVED
from conformance.search.defect import defect_of
from conformance.search.failure import Evidence, Failure, Searched
from conformance.spec.rules import Severity

Outcome = Literal["pass", "fail", "inconclusive", "unsupported"]
Fault = Literal["", "world", "runtime", "both"]


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that a verdict names: what breaks it, in the schedule of which failure.

    ``cause`` is the finding of the same schedule, of whatever check, that it follows from: of another rule.
    """

    finding: Finding
    failure: Failure
    cause: Finding | None = None

    @property
    def defect(self) -> str:
        return defect_of(self.failure) if self.finding is self.failure.finding else ""


@dataclass(slots=True)
class Verdict:
    """What one check says about one variant."""

    check: CheckName
    outcome: Outcome
    evidence: Evidence
    reason: str
    severity: Severity = "must"
    rules: tuple[str, ...] = ()
    #: rules that only generated cases, or runs with no gates, broke besides: another seed may not
    also: tuple[str, ...] = ()
    defect: str = ""
    failure: Failure | None = None
    #: each broken rule with its finding: first what ``failure`` is about, then what else its schedule breaks,
    #: then what only other schedules do
    broken: list[BrokenRule] = field(default_factory=list)
    #: broken rules that do not turn the cell red, each with the smallest schedule
    shoulds: list[Failure] = field(default_factory=list)
    #: the run dies so over a sound World, too
    runtime_too: bool = False

    @property
    def fault(self) -> Fault:
        """Whose fault it is that something is broken: ``runtime`` turns nothing red."""
        runtime = any(failure.finding.fault == "runtime" for failure in self.shoulds)
        if self.outcome == "fail":
            return "both" if runtime or self.runtime_too else "world"
        return "runtime" if runtime else ""


def decide(check: CheckName, evidence: Evidence, failures: Iterable[Failure]) -> Verdict:
    """The verdict of a check, from the failures found for it and from what was tried.

    The only place that makes a ``pass``: the control ran, schedules were run to the end, and
    nothing went wrong on the way. A failure that never came back when its schedule was replayed, in
    a hosted world, proves nothing and is ``inconclusive``, with its count. What only showed while the actors
    ran with no gates has no schedule to show it again: it is a note, in how many of those runs it was seen.
    What only soft deaths showed, and no killed process did, is a note, too, and what within one millisecond
    only some replays show. When the suite itself failed, nothing it found counts.
    """
    if evidence.crash:
        return Verdict(check, "inconclusive", evidence, evidence.crash)
    mine = _needing_removals([failure for failure in failures if failure.finding.check == check])
    by_chance = [failure for failure in mine if failure.found_by == "free"]
    musts = [failure for failure in mine if failure.is_must and failure.found_by != "free"]
    shoulds = [failure for failure in mine if not failure.is_must and failure.found_by != "free"]
    noted = [failure for failure in musts if failure.refuted or (failure.by_luck and failure.reproduced)]
    musts = [failure for failure in musts if not failure.refuted and not failure.by_luck]
    shoulds = [*[failure for failure in (*shoulds, *by_chance) if failure.reproduced], *noted]
    proven = [failure for failure in musts if failure.reproduced]
    if proven:
        # What breaks with every seed is what the verdict is about; what one seed adds is reported beside it.
        named = [failure for failure in proven if not failure.seed_dependent] or proven
        shown = min(named, key=lambda failure: failure.rank)
        rules = {failure.finding.rule for failure in named}
        return Verdict(
            check,
            "fail",
            evidence,
            shown.finding.text,
            rules=tuple(sorted(rules)),
            also=tuple(sorted({failure.finding.rule for failure in proven} - rules)),
            defect=defect_of(shown),
            failure=shown,
            broken=_broken(shown, proven),
            shoulds=shoulds,
        )
    if musts:
        shown = min(musts, key=lambda failure: failure.rank)
        reason = f"seen once and in none of {shown.replays} replays of its schedule: {shown.finding.text}"
        if not shown.replays and evidence.inconclusive:
            reason = f"{evidence.inconclusive}; seen once by then, and not replayed: {shown.finding.text}"
        return Verdict(
            check,
            "inconclusive",
            evidence,
            reason,
            rules=(shown.finding.rule,),
            failure=shown,
            shoulds=shoulds,
        )
    if lacking := _lacking(evidence):
        return Verdict(check, "inconclusive", evidence, lacking, shoulds=shoulds)
    return Verdict(
        check,
        "pass",
        evidence,
        _earned(evidence, shoulds),
        severity="should" if shoulds else "must",
        shoulds=shoulds,
    )


def _needing_removals(failures: list[Failure]) -> list[Failure]:
    """Without those that name a call which may have removed something, where the same goes wrong without."""
    known = {(one.finding.rule, one.finding.wrong) for one in failures}
    return [
        one
        for one in failures
        if not one.finding.wrong.endswith(REMOVED)
        or (one.finding.rule, one.finding.wrong.removesuffix(REMOVED)) not in known
    ]


def _broken(shown: Failure, proven: list[Failure]) -> list[BrokenRule]:
    """Every way in which proven failures break rules: the finding that is shown, those of its schedule, the
    others. What only the seed found counts where it breaks a further rule."""
    came_back = {failure.finding.identity for failure in proven}
    beside = [
        one
        for one in shown.findings
        if one.check == shown.finding.check
        and one.severity == "must"
        and one != shown.finding
        and one.identity in came_back
    ]
    found = [BrokenRule(one, shown, _cause(one, shown)) for one in sorted(beside, key=distance)]
    known = {shown.finding.identity, *(one.identity for one in beside)}
    for failure in sorted(proven, key=lambda failure: failure.rank):
        finding = failure.finding
        is_known = any(identity[:2] == finding.identity[:2] for identity in known)
        if finding.identity not in known and not (failure.seed_dependent and is_known):
            known.add(finding.identity)
            found.append(BrokenRule(failure.finding, failure, _cause(failure.finding, failure)))
    return [BrokenRule(shown.finding, shown, _cause(shown.finding, shown)), *found]


def _cause(finding: Finding, failure: Failure) -> Finding | None:
    cause = cause_of(finding, failure.findings)
    return None if cause is None or cause.rule == finding.rule else cause


def _lacking(evidence: Evidence) -> str:
    """What a pass would still need; empty when it is earned."""
    if evidence.inconclusive:
        return evidence.inconclusive
    if not evidence.controls or not evidence.schedules:
        return "nothing was run"
    if not evidence.gates:
        return "no operation of this world could be held, so its actors never met"
    return ""


def first(check: CheckName, failures: Iterable[Failure]) -> Failure | None:
    """The failure of a check that would be shown: a must, the smallest."""
    musts = [failure for failure in failures if failure.finding.check == check and failure.is_must]
    return min(musts, key=lambda failure: failure.rank, default=None)


def _earned(evidence: Evidence, shoulds: list[Failure]) -> str:
    if evidence.replays and shoulds:
        shown = shoulds[0]
        return f"replayed {shown.reproduced} of {evidence.replays}, which turns nothing red: {shown.note}"
    if evidence.replays:
        return f"replayed 0 of {evidence.replays}: nothing breaks under this schedule"
    shallow = "; shallow" if evidence.depth == "shallow" else ""
    if evidence.faulted:
        extent = (
            f"every order within {evidence.bound}"
            if evidence.exhausted
            else f"{evidence.bound}, not exhausted"
        )
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(evidence.faults.items()))
        extent = f"{evidence.places_tried}/{evidence.places} fault places, {extent}"
        return (
            f"{evidence.faulted} schedules with faults ({kinds}; {extent}){shallow}, and the control"
            f"{_fair(evidence)}"
        )
    found = [f"{_about(one)}{one}" for one in evidence.searched] or [evidence.bound]
    return f"{'; '.join(found)}{shallow}; {evidence.schedules} schedules, and the control{_fair(evidence)}"


def _fair(evidence: Evidence) -> str:
    """What the scheduler did not choose (who repeats itself waits, and the service serves its waiters), and
    whether time passed."""
    yielded = f"; in {evidence.yielded} an actor that only repeated itself was made to wait for another"
    chosen = f"; in {evidence.chosen} the service chose which of several waiting actors goes on"
    strayed = f"; {evidence.strayed} did not begin as those they branch from"
    jumped = f"; in {evidence.jumped} an hour passed between the operations of two actors"
    still = f"; {evidence.still} happened within one millisecond"
    abroad = f"; in {evidence.abroad} one of two callers was in another time zone"
    said = (
        (evidence.yielded, yielded),
        (evidence.chosen, chosen),
        (evidence.strayed, strayed),
        (evidence.jumped, jumped),
        (evidence.still, still),
        (evidence.abroad, abroad),
    )
    return "".join(text for count, text in said if count)


def _about(one: Searched) -> str:
    """Which case it is, where it is not the plain one."""
    words = [f"{one.actors} actors"] if one.actors != 2 else []
    words += [f"{one.siblings} siblings"] if one.siblings else []
    return f"{', '.join(words)}: " if words else ""
