"""From the engine's verdicts to the lines of a record."""

from __future__ import annotations

from conformance.record import file as lines
from conformance.record.evidence import evidence_of, places
from conformance.record.provenance import Provenance
from conformance.search import verdict as engine

_WORST = ("error", "warn", "info", "debug")
#: so many different log lines are kept with a verdict, the worst first
_LOGGED = 50
#: so many conflicts that were seen in one order only are named
_MOST_OWED = 10


def convert(verdict: engine.Verdict, context: Provenance) -> lines.Verdict:
    """One verdict as a line of the record."""
    evidence, failure = verdict.evidence, verdict.failure
    pairs = evidence.pairs
    code = context.code
    return lines.Verdict(
        world=context.target.world,
        implementation=code.implementation if code is not None else context.target.implementation,
        version=code.version if code is not None else (context.target.version or ""),
        level=context.level,
        runtime=context.runtime.label if context.runtime is not None else "",
        scenario=context.scenario.number,
        variant=context.variant,
        check=verdict.check,
        verdict=verdict.outcome,
        severity=verdict.severity,
        rules=list(verdict.rules),
        also=list(verdict.also),
        defect=verdict.defect,
        schedules=evidence.schedules,
        distinct=evidence.distinct,
        exhausted=evidence.exhausted,
        bound=evidence.bound,
        replayed=f"{failure.reproduced}/{failure.replays}" if failure is not None else "",
        seconds=round(evidence.seconds, 3),
        reason=verdict.reason,
        control=_control(verdict),
        test=context.test,
        evidence=evidence_of(failure, context) if failure is not None else None,
        faults=dict(sorted(evidence.faults.items())),
        shoulds=[
            lines.FindingLine(
                rules=[should.finding.rule],
                reason=should.note,
                replayed=f"{should.reproduced}/{should.replays}",
                drawn=should.seed_dependent,
                evidence=evidence_of(should, context),
                calls=places(should.finding, should),
            )
            for should in verdict.shoulds
        ],
        broken=[_broken(one, verdict, context) for one in verdict.broken],
        logged=_logged(verdict),
        replay=evidence.replays > 0,
        depth=evidence.depth or "",
        conflicts=sum(one.conflicts for one in pairs),
        both_ways=sum(one.both_ways for one in pairs),
        orders=sum(one.orders for one in pairs),
        gates=max((one.longest for one in pairs), default=0),
        owed=list(dict.fromkeys(site for one in pairs for site in one.owed))[:_MOST_OWED],
        places=evidence.places,
        places_tried=evidence.places_tried,
        found_after=failure.found_after if failure is not None else -1,
        fault=verdict.fault,
    )


def _broken(one: engine.BrokenRule, verdict: engine.Verdict, context: Provenance) -> lines.FindingLine:
    failure = one.failure
    shown_elsewhere = failure is not verdict.failure
    return lines.FindingLine(
        rules=[one.finding.rule],
        reason=one.finding.text,
        defect=one.defect,
        replayed=f"{failure.reproduced}/{failure.replays}" if shown_elsewhere else "",
        drawn=failure.seed_dependent,
        evidence=evidence_of(failure, context) if shown_elsewhere else None,
        follows=one.cause.rule if one.cause is not None else "",
        follows_in=one.cause.check if one.cause is not None and one.cause.check != verdict.check else "",
        calls=places(one.finding, failure),
    )


def _logged(verdict: engine.Verdict) -> list[lines.Logged]:
    """What was logged in all schedules, with the verdict of the logs."""
    if verdict.check != "logs":
        return []
    heard = sorted(verdict.evidence.heard.items(), key=lambda item: (_WORST.index(item[0].level), item[0]))
    return [lines.Logged(**said._asdict(), times=times) for said, times in heard[:_LOGGED]]


def _control(verdict: engine.Verdict) -> str:
    if not verdict.evidence.controls:
        return "did not run"
    if verdict.failure is not None and verdict.failure.found_by == "control":
        return "breaks the rule without a race"
    count = verdict.evidence.controls
    return f"{count} sequential order{'s' * (count != 1)}, as {'they' if count != 1 else 'it'} should be"
