"""What shows a failure, for people: the evidence of a verdict in a record."""

from __future__ import annotations

from typing import Any, Final

from conformance.core.history import CallId
from conformance.oracle import Finding
from conformance.oracle.observed import name_ids
from conformance.record import file as lines
from conformance.record.provenance import Provenance
from conformance.record.trace import lanes_of, moment, shortener, what_was_asked
from conformance.search.failure import Failure

#: A list in the evidence holds at most this many lines; what is left out is counted.
_MOST: Final = 300
#: What an event says: its run, its type, and what it is about.
_What = tuple[str, str, str | None]


def evidence_of(failure: Failure, context: Provenance) -> lines.Evidence:
    """The schedule of a failure, its lanes, the log that was read, and the commands that show it again."""
    history = failure.played.history
    wanted = {name for finding in failure.findings for name in _ids(finding)}
    further = {id(call) for name, call in history.creations() if name in wanted}
    lanes = lanes_of(history, shortener(history, context.namespace), further)
    names = name_ids(history)
    return lines.Evidence(
        case=failure.case.to_json(),
        schedule=failure.played.token,
        lanes=lanes[:_MOST],
        events=logged_events(failure, names)[:_MOST],
        errors=[
            lines.ErrorLine(
                lane=call.actor,
                op=what_was_asked(call),
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
        replay=context.replay(failure),
        search=context.search(),
        names=names,
        dropped={"lanes": len(lanes) - _MOST} if len(lanes) > _MOST else {},
    )


def _wrong(failure: Failure) -> tuple[set[tuple[str, str]], set[_What]]:
    """The events that calls made which a broken rule is about first: their runs and ids, and what they say.
    An id may be one of its run only."""
    wanted = {
        name for finding in failure.findings if finding.severity == "must" for name in _ids(finding)[:1]
    }
    ids: set[tuple[str, str]] = set()
    said: set[_What] = set()
    for name, call in failure.played.history.creations():
        if name in wanted:
            made = call.value.get("event") if isinstance(call.value, dict) else None
            run = str(call.run_id or (made or {}).get("runId", ""))
            if isinstance(made, dict) and made.get("eventId"):
                ids.add((run, str(made["eventId"])))
            said.add((run, call.event["eventType"], call.event.get("correlationId")))
    return ids, said


def logged_events(failure: Failure, names: dict[str, str]) -> list[lines.EventLine]:
    """The logs of all runs as they were read; a run is named where there are several."""
    snapshots = failure.played.history.snapshots
    ids, said = _wrong(failure)
    several = len({snapshot.run_id for snapshot in snapshots}) > 1
    made: list[lines.EventLine] = []
    for snapshot in snapshots:
        run = names.get(snapshot.run_id, snapshot.run_id) if several else ""
        of = snapshot.run_id
        known = {(of, event["eventType"], event.get("correlationId")) for event in snapshot.events
                 if (of, str(event.get("eventId", ""))) in ids}  # fmt: skip
        seen: set[_What] = set()
        for event in snapshot.events:
            what = of, event["eventType"], event.get("correlationId")
            again = what in seen and what[1] not in ("step_started", "hook_received", "step_retrying")
            seen.add(what)
            # By its id; without one, the event that says the same, or the one that stands there twice.
            guessed = what not in known and (again or (what in said and not ids))
            made.append(
                lines.EventLine(
                    id=str(event.get("eventId", "")),
                    type=what[1],
                    run=run,
                    correlation_id=what[2],
                    at=moment(event.get("createdAt")),
                    data=_plain(event.get("eventData")),
                    offending=(of, str(event.get("eventId", ""))) in ids or guessed,
                )
            )
    return made


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
    return moment(value)


def _ids(finding: Finding) -> tuple[CallId, ...]:
    """The calls that a finding is about: the offending one first."""
    return finding.because if finding.call is None else (finding.call, *finding.because)


def places(finding: Finding, failure: Failure) -> list[int]:
    """Where the calls that a finding is about stand among the lanes."""
    began = {name: call.began for name, call in failure.played.history.creations()}
    # What the prefix did is not on the lanes.
    return [began[name] for name in _ids(finding) if name in began and name[0] != "given"]
