"""From the engine's verdicts to the lines of a record, with the evidence a person can read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from conformance.core.faults import MEANING
from conformance.core.gates import Origin
from conformance.core.history import Call, CallId, History
from conformance.core.scenario import Level, Scenario
from conformance.oracle import Finding
from conformance.oracle.observed import name_ids
from conformance.provision.catalog.code import Code
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target
from conformance.record import file as lines
from conformance.record.again import Again
from conformance.record.replays import spec
from conformance.search import verdict as engine
from conformance.search.failure import Failure

_WORST = ("error", "warn", "info", "debug")
#: so many different log lines are kept with a verdict, the worst first
_LOGGED = 50
#: so many conflicts that were seen in one order only are named
_MOST_OWED = 10
#: A list in the evidence holds at most this many lines; what is left out is counted.
_MOST = 300
#: What an event says: its type, and what it is about.
_What = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Whose verdict it is."""

    target: Target
    code: Code | None
    scenario: Scenario
    level: Level
    variant: str
    test: str
    #: what the world's keys begin with in this run: of no interest to a reader
    namespace: str = ""
    #: the real runtime over it, at level ``runtime``
    runtime: RuntimeWanted | None = None
    #: how the run was asked for, beyond its world
    again: Again = field(default_factory=Again)


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
        evidence=_evidence(failure, context) if failure is not None else None,
        faults=dict(sorted(evidence.faults.items())),
        shoulds=[
            lines.FindingLine(
                rules=[should.finding.rule],
                reason=should.note,
                replayed=f"{should.reproduced}/{should.replays}",
                drawn=should.seed_dependent,
                evidence=_evidence(should, context),
                calls=_places(should.finding, should),
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
        evidence=_evidence(failure, context) if shown_elsewhere else None,
        follows=one.cause.rule if one.cause is not None else "",
        follows_in=one.cause.check if one.cause is not None and one.cause.check != verdict.check else "",
        calls=_places(one.finding, failure),
    )


def _ids(finding: Finding) -> tuple[CallId, ...]:
    """The calls that a finding is about: the offending one first."""
    return finding.because if finding.call is None else (finding.call, *finding.because)


def _places(finding: Finding, failure: Failure) -> list[int]:
    """Where the calls that a finding is about stand among the lanes."""
    began = {name: call.began for name, call in failure.played.history.creations()}
    # What the prefix did is not on the lanes.
    return [began[name] for name in _ids(finding) if name in began and name[0] != "given"]


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


def _evidence(failure: Failure, context: Provenance) -> lines.Evidence:
    history = failure.played.history
    wanted = {name for finding in failure.findings for name in _ids(finding)}
    further = {id(call) for name, call in history.creations() if name in wanted}
    lanes = _lanes(history, _shortener(history, context.namespace), further)
    names = name_ids(history)
    return lines.Evidence(
        case=failure.case.to_json(),
        schedule=failure.played.token,
        lanes=lanes[:_MOST],
        events=logged_events(failure, names)[:_MOST],
        errors=[
            lines.ErrorLine(
                lane=call.actor,
                op=_what(call),
                name=call.error.name,
                status=call.error.status,
                message=call.error.in_full,
            )
            for call in history.calls
            if call.error is not None and call.phase in ("race", "then")
        ][:_MOST],
        logs=[
            lines.LogText(lane=line.actor, level=line.level, origin=line.origin, text=line.text)
            for line in history.logs
            if line.phase != "given"
        ][:_MOST],
        replay=_replay(failure, context),
        search=_search(context),
        names=names,
        dropped={"lanes": len(lanes) - _MOST} if len(lanes) > _MOST else {},
    )


def _replay(failure: Failure, context: Provenance) -> str:
    if failure.found_by == "free":
        return ""
    what = spec(context.scenario.id, context.level, context.variant, failure.case, failure.played.token)
    return _command(context, f"--world-replay={what}")


def _search(context: Provenance) -> str:
    return _command(context, f"--world-level={context.level}", "-k", context.scenario.id)


def _command(context: Provenance, *further: str) -> str:
    return context.again.command(context.target, context.code, context.runtime, *further)


def _wrong(failure: Failure) -> tuple[set[str], set[_What]]:
    """The events that calls made which a broken rule is about first: their ids, and what they say."""
    wanted = {
        name for finding in failure.findings if finding.severity == "must" for name in _ids(finding)[:1]
    }
    ids: set[str] = set()
    said: set[_What] = set()
    for name, call in failure.played.history.creations():
        if name in wanted:
            made = call.value.get("event") if isinstance(call.value, dict) else None
            ids |= {str(made["eventId"])} if isinstance(made, dict) and made.get("eventId") else set()
            said.add((call.event["eventType"], call.event.get("correlationId")))
    return ids, said


def logged_events(failure: Failure, names: dict[str, str]) -> list[lines.EventLine]:
    """The logs of all runs as they were read; a run is named where there are several."""
    snapshots = failure.played.history.snapshots
    ids, said = _wrong(failure)
    several = len({snapshot.run_id for snapshot in snapshots}) > 1
    made: list[lines.EventLine] = []
    for snapshot in snapshots:
        run = names.get(snapshot.run_id, snapshot.run_id) if several else ""
        known = {(event["eventType"], event.get("correlationId")) for event in snapshot.events
                 if str(event.get("eventId", "")) in ids}  # fmt: skip
        seen: set[_What] = set()
        for event in snapshot.events:
            what = event["eventType"], event.get("correlationId")
            again = what in seen and what[0] not in ("step_started", "hook_received", "step_retrying")
            seen.add(what)
            # By its id; without one, the event that says the same, or the one that stands there twice.
            guessed = what not in known and (again or (what in said and not ids))
            made.append(
                lines.EventLine(
                    id=str(event.get("eventId", "")),
                    type=what[0],
                    run=run,
                    correlation_id=what[1],
                    at=_moment(event.get("createdAt")),
                    data=_plain(event.get("eventData")),
                    offending=str(event.get("eventId", "")) in ids or guessed,
                )
            )
    return made


def _moment(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return None if value is None else str(value)


def _plain(value: Any) -> Any:
    """JSON only: bytes and dates become text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return _moment(value)


def _what(call: Call) -> str:
    if call.op != "events.create":
        return call.op
    event = call.event
    return f"{event['eventType']} {event.get('correlationId', '')}".rstrip()


def _shortener(history: History, namespace: str) -> Callable[[str], str]:
    """Replaces long ids by the names that the checks use (``run1``, ``step2``)."""
    names = name_ids(history)
    patterns = sorted(names, key=len, reverse=True)
    if namespace:
        names = {**names, f"{namespace}:": ""}
        patterns.insert(0, f"{namespace}:")
    if not patterns:
        return lambda text: text
    found = re.compile("|".join(map(re.escape, patterns)))
    return lambda text: found.sub(lambda match: names[match[0]], text)


def _lanes(history: History, short: Callable[[str], str], further: set[int]) -> list[lines.LaneItem]:
    """All that happened in the race and after it, in order. Of the calls that were made while the queue was
    drained, those ``further`` ones that a finding is about."""
    items: list[lines.LaneItem] = []
    for call in history.calls:
        shown = call.phase in ("race", "then") or (call.phase == "drain" and id(call) in further)
        if not shown or call.ended == -1:
            continue
        what = _what(call)
        items.append(lines.LaneItem(lane=call.actor, at=call.began, label=what, kind="call"))
        items.append(
            lines.LaneItem(lane=call.actor, at=call.ended, label=what, kind="answer", text=_answer(call))
        )
    items += [
        lines.LaneItem(
            lane=gate.actor,
            at=gate.at,
            label=gate.label,
            kind="gate",
            access=gate.access,
            where=origin.where or None,
            compiled=origin.compiled,
            frames=list(origin.frames),
        )
        for gate in history.gates
        for origin in (gate.origin or Origin(""),)
    ]
    items += [
        lines.LaneItem(
            lane=fault.actor, at=fault.at, label=f"{fault.kind}: {MEANING[fault.kind]}", kind="fault"
        )
        for fault in history.faults
    ]
    items += [
        lines.LaneItem(
            lane=message.actor or "-",
            at=message.at,
            label=f"queue {message.queue} {message.step_id or message.run_id}",
            kind="queue",
            text=message.origin + (" (absorbed)" if message.absorbed else ""),
        )
        for message in history.messages
        if message.phase in ("race", "then")
    ]
    items += [
        lines.LaneItem(lane=body.actor, at=body.at, label=f"body of {body.step_id}", kind="body")
        for body in history.bodies
        if body.phase == "race"
    ]
    items += [
        lines.LaneItem(lane=line.actor, at=line.at, label=line.text[:200], kind="log", text=line.level)
        for line in history.logs
        if line.phase == "race" and line.level in ("warn", "error")
    ]
    for item in items:
        item.label = short(item.label)
        item.text = short(item.text)
    return sorted(items, key=lambda item: item.at)


def _answer(call: Call) -> str:
    value = call.value
    if call.error is not None:
        return f"{call.answer}: {call.error.in_full}"
    if call.op == "events.create" and isinstance(value, dict):
        return _success(value) if call.answer == "ok" else "hook_conflict event"
    if isinstance(value, dict) and "data" in value:
        return f"{len(value['data'])} found"
    return "found"


def _success(value: dict[str, Any]) -> str:
    step, run = value.get("step"), value.get("run")
    if step is not None:
        return f"success, step {step.get('status')} (attempt {step.get('attempt')})"
    if run is not None:
        return f"success, run {run.get('status')}, startedAt {_moment(run.get('startedAt'))}"
    return "success"
