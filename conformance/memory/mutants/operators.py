"""Mutants by machine: every operator applied to every place of the memory world where it changes something.

An operator takes one thing out of the world, or puts it in a wrong place: a guard, a write, a field, an
answer. Which defects there are is therefore nobody's choice. ``world-conformance score`` judges them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from conformance.core.gates import Gate
from conformance.memory.mutants import ways
from conformance.memory.mutants.mutant import Mutant
from conformance.memory.mutants.ways import Broken
from conformance.memory.world import MemoryWorld
from conformance.spec.table import EVENT_TYPES, INDEX, Outcome, Row
from conformance.spec.vocabulary import Event, WorldError

_EVENTS: Final = sorted(EVENT_TYPES)
_DATA: Final = ("run_completed", "step_completed")

#: The ways that mutants by hand are made of: name, what it does to an event, and to which events.
_WAYS: Final[tuple[tuple[str, str, type[Broken], tuple[str, ...]], ...]] = (
    ("unguarded", "takes {} whatever the state is", ways.Unguarded, tuple(_EVENTS)),
    ("not-atomic", "decides {} by what it read, and writes later", ways.NotAtomic, tuple(_EVENTS)),
    ("decided-early", "decides {} by a cache, before it reads", ways.DecidesEarly, tuple(_EVENTS)),
    ("swallowed", "answers {} that it refuses with success", ways.Swallows, tuple(_EVENTS)),
    ("raw", "refuses {} with the driver's own error", ways.Raises, tuple(_EVENTS)),
    ("not-found", "says not found where {} is refused", ways.Misnames, tuple(_EVENTS)),
    ("gone", "says gone where {} is refused", ways.MisnamesGone, tuple(_EVENTS)),
    ("loud", "logs an error when {} is refused", ways.Loud, tuple(_EVENTS)),
    ("forgotten", "adds no event for {}", ways.Forgets, tuple(_EVENTS)),
    ("only-logged", "adds the event {} and moves nothing", ways.OnlyLogs, tuple(_EVENTS)),
    ("winner-refused", "refuses who wins {} under contention", ways.WinnerRefused, tuple(_EVENTS)),
    ("refused-logged", "keeps the event of {} that it refuses", ways.LogsRefused, tuple(_EVENTS)),
    ("overwritten", "keeps the data of {} that it refuses", ways.Overwrites, _DATA),
    ("event-overwritten", "puts the data of a refused {} into the event", ways.OverwritesEvent, _DATA),
)


class _LogsTwice(Broken):
    """Adds the event a second time."""

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        return super().append(run_id, event, now, conflict=conflict) if self.concerns(event) else stored


class _LogsFirst(Broken):
    """Adds the event by what it read, and moves the entity in a second operation, if it may."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None or not self.concerns(event) or run_id not in self.state.runs:
            return await super().events_create(run_id, event)
        keys = self.touches(run_id, event)
        await Gate(f"read {run_id}", "read", keys)
        seen = self.look_up(run_id, event)
        outcome = seen.outcomes[0]
        if outcome.answer != "ok" or not outcome.logs:
            await Gate(f"commit {event['eventType']}", "write", keys)
            return self.commit(run_id, event, seen)
        await Gate(f"log {event['eventType']}", "write", keys)
        stored = self.append(run_id, event, self.tick())
        await Gate(f"commit {event['eventType']}", "write", keys)
        row = self.look_up(run_id, event)
        if row.outcomes[0].answer != "ok":
            self.refuse(row.outcomes[0], row, event)
        self.state.take(run_id, event, row.outcomes[0], now=self.now)
        return self.result(run_id, event, stored)


class _LogsReversed(Broken):
    """Puts the event before the one that was the last."""

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        log = self.events[run_id]
        if self.concerns(event) and len(log) > 1:
            log[-2:] = log[-1], log[-2]
        return stored


class _LosesData(Broken):
    """Adds the event without its data."""

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        bare = {key: value for key, value in event.items() if key != "eventData"}
        return super().append(run_id, bare if self.concerns(event) else event, now, conflict=conflict)


