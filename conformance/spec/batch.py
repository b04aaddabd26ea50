"""Batches of line 5.x (``events.createBatch``): which events one may hold, and what each is by itself.

A batch is one write. Its events have consecutive positions in the order asked for, and each has the outcome
that its own ``events.create`` would have had. A ``step_created`` with the ``step_started`` of the same step
behind it is one write already: a start that creates its step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, ParamSpec

from conformance.spec.machine import CREATION, creates_step
from conformance.spec.vocabulary import Event, WorldError

P = ParamSpec("P")

#: What a World declares that it can do when it has ``events.createBatch``.
BATCHES: Final = "createBatch"
#: What no batch may hold.
NEVER: Final = frozenset(
    {"run_created", "run_started", "run_cancelled", "hook_created", "hook_disposed", "attr_set"}
)


def singles(events: Sequence[Event]) -> list[Event]:
    """The events of a batch as they would be written one by one; a pair is one start that creates its step.

    Raises :class:`WorldError` for what a batch cannot express: such a batch is refused as a whole.
    """
    found: list[Event] = []
    for event in events:
        kind: str = event["eventType"]
        if kind in NEVER:
            raise _refused(f"{kind} cannot be in a batch")
        if creates_step(event):
            raise _refused("in a batch the input of a step belongs to its step_created")
        before = found[-1] if found else None
        if before is not None and kind == "step_started" and _creates(before, event):
            data = {**before["eventData"], **(event.get("eventData") or {})}
            found[-1] = {**event, "eventData": data}
        else:
            found.append(event)
    most, times = Counter(map(_about, found)).most_common(1)[0] if found else ("", 0)
    if times > 1:
        raise _refused(f"two events of {most} cannot be in one batch")
    return found


def _creates(before: Event, event: Event) -> bool:
    about: str = event["correlationId"]
    return bool(before["eventType"] == "step_created" and before["correlationId"] == about)


def _about(event: Event) -> str:
    return event.get("correlationId") or "the run"


def _refused(why: str) -> WorldError:
    return WorldError("WorkflowWorldError", f"the batch is refused: {why}", status=400)


def results(written: Sequence[Event], answers: Sequence[dict[str, Any] | WorldError]) -> dict[str, Any]:
    """The answer to a batch, of the answers to :func:`singles`: ``{"results": [one for each event]}``."""
    found: list[dict[str, Any]] = []
    for event, answer in zip(written, answers, strict=True):
        if isinstance(answer, WorldError):
            refused = {"status": answer.status or 500, "error": answer.name, "message": answer.message}
            found += [refused] * (2 if creates_step(event) else 1)
            continue
        item = {key: part for key, part in answer.items() if key != "stepCreated"}
        if creates_step(event):
            found.append({"status": 200, **item, "event": _creation(event, item["event"])})
        found.append({"status": 200, **item})
    return {"results": found}


def answer_of(
    decide: Callable[P, dict[str, Any]], *args: P.args, **named: P.kwargs
) -> dict[str, Any] | WorldError:
    """What a decision comes to: an answer, or a refusal, which is that of one event of a batch."""
    try:
        return decide(*args, **named)
    except WorldError as error:
        return error


def _creation(asked: Event, started: Event) -> Event:
    """The event before that of a start that created its step."""
    position = int(started["eventId"].rpartition("_")[2]) - 1
    data = {name: asked["eventData"][name] for name in ("stepName", "input")}
    kind = CREATION["step_started"]
    return {**started, "eventType": kind, "eventData": data, "eventId": f"evnt_{position:026d}"}


def outcome_of(item: dict[str, Any]) -> dict[str, Any] | WorldError:
    """What one entry of an answer would have been for a single write."""
    if item.get("error") is None:
        return item
    status = item.get("status")
    return WorldError(
        str(item["error"]), str(item.get("message", "")), status=status if isinstance(status, int) else None
    )
