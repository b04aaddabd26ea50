"""From a history to what the checks see of it: names instead of ids, ranks instead of times, nothing else.

Two schedules that differ only in ids and moments give equal :class:`Observed` values, and checks see
nothing but this value. So an outcome is judged once, however many schedules lead to it, and that is
sound by construction.
"""

from __future__ import annotations

from collections.abc import Hashable
from operator import itemgetter
from typing import Any

from conformance.core.history import Call, History, Snapshot
from conformance.oracle.contents import losses
from conformance.oracle.log_batches import parted
from conformance.oracle.log_ids import bound_twice, resumed_twice
from conformance.oracle.log_pages import mispaged
from conformance.oracle.log_reads import misreads
from conformance.oracle.log_reports import misreports
from conformance.oracle.log_slots import is_numbered, misnumbered
from conformance.oracle.looks import looks
from conformance.oracle.names import Names
from conformance.oracle.seen import FAR, Observed, SeenCall, SeenLog, SeenMessage, SeenRun, SeenStep
from conformance.oracle.sequence import sequence
from conformance.oracle.streams import misstreams
from conformance.oracle.winners import winners
from conformance.spec.clock import millis
from conformance.spec.lines import line_of
from conformance.spec.vocabulary import TERMINAL_EVENTS, Entity, Event

_MOST = 160
_FAR_MS = 12 * 3_600_000
#: Events that hold what their entity holds, and where.
_HOLDS = {"step_completed": "result", "run_completed": "output"}
_PHASES = {"given": 0, "race": 1, "drain": 2, "then": 3, "read": 4}


def name_ids(history: History) -> dict[str, str]:
    """The names that :func:`observe` gives to the ids of a history."""
    names, seen = _prefix(history)
    _observe(history, "", names, seen, in_order=False, real_time=False)
    return names.names


def observe(
    history: History, level: str = "storage", *, in_order: bool = False, real_time: bool = True
) -> Observed:
    """Reduce a history to what the checks may see. ``in_order``: its actors ran one after another.
    ``real_time``: whether its clock tells which call had been answered before another began."""
    return _observe(history, level, *_prefix(history), in_order=in_order, real_time=real_time)


def _prefix(history: History) -> tuple[Names, list[SeenCall]]:
    """What was seen of the prefix that this history shares with others: looked at once for all of them."""
    origin = history.origin
    if origin is None:
        return Names(), []
    if origin.seen is None:
        names = Names()
        creates = (call for call in origin.calls if call.op == "events.create")
        dedups = _dedups(history)
        origin.seen = names, [_call(call, n, names, dedups) for n, call in enumerate(creates)]
    names, seen = origin.seen
    return names.copy(), seen.copy()


def _observe(
    history: History, level: str, names: Names, seen: list[SeenCall], *, in_order: bool, real_time: bool
) -> Observed:
    calls = _creates(history, in_order=in_order)
    counts: dict[tuple[str, str], int] = {}
    dedups = _dedups(history)
    for call in calls:
        key = (call.phase, call.actor)
        counts[key] = n = counts.get(key, -1) + 1
        seen.append(_call(call, n, names, dedups))
    runs = tuple([_run(snapshot, names) for snapshot in history.snapshots])
    raced = [call for call in calls if call.phase == "race"]
    read = [call for call in history.calls if call.phase == "race" and call.op != "events.create"]
    owners = tuple([(names.of(token), _owner(hook, names)) for token, hook in history.tokens.items()])
    return Observed(
        level,
        in_order,
        tuple(seen),
        runs,
        owners,
        _messages(history, names),
        tuple([(d.outcome, names.scrub(str(d.failed))) for d in history.deliveries if d.failed is not None]),
        _bodies(history, names),
        tuple(
            [
                SeenLog(
                    line.phase, line.actor, line.level, line.origin, names.scrub(line.text), line.by_design
                )
                for line in history.logs
                if line.level == "error"
            ]
        ),
        _replays(history, names),
        history.quiet,
        tuple([(names.of(name), _first_line(error)) for name, error in history.unreadable]),
        tuple([(names.of(run), names.scrub(why)) for run, why in history.stuck]),
        tuple(sorted({fault.kind for fault in history.faults})),
        tuple(sorted({(wrong.rule, names.scrub(wrong.text)) for wrong in history.misshapen})),
        history.inline,
        misreads(history, names.of),
        bound_twice(history, names.of, names.freeze),
        () if in_order or not real_time else _order(raced),
        () if in_order else winners(raced, history),
        history.settled,
        looks(read, raced, names, real_time=in_order or real_time),
        line_of(history.spec_version),
        misstreams(history.calls),
        misreports(history, names.of),
        parted(history, names.of),
        losses(history, names.of, names.freeze),
        sequence(history, names.of) if history.exact else None,
    )


