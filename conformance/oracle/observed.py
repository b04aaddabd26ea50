"""What the checks see of a history: names instead of ids, ranks instead of times, nothing else.

Two schedules that differ only in ids and moments give equal :class:`Observed` values, and checks see
nothing but this value. So an outcome is judged once, however many schedules lead to it, and that is
sound by construction.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from operator import itemgetter
from typing import Any, NamedTuple

from conformance.core.faults import FaultKind
from conformance.core.history import Call, History, Snapshot
from conformance.oracle.log_ids import SeenTwoThings, bound_twice, resumed_twice
from conformance.oracle.log_reads import SeenRead, misreads
from conformance.oracle.log_slots import is_numbered, misnumbered
from conformance.oracle.looks import SeenLook, looks
from conformance.spec.clock import millis
from conformance.spec.lines import line_of
from conformance.spec.table import Line
from conformance.spec.vocabulary import TERMINAL_EVENTS, Answer, Entity, Event

_MOST = 160
#: A ``retryAfter`` that does not come while a schedule of storage operations is played.
FAR = "far"
_FAR_MS = 12 * 3_600_000
#: Ids of things that have no name here, such as events: a ULID, or a number of a world in memory.
_NAMELESS = re.compile(r"\b([a-z]+)_(?:[0-9A-HJKMNP-TV-Z]{26}|\d{8})\b")
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
#: Events that hold what their entity holds, and where.
_HOLDS = {"step_completed": "result", "run_completed": "output"}
_PHASES = {"given": 0, "race": 1, "drain": 2, "then": 3, "read": 4}


class SeenCall(NamedTuple):
    """One ``events.create``: what was asked, and what the answer said.

    ``n`` counts the calls of that actor in that phase. ``started`` ranks the distinct ``startedAt``
    values of the history (-1: the answer had none).
    """

    phase: str
    actor: str
    n: int
    run: str
    kind: str
    entity: str
    token: str
    value: Hashable
    answer: Answer
    message: str
    status: str
    started: int
    attempt: int
    #: the resumption that it brings, where the World declares that one resumption is one event
    resume: str = ""
    #: the answer says that this start created its step
    created: bool = False


class SeenStep(NamedTuple):
    name: str
    status: str
    attempt: int
    output: Hashable


class SeenRun(NamedTuple):
    """The outcome of one run: entity, log as ``(type, entity)``, steps, live hooks as ``(name, token)``."""

    name: str
    status: str
    started: int
    output: Hashable
    events: tuple[tuple[str, str], ...]
    steps: tuple[SeenStep, ...]
    hooks: tuple[tuple[str, str], ...]
    #: what the events of the log hold: ``(type, entity, result or output)``
    results: tuple[tuple[str, str, Hashable], ...] = ()
    #: the ids of its events have to be positions, and what is wrong with them (empty: nothing)
    numbered: bool = False
    misnumbered: str = ""
    #: hooks that have one resumption in the log more than once
    resumed_twice: tuple[str, ...] = ()
    #: the code of the error with which the run failed, as the runtime gave it
    error_code: str = ""
    #: the attributes of the run, as ``(key, value)``
    attributes: tuple[tuple[str, Hashable], ...] = ()


class SeenMessage(NamedTuple):
    """A queue message: for what it is, why it was queued, and whether its key absorbed it."""

    phase: str
    queue: str
    run: str
    step: str
    origin: str
    about: str
    absorbed: bool
    actor: str


class SeenLog(NamedTuple):
    phase: str
    actor: str
    level: str
    origin: str
    text: str
    by_design: bool


class Observed(NamedTuple):
    """Everything that verdicts are made of."""

    level: str
    #: nothing raced: the calls are in the order in which they were made
    in_order: bool
    calls: tuple[SeenCall, ...]
    runs: tuple[SeenRun, ...]
    owners: tuple[tuple[str, str], ...]
    messages: tuple[SeenMessage, ...]
    #: ``(outcome, error)`` of every delivery that failed
    failed: tuple[tuple[str, str], ...]
    #: step name -> how often its body ran, and how often of these after its run had ended
    bodies: tuple[tuple[str, int, int], ...]
    logs: tuple[SeenLog, ...]
    #: replays of logs that were read: ``(reader, verdict)``
    replays: tuple[tuple[str, str], ...]
    #: whether the queue fell silent
    quiet: bool
    #: what could not be read back: ``(name, error)``
    unreadable: tuple[tuple[str, str], ...] = ()
    #: runs that nobody will carry on: ``(name, why)``
    stuck: tuple[tuple[str, str], ...] = ()
    #: kinds of the faults that happened
    faults: tuple[FaultKind, ...] = ()
    #: answers of a wrong shape: ``(rule, text)``
    misshapen: tuple[tuple[str, str], ...] = ()
    #: whoever finishes a step goes on by itself, as in 5.x: no message says so
    inline: bool = False
    #: reads that were no prefix of the final log
    misreads: tuple[SeenRead, ...] = ()
    #: correlation ids by which two creations asked for different things
    two_things: tuple[SeenTwoThings, ...] = ()
    #: real time: for each racing call, in the order of ``calls``, which racing calls had been answered when
    #: it began, as bits (bit 0 is the first racing call); empty when that is not known, or nothing raced
    order: tuple[int, ...] = ()
    #: the outputs of the runs do not depend on the order in which things happen
    settled: bool = False
    #: what reads of entities showed in the race
    looks: tuple[SeenLook, ...] = ()
    #: the line of the spec that the World is of
    line: Line = 4


class _Names:
    """Stable names for ids: the first step seen is ``step1``, the second ``step2``."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.times: dict[str, int] = {}
        # In process an event and the entity it moved hold one value; it lives as long as its history.
        self.frozen: dict[int, Hashable] = {}

    def freeze(self, value: Any) -> Hashable:
        """:func:`freeze`, once for each value."""
        if value is None or isinstance(value, str):
            return value
        key = id(value)
        frozen = self.frozen.get(key)
        if frozen is None:
            frozen = self.frozen[key] = freeze(value)
        return frozen

    def copy(self) -> _Names:
        other = _Names()
        other.names, other.counts, other.times = self.names.copy(), self.counts.copy(), self.times.copy()
        return other

    def of(self, identifier: str | None) -> str:
        if identifier is None:
            return ""
        name = self.names.get(identifier)
        if name is None:
            prefix = identifier.partition("_")[0]
            prefix = {"wrun": "run"}.get(prefix, prefix)
            number = self.counts[prefix] = self.counts.get(prefix, 0) + 1
            name = self.names[identifier] = f"{prefix}{number}"
        return name

    def rank(self, moment: Any) -> int:
        """The rank of a moment among the distinct ones seen, -1 for none."""
        if moment is None:
            return -1
        return self.times.setdefault(str(moment), len(self.times))

    def scrub(self, text: str) -> str:
        """A log text with ids replaced by names, those of events by their kind, and without moments."""
        if not text:
            return text
        for identifier, name in self.names.items():
            if identifier in text:
                text = text.replace(identifier, name)
        return _MOMENT.sub("then", _NAMELESS.sub(r"\1", text))


