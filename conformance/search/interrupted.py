"""Calls that a fault broke off, and whoever made them again: what tells *half done* from *own retry*."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from conformance.core.faults import LEAVES_HALF_DONE
from conformance.core.history import Call, FaultStep, History
from conformance.spec.vocabulary import Answer

#: The operation at which these happen is made all the same.
_MADE: Final = frozenset({"die", "lose"})
REFUSALS: Final[frozenset[Answer]] = frozenset({"conflict", "gone", "not_found", "too_early"})


class Interrupted(NamedTuple):
    """A creation of an event during which its caller died or lost its connection.

    ``written``: the labels of the operations that write which had been made by then. ``again``: whether one
    of them was made once more within the same call.
    """

    call: Call
    fault: FaultStep
    written: tuple[str, ...]
    again: bool

    def is_half(self, writes: Mapping[str, int]) -> bool:
        """Whether some of its writes had been made, and not all; ``writes`` as in ``Failure.writes``."""
        return 0 < len(self.written) < writes.get(self.call.event["eventType"], 0)


def interrupted(history: History) -> Iterator[Interrupted]:
    """The calls that faults broke off."""
    for fault in history.faults:
        if fault.kind not in LEAVES_HALF_DONE:
            continue
        call = next((one for one in history.calls if _is_under_way(one, fault)), None)
        if call is None:
            continue
        mine = [gate for gate in history.gates if gate.actor == fault.actor and gate.at > call.began]
        broken = next((gate for gate in mine if gate.at > fault.at), None)
        if broken is None:
            continue
        made = [gate for gate in mine if gate.at < fault.at or (gate is broken and fault.kind in _MADE)]
        written = tuple(gate.label for gate in made if gate.access != "read")
        later = {gate.label for gate in mine if broken.at < gate.at < call.ended}
        yield Interrupted(call, fault, written, not later.isdisjoint(written))


def _is_under_way(call: Call, fault: FaultStep) -> bool:
    return (
        call.op == "events.create"
        and call.actor == fault.actor
        and call.began < fault.at
        and (call.ended == -1 or call.ended > fault.at)
    )


def made_again(history: History, writes: Mapping[str, int]) -> Iterator[Call]:
    """Calls that were refused because they met the first writes of their own caller, or of an earlier
    delivery of the same message."""
    for broken in interrupted(history):
        if broken.again and broken.call.answer in REFUSALS and broken.call.answered:
            yield broken.call
    for call in history.calls:
        if _is_refused(call) and any(_is_first(one, call, history, writes) for one in history.calls):
            yield call


def _is_refused(call: Call) -> bool:
    return call.op == "events.create" and call.answered and call.answer in REFUSALS


def _is_first(first: Call, again: Call, history: History, writes: Mapping[str, int]) -> bool:
    """Whether a call took effect, and another delivery of its message asked for the same."""
    if first.op != "events.create" or first.began >= again.began or _asked(first) != _asked(again):
        return False
    message = _message_of(first, history)
    if message == "" or message != _message_of(again, history):
        return False
    if first.done:
        # Whoever learnt that it succeeded has a message that is delivered again all the same: its visibility
        # timeout passed, or its handler failed later.
        return any(
            fault.kind in ("again", "repeat")
            or (fault.kind in LEAVES_HALF_DONE and fault.actor == first.actor and first.ended < fault.at)
            for fault in history.faults
            if fault.at < again.began
        )
    return any(
        one.call is first and 0 < writes.get(first.event["eventType"], 0) <= len(one.written)
        for one in interrupted(history)
    )


def _asked(call: Call) -> tuple[str, str | None, str | None]:
    return call.event["eventType"], call.run_id, call.event.get("correlationId")


def _message_of(call: Call, history: History) -> str:
    """The id of the message in whose delivery a call was made; empty when it was made in none."""
    delivery = history.in_hand(call.actor, call.began)
    return "" if delivery is None or delivery.phase != call.phase else delivery.message.id


def writes_of(history: History) -> dict[str, int]:
    """How many operations that write each kind of event took that was created in a race without faults."""
    found: dict[str, int] = {}
    for call in history.calls:
        if call.op == "events.create" and call.phase == "race" and call.done:
            kind = call.event["eventType"]
            count = sum(
                1
                for gate in history.gates
                if gate.actor == call.actor and call.began < gate.at < call.ended and gate.access != "read"
            )
            found[kind] = max(count, found.get(kind, 0))
    return found