def _creates(history: History, *, in_order: bool) -> list[Call]:
    """What was asked of the log since the prefix, in an order that does not depend on the schedule."""
    known = 0 if history.origin is None else len(history.origin.calls)
    calls = [call for call in history.calls[known:] if call.op == "events.create" and call.answered]
    if in_order:
        # Every actor's first call begins before any is let through, so the ends say what came first.
        calls.sort(key=lambda call: (_PHASES[call.phase], call.ended))
    else:
        calls.sort(key=lambda call: (_PHASES[call.phase], call.actor, call.began))
    return calls


def racing_calls(history: History) -> list[Call]:
    """The calls that :attr:`Observed.order` is about, in that order."""
    return [call for call in _creates(history, in_order=False) if call.phase == "race"]


def _dedups(history: History) -> bool:
    """Whether the World declares that one resumption of a hook is one event."""
    return "hookResumeDedup" in history.capabilities


def _order(raced: list[Call]) -> tuple[int, ...]:
    """Which of the racing calls had been answered when each of them began, as bits."""
    return tuple(
        [sum([1 << at for at, other in enumerate(raced) if other.ended < call.began]) for call in raced]
    )


def _replays(history: History, names: Names) -> tuple[tuple[str, str], ...]:
    if not history.replays:
        return ()
    return tuple(sorted({(reader, names.scrub(verdict)) for reader, verdict in set(history.replays)}))


def _first_line(error: Exception) -> str:
    """An error short enough for a sentence: some are whole reports."""
    text = " ".join(str(error).split())
    return text if len(text) <= _MOST else text[:_MOST] + "…"


def _call(call: Call, n: int, names: Names, dedups: bool) -> SeenCall:
    event = call.event
    data = event.get("eventData") or {}
    answer = call.answer
    value = call.value if call.error is None else None
    run_id = call.run_id
    status, started, attempt = "", -1, -1
    if value is not None:
        run = value.get("run")
        if run is not None:
            run_id = run["runId"]
            status = run.get("status", "")
            started = names.rank(run.get("startedAt"))
        step = value.get("step")
        if step is not None:
            status = step.get("status", "")
            attempt = step.get("attempt", -1)
    return SeenCall(
        call.phase,
        call.actor,
        n,
        names.of(run_id),
        event["eventType"],
        names.of(event.get("correlationId")),
        names.of(data.get("token")),
        _payload(event["eventType"], data, call.time, names) if data else None,
        answer,
        names.scrub(str(call.error)) if answer == "unexpected" else "",
        status,
        started,
        attempt,
        _resumption(call) if dedups else "",
        value is not None and value.get("stepCreated") is True,
    )


def _resumption(call: Call) -> str:
    params = call.args[2] if len(call.args) > 2 else None
    return str((params or {}).get("resumeId") or "")


def _payload(kind: str, data: dict[str, Any], now: float, names: Names) -> Hashable:
    if kind in _HOLDS:
        return names.freeze(data.get(_HOLDS[kind]))
    if kind in ("step_started", "run_started"):
        return "creates" if "input" in data else None
    if kind == "attr_set":
        return tuple([(change["key"], change.get("value")) for change in data.get("changes", ())])
    if kind == "step_retrying":
        moment = millis(data.get("retryAfter"))
        if moment is None:
            return None
        return FAR if moment - now >= _FAR_MS else "later"
    return None


