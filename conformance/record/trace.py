"""What happened under a schedule, as the lanes of a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from conformance.core.faults import MEANING
from conformance.core.gates import Origin
from conformance.core.history import Call, History
from conformance.oracle.finding import worded
from conformance.oracle.observed import name_ids
from conformance.record import file as lines
from conformance.record.streams_in_words import asked, given, is_of_stream, stream_names


def shortener(history: History, namespace: str) -> Callable[[str], str]:
    """Replaces long ids by the names that the checks use (``run1``, ``step2``)."""
    names = {**name_ids(history), **stream_names(history)}
    patterns = sorted(names, key=len, reverse=True)
    if namespace:
        names = {**names, f"{namespace}:": ""}
        patterns.insert(0, f"{namespace}:")
    if not patterns:
        return lambda text: text
    found = re.compile("|".join(map(re.escape, patterns)))
    return lambda text: found.sub(lambda match: names[match[0]], text)


def lanes_of(history: History, short: Callable[[str], str], further: set[int]) -> list[lines.LaneItem]:
    """All that happened in the race and after it, in order. Of what happened while the queue was drained, the
    calls that a finding is about (``further``), and the errors that were logged."""
    items: list[lines.LaneItem] = []
    for call in history.calls:
        shown = call.phase in ("race", "then") or (call.phase == "drain" and id(call) in further)
        if not shown:
            continue
        what = what_was_asked(call)
        items.append(lines.LaneItem(lane=call.actor, at=call.began, label=what, kind="call"))
        if call.answered:
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
    items += _logged(history)
    for item in items:
        item.label = short(item.label)
        item.text = short(item.text)
    return sorted(items, key=lambda item: item.at)


def _logged(history: History) -> Iterator[lines.LaneItem]:
    """What was logged in the race. Of what was logged after it the errors, each once: messages that fail come
    again and again."""
    after: set[str] = set()
    for line in history.logs:
        raced = line.phase == "race" and line.level in ("warn", "error")
        late = line.phase in ("drain", "then") and line.level == "error" and worded(line.text) not in after
        if raced or late:
            text = line.level if raced else f"{line.level}, after the race"
            yield lines.LaneItem(lane=line.actor, at=line.at, label=line.text[:200], kind="log", text=text)
        if late:
            after.add(worded(line.text))


def _answer(call: Call) -> str:
    value = call.value
    if call.error is not None:
        return f"{call.answer}: {call.error.in_full}"
    if is_of_stream(call):
        return given(call)
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
        return f"success, run {run.get('status')}, startedAt {moment(run.get('startedAt'))}"
    return "success"


def what_was_asked(call: Call) -> str:
    """A call in words: its operation, or the event that it wants to append and what that is about."""
    if is_of_stream(call):
        return asked(call)
    if call.op != "events.create":
        return call.op
    event = call.event
    return f"{event['eventType']} {event.get('correlationId', '')}".rstrip()


def moment(value: Any) -> str | None:
    """A date as ISO 8601 with milliseconds; anything else as text."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return None if value is None else str(value)
