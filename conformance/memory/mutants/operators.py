"""Mutants by machine: every operator applied to every place of the memory world where it changes something.

An operator takes one thing out of the world, or puts it in a wrong place: a guard, a write, a field, an
answer. Which defects there are is therefore nobody's choice. ``world-conformance score`` judges them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from conformance.memory.mutants import operator_ways as own
from conformance.memory.mutants import ways
from conformance.memory.mutants.mutant import Mutant
from conformance.memory.mutants.ways import Broken
from conformance.memory.world import MemoryWorld
from conformance.spec.table import event_types, index

_EVENTS: Final = tuple(sorted(event_types(4)))
_DATA: Final = ("run_completed", "step_completed")

#: For each operator: its name, what it does to an event, and to which events.
_WAYS: Final[tuple[tuple[str, str, type[Broken], tuple[str, ...]], ...]] = (
    ("unguarded", "takes {} whatever the state is", ways.Unguarded, _EVENTS),
    ("not-atomic", "decides {} by what it read, and writes later", ways.NotAtomic, _EVENTS),
    ("decided-early", "decides {} by a cache, before it reads", ways.DecidesEarly, _EVENTS),
    ("swallowed", "answers {} that it refuses with success", ways.Swallows, _EVENTS),
    ("raw", "refuses {} with the driver's own error", ways.Raises, _EVENTS),
    ("not-found", "says not found where {} is refused", ways.Misnames, _EVENTS),
    ("gone", "says gone where {} is refused", ways.MisnamesGone, _EVENTS),
    ("loud", "logs an error when {} is refused", ways.Loud, _EVENTS),
    ("forgotten", "adds no event for {}", ways.Forgets, _EVENTS),
    ("only-logged", "adds the event {} and moves nothing", ways.OnlyLogs, _EVENTS),
    ("winner-refused", "refuses who wins {} under contention", ways.WinnerRefused, _EVENTS),
    ("refused-logged", "keeps the event of {} that it refuses", ways.LogsRefused, _EVENTS),
    ("overwritten", "keeps the data of {} that it refuses", ways.Overwrites, _DATA),
    ("event-overwritten", "puts the data of a refused {} into the event", ways.OverwritesEvent, _DATA),
    ("logged-twice", "adds the event {} twice", own.LogsTwice, _EVENTS),
    (
        "logged-later",
        "moves the entity of {}, and adds the event in a second operation",
        ways.LogsLater,
        _EVENTS,
    ),
    (
        "logged-first",
        "adds the event {}, and moves the entity in a second operation",
        own.LogsFirst,
        _EVENTS,
    ),
    ("logged-before", "puts the event {} before the one that was the last", own.LogsReversed, _EVENTS),
    ("data-lost", "adds the event {} without its data", own.LosesData, _EVENTS),
    ("answered-bare", "answers {} without the entity", own.AnswersBare, _EVENTS),
    ("answer-raw", "carries {} out and answers with a raw error", own.FailsAfter, _EVENTS),
    ("reserved", "takes the place of {} in the log before its commit", own.Reserves, _EVENTS),
    ("shared", "writes {} over a connection that all calls share", own.Shares, _EVENTS),
    ("resent", "sends {} again when its answer is lost", own.Resends, _EVENTS),
    (
        "expired",
        "forgets what {} did as soon as it is done",
        own.Expires,
        ("step_completed", "step_failed", "wait_completed", "hook_created"),
    ),
    (
        "released-later",
        "takes {}, and releases the hooks in a second operation",
        own.ReleasesLater,
        ways.RUN_ENDS,
    ),
)

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
_READS: Final = (
    "runs_get",
    "steps_get",
    "steps_list",
    "events_list",
    "hooks_get",
    "hooks_get_by_token",
    "hooks_list",
)


def operators() -> Iterator[Mutant]:
    """All mutants by machine; their names are ``operator:place``."""
    for name, says, way, events in _WAYS:
        for event in events:
            yield _mutant(f"{name}:{event}", says.format(event), way.of(event))
    for row in dict.fromkeys(index(4).values()):
        if row.event in ways.FIRST and ways.refused(row) and row.outcomes[0].answer != "hook_conflict":
            parts = ("-".join(row.run) or "any", "-".join(row.entity) or "any", row.when)
            states = ".".join(part for part in parts if part)
            about = f"takes {row.event} in the states {states}"
            yield _mutant(f"guard-dropped:{row.event}.{states}", about, partial(own.DropsRow, row))
    for part, field, value in _FIELDS:
        about = f"stores {field} of {part} as {value!r}"
        yield _mutant(
            f"field-lost:{part}.{field}.{value}", about, partial(own.LosesField, part, field, value)
        )
    yield _mutant("key-widened:token", "has tokens unique within one run only", own.WidensToken)
    for part in ("steps", "waits"):
        about = f"finds {part} by their id alone, in whatever run"
        yield _mutant(f"key-narrowed:{part}", about, partial(own.NarrowsKey, part))
    for read in _READS:
        yield _mutant(f"read-cached:{read}", f"never reads {read} twice", partial(own.Caches, read))


def _mutant(name: str, about: str, world: Callable[[], MemoryWorld]) -> Mutant:
    return Mutant(name.replace("_", "-"), f"{about[:1].upper()}{about[1:]}.", (), world)


def family(mutant: Mutant) -> str:
    """The operator of a mutant by machine; ``by hand`` for the others."""
    return mutant.name.partition(":")[0] if ":" in mutant.name else "by hand"
