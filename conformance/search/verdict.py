"""Verdicts, and the one function that makes them: a pass is earned with evidence or not given."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from conformance.core.faults import FaultKind
from conformance.core.gates import operation_of
from conformance.core.scenario import Case
from conformance.oracle import CheckName, Finding
from conformance.search.defect import defect_of
from conformance.search.heard import Said
from conformance.search.play import Played
from conformance.search.strategies.search import DEPTHS, Depth, Search
from conformance.spec.rules import RULES, Severity

Outcome = Literal["pass", "fail", "inconclusive", "unsupported"]
FoundBy = Literal["control", "search", "drawn", "free"]

#: A runtime that does not know a refusal fails the delivery, again and again; these rules may break of it.
_DIALECT: Final = "error.recognised"
_OF_DIALECT: Final = frozenset(
    {"run.no-hang", "run.ends-as-control", "logs.error-line", "continuation.lost", "body.as-control"}
)

_SHAPE: Final = "answer.shape"


class Searched(NamedTuple):
    """How far the search of one case came. ``conflicts`` that a schedule can have in either order, how many
    of them were seen ``both_ways``; how many more are ``fixed``: no schedule turned them round. ``orders``:
    classes of schedules, ``longest``: operations in the longest. ``owed``: conflicts seen in one order only,
    by site.
    """

    actors: int
    siblings: int
    depth: Depth
    bound: str
    exhausted: bool
    schedules: int
    conflicts: int
    both_ways: int
    fixed: int
    orders: int
    longest: int
    owed: tuple[str, ...] = ()

    @classmethod
    def of(cls, case: Case, search: Search) -> Searched:
        """What a search of a case has come to."""
        coverage = search.known.coverage
        return cls(
            case.actors,
            case.siblings,
            search.depth,
            search.bound,
            search.exhausted,
            search.runs,
            coverage.reachable,
            coverage.both_ways,
            coverage.fixed,
            coverage.orders,
            search.known.longest,
            tuple(coverage.owed_sites()),
        )

    def __str__(self) -> str:
        """``81/81 conflicts both ways, bound 1 complete, 185 orders``."""
        if self.exhausted:
            extent = f"all {self.orders} orders" if self.orders > 1 else "the only order"
        else:
            complete = re.match(r"(\d+) preemption", self.bound)
            extent = f"bound {complete[1]} complete" if complete else "no bound complete"
            extent += f", {self.orders} orders"
        fixed = f" (and {self.fixed} that nothing turns round)" if self.fixed else ""
        return f"{self.both_ways}/{self.conflicts} conflicts both ways{fixed}, {extent}"


@dataclass(slots=True)
class Evidence:
    """What was tried: the ground of a pass, and the size of the haystack behind a fail."""

    controls: int = 0
    schedules: int = 0
    #: schedules that differ from each other
    distinct: int = 0
    #: outcomes that differ from each other
    outcomes: int = 0
    #: gates held and released in all schedules together
    gates: int = 0
    #: schedules in which an actor that repeated itself was made to wait for another
    yielded: int = 0
    generated: int = 0
    free: int = 0
    #: schedules in which something went wrong, and how often each kind of fault happened
    faulted: int = 0
    faults: Counter[FaultKind] = field(default_factory=Counter)
    #: what was logged, and in how many schedules
    heard: Counter[Said] = field(default_factory=Counter)
    #: how far the search came, case by case; empty for what is not searched (faults, replays)
    searched: list[Searched] = field(default_factory=list)
    exhausted: bool = False
    bound: str = ""
    #: one schedule was played so often, and nothing else
    replays: int = 0
    seconds: float = 0.0
    #: why nothing can be concluded, if so
    inconclusive: str = ""
    #: where the suite itself failed, if it did: then what it found beside that counts for nothing
    crash: str = ""

    @property
    def pairs(self) -> list[Searched]:
        """The searches with two actors: what the depth of a verdict is about."""
        return [one for one in self.searched if one.actors == 2]

    @property
    def depth(self) -> Depth | None:
        """How deep two actors were searched: as deep as the shallowest case. None: nothing was searched."""
        return min((one.depth for one in self.pairs), key=DEPTHS.index, default=None)


@dataclass(slots=True)
class Failure:
    """The smallest case and schedule found that break a rule."""

    finding: Finding
    case: Case
    played: Played
    #: the strategy that found it: control, search, generated, free
    found_by: FoundBy
    findings: list[Finding] = field(default_factory=list)
    #: only what the seed drew broke it; with another seed it may go unseen
    seed_dependent: bool = False
    reproduced: int = 0
    replays: int = 0
    #: how many schedules of the variant were run when the rule first broke; 0: in the control
    found_after: int = 0

    @property
    def window(self) -> tuple[str, ...]:
        """Where its schedule passes from one actor to another: the sites of what is released there."""
        steps = self.played.steps
        released = [
            operation_of(gate).site for step in steps for name, gate in step.held if name == step.chosen
        ]
        return tuple(
            [
                site
                for one, other, site in zip(steps, steps[1:], released[1:], strict=False)
                if one.chosen != other.chosen
            ]
        )

    @property
    def is_must(self) -> bool:
        return RULES[self.finding.rule].severity == "must"

    @property
    def note(self) -> str:
        """What is told of it where it turns nothing red."""
        if self.found_by != "free":
            return self.finding.text
        return f"by chance, in {self.reproduced} of {self.replays} runs with no gates: {self.finding.text}"

    @property
    def size(self) -> tuple[int, ...]:
        """Smaller is easier to read: actors, switches of actor, gates, other steps, payload."""
        actors = [step.chosen for step in self.played.steps]
        switches = sum(1 for one, other in pairwise(actors) if one != other)
        return self.case.actors, switches, len(actors), self.case.siblings, len(self.case.payload_json)

    @property
    def of_dialect(self) -> bool:
        """It comes of refusals that this release of the runtime does not know: no guard is broken."""
        rule = self.finding.rule
        if rule == _DIALECT:
            return True
        return (
            rule in _OF_DIALECT
            and any(other.rule == _DIALECT for other in self.findings)
            and not self._is_about_the_world
        )

    @property
    def _is_about_the_world(self) -> bool:
        """Whether its schedule shows something that only the world can have done."""
        return any(
            other.check == "convergence" and other.severity == "must" and other.rule not in _OF_DIALECT
            for other in self.findings
        )

    @property
    def is_consequence(self) -> bool:
        """The runtime that reports a broken log is not the one that is noisy; and whoever gets an answer that
        cannot be read cannot go on."""
        rule = self.finding.rule
        if rule != _SHAPE and any(other.rule == _SHAPE for other in self.findings):
            return True
        return rule == "logs.error-line" and any(
            other.check == "convergence" and other.severity == "must" for other in self.findings
        )

    @property
    def is_unhandled(self) -> bool:
        """The delivery failed over a refusal that is clear, at a place where no handler expects it; or it
        fails for ever, and nothing else is wrong."""
        rule = self.finding.rule
        if rule != "logs.failed-delivery" and (rule != "run.no-hang" or self._is_about_the_world):
            return False
        errors = [each.failed for each in self.played.history.deliveries if each.failed is not None]
        return bool(errors) and all(error.answer != "unexpected" for error in errors)

    @property
    def rank(self) -> tuple[int, int, tuple[int, ...]]:
        """Prefer causes to what follows from them, then what is wrong without a race, then what is small;
        what luck found has no schedule."""
        follows = 1 if self.finding.rule == _DIALECT else 2 if self.of_dialect or self.is_consequence else 0
        return follows, {"control": 0, "search": 1, "drawn": 1, "free": 2}[self.found_by], self.size


@dataclass(slots=True)
class Verdict:
    """What one check says about one variant."""

    check: CheckName
    outcome: Outcome
    evidence: Evidence
    reason: str
    severity: Severity = "must"
    rules: tuple[str, ...] = ()
    #: rules that only generated cases or luck broke besides, which another seed may not see
    also: tuple[str, ...] = ()
    defect: str = ""
    failure: Failure | None = None
    #: broken rules that do not turn the cell red, each with the smallest schedule
    shoulds: list[Failure] = field(default_factory=list)


def decide(check: CheckName, evidence: Evidence, failures: Iterable[Failure]) -> Verdict:
    """The verdict of a check, from the failures found for it and from what was tried.

    The only place that makes a ``pass``: the control ran, schedules were run to the end, and
    nothing went wrong on the way. A failure that never came back when its schedule was replayed, in
    a hosted world, proves nothing and is ``inconclusive``, with its count. What only showed while the actors
    ran with no gates has no schedule to show it again: it is a note, in how many of those runs it was seen.
    When the suite itself failed, nothing it found counts.
    """
    if evidence.crash:
        return Verdict(check, "inconclusive", evidence, evidence.crash)
    mine = [failure for failure in failures if failure.finding.check == check]
    by_chance = [failure for failure in mine if failure.found_by == "free"]
    musts = [failure for failure in mine if failure.is_must and failure.found_by != "free"]
    shoulds = [failure for failure in mine if not failure.is_must and failure.found_by != "free"]
    shoulds = [failure for failure in (*shoulds, *by_chance) if failure.reproduced]
    proven = [failure for failure in musts if failure.reproduced]
    if proven:
        # What breaks with every seed is what the verdict is about; what one seed adds is told beside it.
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
        check, "pass", evidence, _earned(evidence), severity="should" if shoulds else "must", shoulds=shoulds
    )


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


def _earned(evidence: Evidence) -> str:
    if evidence.replays:
        return f"replayed 0 of {evidence.replays}: nothing breaks under this schedule"
    if evidence.faulted:
        extent = (
            f"every order within {evidence.bound}"
            if evidence.exhausted
            else f"{evidence.bound}, not exhausted"
        )
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(evidence.faults.items()))
        return (
            f"{evidence.faulted} schedules with faults ({kinds}; {extent}), and the control{_fair(evidence)}"
        )
    found = [f"{_about(one)}{one}" for one in evidence.searched] or [evidence.bound]
    shallow = "; shallow" if evidence.depth == "shallow" else ""
    return f"{'; '.join(found)}{shallow}; {evidence.schedules} schedules, and the control{_fair(evidence)}"


def _fair(evidence: Evidence) -> str:
    """The bound on how long an actor may repeat itself, where it was reached."""
    if not evidence.yielded:
        return ""
    return f"; in {evidence.yielded} an actor that only repeated itself was made to wait for another"


def _about(one: Searched) -> str:
    """Which case it is, where it is not the plain one."""
    words = [f"{one.actors} actors"] if one.actors != 2 else []
    words += [f"{one.siblings} siblings"] if one.siblings else []
    return f"{', '.join(words)}: " if words else ""
