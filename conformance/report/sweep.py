"""Since when a rule holds: the versions of one world side by side, rule by rule.

What a sweep says of a rule at a version is one of four things:

========= =======================================================================================
standing  meaning
========= =======================================================================================
broken    a check of that version names the rule
holds     every check that names the rule at another version was judged here, and passes
masked    the rule was not seen, and a check that could show it fails here in another way
unknown   a check that could show it could not be judged, or was not reached
========= =======================================================================================

So a version that cannot be installed or judged never counts as one at which a rule holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, Literal

from conformance.core.exits import INCONCLUSIVE, OK
from conformance.core.text import one_line
from conformance.record.lines import Check, Severity, Verdict
from conformance.record.runs import Record
from conformance.report.judgements import DECIDED, Judgement, judgements
from conformance.spec.rules import RULES

Standing = Literal["broken", "holds", "masked", "unknown"]

#: level, runtime, scenario or probe, variant, check
Place = tuple[str, str, int | str, str, Check]

#: standing -> (in one stretch of several, from a version on)
_SAID: Final[dict[Standing, tuple[str, str]]] = {
    "broken": ("broken in", "broken since"),
    "holds": ("held in", "holds since"),
    "masked": ("not seen in", "not seen since"),
    "unknown": ("unknown in", "unknown since"),
}
_MASKED: Final = " (its check fails in another way)"


@dataclass(slots=True)
class RuleHistory:
    """One rule over the versions, in the order of the sweep."""

    rule: str
    severity: Severity
    standings: dict[str, Standing]
    #: the levels and scenarios in which it breaks, such as ``("storage", 6)``
    where: list[tuple[str, int | str]]

    @property
    def sentence(self) -> str:
        """``broken in 4.1.0-beta.46 .. 4.1.4, holds since 4.2.0``."""
        stretches = [
            (standing, [version for version, _ in group])
            for standing, group in groupby(self.standings.items(), key=lambda item: item[1])
        ]
        return ", ".join(
            _say(standing, versions, number == len(stretches) - 1 and len(stretches) > 1)
            for number, (standing, versions) in enumerate(stretches)
        )


@dataclass(slots=True)
class Sweep:
    """What came of the versions of one world."""

    world: str
    versions: list[str]
    rules: list[RuleHistory]
    #: why a version, or something of it, could not be judged
    inconclusive: dict[str, list[str]] = field(default_factory=dict)

    @property
    def exit(self) -> int:
        """Whether every version was judged, as an exit status."""
        return INCONCLUSIVE if self.inconclusive else OK


def sweep(record: Record, world: str, versions: Sequence[str]) -> Sweep:
    """The standing of every rule that breaks anywhere, over ``versions`` (oldest first) of one world."""
    judged: dict[str, dict[Place, Judgement]] = {version: {} for version in versions}

    def place_of(one: Verdict) -> tuple[str, Place] | None:
        place = (one.level, one.runtime, one.subject, one.variant, one.check)
        return (one.version, place) if one.world == world and one.version in judged else None

    for (version, place), judgement in judgements(record, place_of).items():
        judged[version][place] = judgement
    broken: dict[str, dict[Place, set[str]]] = {}
    for version, found in judged.items():
        for place, judgement in found.items():
            for rule in set().union(*map(_broken, judgement.verdicts)):
                broken.setdefault(rule, {}).setdefault(place, set()).add(version)
    histories = [
        RuleHistory(
            rule,
            RULES[rule].severity if rule in RULES else "must",
            {version: _standing(version, judged[version], places) for version in versions},
            sorted({(level, subject) for level, _, subject, _, _ in places}, key=_in_order),
        )
        for rule, places in broken.items()
    ]
    histories.sort(key=lambda one: (one.severity, one.rule))
    inconclusive = {version: _inconclusive(record, world, version, judged[version]) for version in versions}
    return Sweep(world, list(versions), histories, {v: said for v, said in inconclusive.items() if said})


def _broken(verdict: Verdict) -> set[str]:
    """The rules that a verdict says are broken. What did not come back in a replay is not said."""
    rules = {rule for should in verdict.shoulds for rule in should.rules}
    return rules.union(verdict.rules, verdict.also) if verdict.verdict == "fail" else rules


def _in_order(where: tuple[str, int | str]) -> tuple[str, int, str]:
    level, subject = where
    return (level, subject, "") if isinstance(subject, int) else (level, 0, subject)


def _standing(version: str, judged: dict[Place, Judgement], places: dict[Place, set[str]]) -> Standing:
    if any(version in versions for versions in places.values()):
        return "broken"
    here = [judged.get(place) for place in places]
    if any(judgement is None or judgement.state not in DECIDED for judgement in here):
        return "unknown"
    return (
        "masked"
        if any(judgement is not None and judgement.state == "fail" for judgement in here)
        else "holds"
    )


def _inconclusive(record: Record, world: str, version: str, judged: dict[Place, Judgement]) -> list[str]:
    """Why something of a version was not judged, each reason once, with where."""
    planned = [
        (plan.level, plan.runtime, plan.subject, plan.variant)
        for line in record.worlds
        if (line.world, line.version) == (world, version)
        for plan in line.planned
    ]
    reasons: dict[str, set[str]] = {}
    for (level, _, scenario, _, _), judgement in judged.items():
        if judgement.state not in DECIDED:
            reason = f"{judgement.state}: {one_line(judgement.worst.reason)}"
            reasons.setdefault(reason, set()).add(f"{level} {scenario}")
    reached = {place[:4] for place in judged} | {(*place[:3], "") for place in judged if not place[3]}
    whole = {place[:3] for place in judged if not place[3]}
    for level, runtime, scenario, variant in planned:
        if (level, runtime, scenario, variant) not in reached and (level, runtime, scenario) not in whole:
            reasons.setdefault("the run did not get there", set()).add(f"{level} {scenario}")
    if not judged and not reasons:
        return ["nothing of it was judged"]
    return [f"{reason} ({', '.join(sorted(where))})" for reason, where in reasons.items()]


def _say(standing: Standing, versions: list[str], last: bool) -> str:
    within, since = _SAID[standing]
    extent = versions[0] if len(versions) == 1 else f"{versions[0]} .. {versions[-1]}"
    said = f"{since} {versions[0]}" if last else f"{within} {extent}"
    return said + (_MASKED if standing == "masked" else "")