class _AnswersBare(Broken):
    """Answers a success without the entity."""

    def result(self, run_id: str, event: Event, stored: Event | None = None) -> dict[str, Any]:
        result = super().result(run_id, event, stored)
        return {"event": stored} if self.concerns(event) else result


class _Raw(Broken):
    """Fails at the commit after it has written: who asked gets a raw error for what took effect."""

    def result(self, run_id: str, event: Event, stored: Event | None = None) -> dict[str, Any]:
        result = super().result(run_id, event, stored)
        if self.concerns(event):
            raise WorldError("Error", "the answer could not be read", code="EPIPE")
        return result


_OWN: Final[tuple[tuple[str, str, type[Broken]], ...]] = (
    ("logged-twice", "adds the event {} twice", _LogsTwice),
    ("logged-later", "moves the entity of {}, and adds the event in a second operation", ways.LogsLater),
    ("logged-first", "adds the event {}, and moves the entity in a second operation", _LogsFirst),
    ("logged-before", "puts the event {} before the one that was the last", _LogsReversed),
    ("data-lost", "adds the event {} without its data", _LosesData),
    ("answered-bare", "answers {} without the entity", _AnswersBare),
    ("answer-raw", "carries {} out and answers with a raw error", _Raw),
)


class _DropsRow(MemoryWorld):
    """Lacks one line of the table: takes the event where that line refuses it."""

    def __init__(self, row: Row) -> None:
        self.lacks = row
        super().__init__()

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        kind: str = event["eventType"]
        return INDEX[kind, *ways.FIRST[kind], ""] if row is self.lacks else row


class _LosesField(MemoryWorld):
    """Stores one field of an entity as nothing, or as what it was at first."""

    def __init__(self, part: str, field: str, value: Any) -> None:
        self.lost = part, field, value
        super().__init__()

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        answer = super().write(run_id, event, outcome)
        part, field, value = self.lost
        entities: dict[Any, Any] = getattr(self.state, part)
        for key, entity in entities.items():
            if getattr(entity, field) is not None and entity.status not in ("pending", "missing"):
                entities[key] = entity._replace(**{field: value})
        return answer


_FIELDS: Final = (
    ("runs", "started_at", None),
    ("runs", "output", None),
    ("runs", "error", None),
    ("steps", "output", None),
    ("steps", "error", None),
    ("steps", "input", None),
    ("steps", "name", ""),
    ("steps", "attempt", 0),
    ("steps", "attempt", 1),
    ("steps", "retry_after", None),
    ("hooks", "token", "another"),
)


def operators() -> Iterator[Mutant]:
    """All mutants by machine; their names are ``operator:place``."""
    for name, says, way, events in _WAYS:
        for event in events:
            yield _mutant(f"{name}:{event}", says.format(event), way.of(event))
    for name, says, way in _OWN:
        for event in _EVENTS:
            yield _mutant(f"{name}:{event}", says.format(event), way.of(event))
    for row in dict.fromkeys(INDEX.values()):
        if row.event in ways.FIRST and ways.refused(row) and row.outcomes[0].answer != "hook_conflict":
            parts = ("-".join(row.run) or "any", "-".join(row.entity) or "any", row.when)
            states = ".".join(part for part in parts if part)
            about = f"takes {row.event} in the states {states}"
            yield _mutant(f"guard-dropped:{row.event}.{states}", about, partial(_DropsRow, row))
    for part, field, value in _FIELDS:
        about = f"stores {field} of {part} as {value!r}"
        yield _mutant(f"field-lost:{part}.{field}.{value}", about, partial(_LosesField, part, field, value))


def _mutant(name: str, about: str, world: Callable[[], MemoryWorld]) -> Mutant:
    return Mutant(name.replace("_", "-"), f"{about[:1].upper()}{about[1:]}.", (), world)


def family(mutant: Mutant) -> str:
    """The operator of a mutant by machine; ``by hand`` for the others."""
    return mutant.name.partition(":")[0] if ":" in mutant.name else "by hand"
