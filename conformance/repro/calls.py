"""The calls of a history as a script makes them again: given, race, and what follows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from conformance.core.faults import QUEUE_FAULTS, FaultKind
from conformance.core.history import Call, History
from conformance.core.stored_values import as_stored
from conformance.drivers.driver import ACTORS
from conformance.oracle.observed import name_ids
from conformance.oracle.seen import Observed
from conformance.record.streams_in_words import is_of_stream, stream_names
from conformance.repro.literal import Stored
from conformance.repro.stream_words import answered, asked
from conformance.repro.words import answer_in_words, named_calls

_CREATE: Final = "events.create"
#: Runs of reads in the race are part of it; elsewhere they change nothing.
_FOLLOWS: Final = ("drain", "then")


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One call. ``at`` in ms since the first; ``gives``: the ids minted in its answer, as name -> path.

    ``io``: what it did then, each operation with the line of the package, if that is known.
    """

    actor: str
    op: str
    args: tuple[Any, ...]
    says: str
    at: int
    answer: str
    gives: dict[str, str] = field(default_factory=dict)
    io: list[tuple[str, str]] = field(default_factory=list)


class RecordedFault(NamedTuple):
    """A fault in the race: the number of the operation it came with, from 0, and the actor it ``adds``."""

    at: int
    kind: FaultKind
    adds: str = ""


@dataclass(slots=True)
class Recording:
    """All calls of one history, and the ids in them."""

    #: id -> short name
    names: dict[str, str]
    #: short names of the ids that the world mints
    minted: set[str]
    start: int
    given: list[RecordedCall] = field(default_factory=list)
    race: dict[str, list[RecordedCall]] = field(default_factory=dict)
    after: list[RecordedCall] = field(default_factory=list)
    faults: list[RecordedFault] = field(default_factory=list)


def record(history: History, observed: Observed, programs: int) -> Recording:
    """The recording of a history; ``programs`` is the number of actors that raced from the beginning."""
    names = {**name_ids(history), **stream_names(history)}
    recording = Recording(names, set(), int(history.calls[0].time) if history.calls else 0)
    creates = {(call.phase, call.actor, call.n): (name, call) for name, call in named_calls(observed.calls)}
    counts: dict[tuple[str, str], int] = {}
    used: set[str] = set()
    for call in history.calls:
        key = (call.phase, call.actor)
        says, answer = f"{call.actor}: {call.op}", ""
        if call.op == _CREATE and call.ended == -1:  # whoever asked died before the answer
            entity = names.get(call.event.get("correlationId", ""), "")
            says = f"{call.actor}: {call.event['eventType']} {entity}".rstrip()
        elif call.op == _CREATE:
            counts[key] = n = counts.get(key, -1) + 1
            says, seen = creates[(*key, n)]
            answer = answer_in_words(seen)
        elif is_of_stream(call):
            says, answer = asked(call), answered(call)
        used |= {text for text in _strings(call.args) if text in names}
        gives = _minted(call, names, used)
        recording.minted |= set(gives)
        made = RecordedCall(
            call.actor,
            call.op,
            _sent(call),
            says,
            int(call.time) - recording.start,
            answer,
            gives,
            _io(call, history),
        )
        if call.phase == "race":
            recording.race.setdefault(call.actor, []).append(made)
        elif call.phase == "given" and (call.op == _CREATE or _matters(call, names)):
            recording.given.append(made)
        elif call.phase in _FOLLOWS and (call.op == _CREATE or is_of_stream(call)):
            recording.after.append(made)
    recording.faults = _faults(history, programs)
    return recording


def _matters(call: Call, names: dict[str, str]) -> bool:
    """Whether a call of the prefix is about a stream that somebody does something with later."""
    return is_of_stream(call) and call.args[0] in names


def _sent(call: Call) -> tuple[Any, ...]:
    """The arguments as the world got them."""
    if call.op != _CREATE:
        return call.args
    run_id, event, *more = call.args
    return (run_id, as_stored(event, Stored), *more)


def _faults(history: History, programs: int) -> list[RecordedFault]:
    """What went wrong in the race. A fault of the queue shows in the calls that followed."""
    made: list[RecordedFault] = []
    for fault in history.faults:
        if fault.kind not in QUEUE_FAULTS:
            at = sum(1 for gate in history.gates if gate.at < fault.at)
            added = programs + sum(1 for one in made if one.adds)
            made.append(RecordedFault(at, fault.kind, ACTORS[added] if fault.kind == "again" else ""))
    return made


def _minted(call: Call, names: dict[str, str], used: set[str]) -> dict[str, str]:
    """The ids that are met in this answer before anybody asked for them: the world made them."""
    if call.op != _CREATE or not isinstance(call.value, dict):
        return {}
    gives: dict[str, str] = {}
    for path, text in _paths(call.value):
        if text in names and text not in used:
            used.add(text)
            gives[names[text]] = path
    return gives


def _io(call: Call, history: History) -> list[tuple[str, str]]:
    end = call.ended if call.answered else sys.maxsize
    return [
        (gate.label, gate.where)
        for gate in history.gates
        if gate.actor == call.actor and call.phase == "race" and call.began < gate.at < end
    ]


def _paths(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        # An entity before the event about it: its id is the one that people mean.
        for name in sorted(value, key=lambda name: name == "event"):
            yield from _paths(value[name], f"{path}.{name}".lstrip("."))
    elif isinstance(value, str):
        yield path, value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value
