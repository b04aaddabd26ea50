"""Reference worlds with something taken out, so that the suite can prove on each database that it bites.

A mutant is chosen with the option ``mutant`` of a reference world (``--world-option mutant=hooks-kept``).
What it means on one database is in that world's ``mutants.py``, as a subclass of the reference.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Self

from conformance.spec.vocabulary import WorldError

from . import misnumbered

Defect = Literal["no-guard", "stored-wrong", "not-atomic", "raw-error", "noisy", ""]

_log = logging.getLogger("reference")
#: The times that events bring.
_BROUGHT: Final = ("resumeAt", "retryAfter")


@dataclass(frozen=True, slots=True)
class Mutant:
    """``kinds``: the events whose write has lost its guard. ``looks``: the guard is asked in a round trip of
    its own before; without that it is not asked at all. ``scenarios``: who is expected to catch it."""

    name: str
    breaks: str
    scenarios: tuple[int, ...]
    defect: Defect
    kinds: frozenset[str] = frozenset()
    looks: bool = True
    #: of those by machine: what was done, and where; see :mod:`worlds._reference.operators`
    operator: str = ""
    place: str = ""

    def does(self, operator: str, place: str) -> bool:
        """Whether it is that operator at that place."""
        return (self.operator, self.place) == (operator, place)


_RUN_END: Final = frozenset({"run_completed", "run_failed", "run_cancelled"})
_STEP_END: Final = frozenset({"step_completed", "step_failed", "step_retrying"})

MUTANTS: Final[tuple[Mutant, ...]] = (
    Mutant(
        "start-not-atomic",
        "run_started looks whether the run is pending, then writes; the second start overwrites startedAt",
        (1,),
        "not-atomic",
        frozenset({"run_started"}),
    ),
    Mutant(
        "run-end-not-atomic",
        "the events that end a run look whether it is live, then write",
        (2, 3),
        "not-atomic",
        _RUN_END,
    ),
    Mutant(
        "run-end-unguarded",
        "the events that end a run do not look at its status",
        (2, 3),
        "no-guard",
        _RUN_END,
        False,
    ),
    Mutant(
        "hooks-kept",
        "the end of a run does not release its hooks",
        (4,),
        "stored-wrong",
    ),
    Mutant(
        "creation-not-atomic",
        "step_created and wait_created look whether the run is live and the entity is new, then write",
        (8,),
        "not-atomic",
        frozenset({"step_created", "wait_created"}),
    ),
    Mutant(
        "token-not-atomic",
        "hook_created looks whether the run is live and the token is free, then writes; no unique index",
        (4, 8),
        "not-atomic",
        frozenset({"hook_created"}),
    ),
    Mutant(
        "wait-not-atomic",
        "wait_completed looks whether the wait is waiting, then writes",
        (5,),
        "not-atomic",
        frozenset({"wait_completed"}),
    ),
    Mutant(
        "step-end-not-atomic",
        "step_completed, step_failed and step_retrying look whether the step is live, then write",
        (6,),
        "not-atomic",
        _STEP_END,
    ),
    Mutant(
        "step-end-unguarded",
        "step_completed, step_failed and step_retrying do not look at the step's status",
        (6,),
        "no-guard",
        _STEP_END,
        False,
    ),
    Mutant(
        "step-start-not-atomic",
        "step_started looks whether step and run are live, then writes: a finished step runs again",
        (7,),
        "not-atomic",
        frozenset({"step_started"}),
    ),
    Mutant(
        "attempt-lost",
        "step_started reads the attempt and writes it plus one: two starts are counted as one",
        (7,),
        "not-atomic",
    ),
    Mutant(
        "raw-refusal",
        "a conflict reaches the caller as the driver's own error",
        (2, 3, 5, 6, 7, 8),
        "raw-error",
    ),
    Mutant("noisy", "every refusal is logged as an error", (2, 3, 5, 6, 7, 8), "noisy"),
    Mutant(
        "local-times",
        "the times that an event brings are kept as local times of the machine, without a zone",
        (0,),
        "stored-wrong",
    ),
)
BY_NAME: Final = {mutant.name: mutant for mutant in MUTANTS}


#: What mutants with a cache keep.
_REMEMBERED: Final = ("_cached", "_looked")


class Breakable:
    """A reference world that ``mutant="name"`` turns into its broken subclass, ``mutants.Broken``."""

    #: the class without a mutant
    sound: type[Breakable]

    def __new__(cls, *_args: Any, mutant: str = "", **_options: Any) -> Self:
        """The class itself when no mutant is named. Raises ``ValueError`` for an unknown one."""
        broken, said = _broken(cls, mutant) if mutant else (cls, {})
        instance = super().__new__(broken)
        vars(instance).update(said, sound=cls)
        return instance

    def made_for(self) -> object:
        """What of the store depends on the mutant: its schema, say."""
        return None

    async def load(self) -> None:
        """Make ready what is kept beside the store: scripts, say."""

    async def become(self, mutant: str) -> dict[str, Any]:
        """Be another mutant from now on, or with ``""`` the world itself, on the same store.

        Raises ``ValueError`` for an unknown one, and for one that needs a store of its own.
        """
        other = self.sound.__new__(self.sound, mutant=mutant)
        numbers = mutant in misnumbered.BY_NAME or "slots" in vars(self)
        if numbers or other.made_for() != self.made_for():
            raise ValueError(f"{mutant or 'the world'} needs a store of its own")
        for name in ("broken", *_REMEMBERED):
            vars(self).pop(name, None)
        self.__class__ = type(other)
        vars(self).update(vars(other))
        await self.load()
        return {}


def _broken(cls: type[Breakable], mutant: str) -> tuple[type[Any], dict[str, Any]]:
    """The class of a mutant, and what its instances are told."""
    package = cls.__module__.rpartition(".")[0]
    if mutant in misnumbered.BY_NAME:
        numbered = importlib.import_module(f"{package}.misnumbered").Broken
        return numbered, {"slots": misnumbered.BY_NAME[mutant]}
    broken = importlib.import_module(f"{package}.mutants")
    found = BY_NAME.get(mutant) or next((one for one in broken.made_ones() if one.name == mutant), None)
    if found is None:
        raise ValueError(f"no mutant {mutant!r}; there are: {', '.join(BY_NAME)}")
    return broken.Broken, {"broken": found}


class BrokenAnswers:
    """The mutants whose state is right and whose answers are not. First among the bases of ``Broken``."""

    broken: Mutant

    async def events_create(
        self, run_id: str | None, event: dict[str, Any], params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        local = self.broken.name == "local-times"
        try:
            created: dict[str, Any] = await super().events_create(  # type: ignore[misc]  # it is mixed into a World
                run_id, _moved(event, _ahead()) if local else event, params
            )
        except WorldError as error:
            if self.broken.name == "noisy":
                _log.error("%s failed: %s", event["eventType"], error.message)
            if self.broken.name == "raw-refusal" and error.answer == "conflict":
                raise RuntimeError("duplicate key value violates unique constraint") from error
            raise
        return _moved(created, -_ahead()) if local else created

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        page: dict[str, Any] = await super().events_list(params)  # type: ignore[misc]  # as above
        return _moved(page, -_ahead()) if self.broken.name == "local-times" else page


def _ahead() -> timedelta:
    """How far the clocks of this machine's time zone are ahead of UTC."""
    return datetime.now().astimezone().utcoffset() or timedelta()


def _moved(value: Any, by: timedelta) -> Any:
    """The same with the times moved that an event brings."""
    if isinstance(value, list):
        return [_moved(one, by) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: one + by if name in _BROUGHT and isinstance(one, datetime) else _moved(one, by)
        for name, one in value.items()
    }