def freeze(value: Any) -> Hashable:
    """A hashable form of a JSON value, in which nothing and null are the same (and 1 and true are not)."""
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, int | float):
        return ("number", value)
    if isinstance(value, dict):
        return ("object", *[(key, freeze(value[key])) for key in sorted(value)])
    if isinstance(value, list | tuple):
        return ("array", *[freeze(item) for item in value])
    return ("other", str(value))


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


def _prefix(history: History) -> tuple[_Names, list[SeenCall]]:
    """What was seen of the prefix that this history shares with others: looked at once for all of them."""
    origin = history.origin
    if origin is None:
        return _Names(), []
    if origin.seen is None:
        names = _Names()
        creates = (call for call in origin.calls if call.op == "events.create")
        dedups = _dedups(history)
        origin.seen = names, [_call(call, n, names, dedups) for n, call in enumerate(creates)]
    names, seen = origin.seen
    return names.copy(), seen.copy()


def _observe(
    history: History, level: str, names: _Names, seen: list[SeenCall], *, in_order: bool, real_time: bool
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
        bound_twice(history.calls, names.of, names.freeze),
        () if in_order or not real_time else _order(raced),
        history.settled,
        looks(history.calls, raced, names, real_time=in_order or real_time),
        line_of(history.spec_version),
    )


def _creates(history: History, *, in_order: bool) -> list[Call]:
    """What was asked of the log since the prefix, in an order that does not depend on the schedule."""
    known = 0 if history.origin is None else len(history.origin.calls)
    calls = [call for call in history.calls[known:] if call.op == "events.create" and call.ended != -1]
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


def _replays(history: History, names: _Names) -> tuple[tuple[str, str], ...]:
    if not history.replays:
        return ()
    return tuple(sorted({(reader, names.scrub(verdict)) for reader, verdict in set(history.replays)}))


def _first_line(error: Exception) -> str:
    """An error short enough for a sentence: some are whole reports."""
    text = " ".join(str(error).split())
    return text if len(text) <= _MOST else text[:_MOST] + "…"


def _call(call: Call, n: int, names: _Names, dedups: bool) -> SeenCall:
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


def _payload(kind: str, data: dict[str, Any], now: float, names: _Names) -> Hashable:
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


def _run(snapshot: Snapshot, names: _Names) -> SeenRun:
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
    )


def _error_code(events: list[Event]) -> str:
    failed = next((event for event in events if event["eventType"] == "run_failed"), None)
    return "" if failed is None else str((failed.get("eventData") or {}).get("errorCode") or "")


def _result(event: Event, names: _Names) -> tuple[str, str, Hashable]:
    kind = event["eventType"]
    value = (event.get("eventData") or {}).get(_HOLDS[kind])
    return kind, names.of(event.get("correlationId")), names.freeze(value)


def _step(step: Entity, names: _Names) -> SeenStep:
    return SeenStep(
        names.of(step["stepId"]),
        step.get("status", ""),
        step.get("attempt", -1),
        names.freeze(step.get("output")),
    )


def _owner(hook: Entity | None, names: _Names) -> str:
    return "" if hook is None else names.of(hook.get("runId"))


def _messages(history: History, names: _Names) -> tuple[SeenMessage, ...]:
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


def _bodies(history: History, names: _Names) -> tuple[tuple[str, int, int], ...]:
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