def _run(snapshot: Snapshot, names: Names) -> SeenRun:
    run = snapshot.run
    # A filler at a position that nobody wrote at says nothing about the run.
    events = [event for event in snapshot.events if event["eventType"] != "noop"]
    return SeenRun(
        names.of(snapshot.run_id),
        run.get("status", ""),
        names.rank(run.get("startedAt")),
        names.freeze(run.get("output")),
        tuple([(event["eventType"], names.of(event.get("correlationId"))) for event in events]),
        tuple(sorted([_step(step, names) for step in snapshot.steps], key=itemgetter(0))),
        tuple(sorted([(names.of(hook["hookId"]), names.of(hook.get("token"))) for hook in snapshot.hooks])),
        tuple([_result(event, names) for event in events if event["eventType"] in _HOLDS]),
        is_numbered(run, snapshot.events),
        misnumbered(run, snapshot.events),
        resumed_twice(events, names.of),
        _error_code(events),
        tuple(sorted([(key, names.freeze(item)) for key, item in (run.get("attributes") or {}).items()])),
        *_tokens(events, names),
        mispaged(snapshot, names.of),
    )


def _tokens(events: list[Event], names: Names) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tokens that hooks hold by a log, and those that they held before."""
    held: dict[str, str] = {}
    freed: list[str] = []
    ended = False
    for event in events:
        kind, hook = event["eventType"], str(event.get("correlationId"))
        if kind == "hook_created" and ended:
            # It may have been created before the end, and logged after it.
            freed.append(names.of((event.get("eventData") or {}).get("token")))
        elif kind == "hook_created":
            held[hook] = names.of((event.get("eventData") or {}).get("token"))
        elif kind == "hook_disposed" and hook in held:
            freed.append(held.pop(hook))
        elif kind in TERMINAL_EVENTS:
            ended = True
            freed += held.values()
            held.clear()
    return tuple(held.values()), tuple(freed)


def _error_code(events: list[Event]) -> str:
    failed = next((event for event in events if event["eventType"] == "run_failed"), None)
    return "" if failed is None else str((failed.get("eventData") or {}).get("errorCode") or "")


def _result(event: Event, names: Names) -> tuple[str, str, Hashable]:
    kind = event["eventType"]
    value = (event.get("eventData") or {}).get(_HOLDS[kind])
    return kind, names.of(event.get("correlationId")), names.freeze(value)


def _step(step: Entity, names: Names) -> SeenStep:
    return SeenStep(
        names.of(step["stepId"]),
        step.get("status", ""),
        step.get("attempt", -1),
        names.freeze(step.get("output")),
    )


def _owner(hook: Entity | None, names: Names) -> str:
    return "" if hook is None else names.of(hook.get("runId"))


def _messages(history: History, names: Names) -> tuple[SeenMessage, ...]:
    if not history.messages:
        return ()
    return tuple(
        sorted(
            SeenMessage(
                message.phase,
                message.queue,
                names.of(message.run_id),
                names.of(message.step_id),
                message.origin,
                names.of(message.about),
                message.absorbed,
                message.actor,
            )
            for message in history.messages
        )
    )


def _bodies(history: History, names: Names) -> tuple[tuple[str, int, int], ...]:
    """Count bodies per step, and those whose start was asked for after the run had ended."""
    if not history.bodies:
        return ()
    ended: dict[str, int] = {}
    starts: dict[tuple[str, str, str], int] = {}
    for call in history.calls:
        if call.op != "events.create" or not call.done:
            continue
        kind = call.event["eventType"]
        if kind in TERMINAL_EVENTS and call.run_id is not None:
            ended.setdefault(call.run_id, call.ended)
        elif kind == "step_started":
            starts[call.actor, call.run_id or "", call.event["correlationId"]] = call.began
    counted: dict[str, list[int]] = {}
    for body in history.bodies:
        count = counted.setdefault(names.of(body.step_id), [0, 0])
        count[0] += 1
        began = starts.get((body.actor, body.run_id, body.step_id), body.at)
        if began > ended.get(body.run_id, began):
            count[1] += 1
    return tuple(sorted((step, ran, late) for step, (ran, late) in counted.items()))
