"""What a replay of a log comes to, and the call sites that are still open when it suspends.

Outcomes are values: they hold no coroutine and no reference into the replay, are not changed once the
replay has returned, and compare by what they say (so "every replay reaches the same state" is ``==``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.spec.vocabulary import Event, Json


@dataclass(slots=True)
class StepItem:
    """A step that was called and has not finished. ``has_created``: the log read holds its creation."""

    id: str
    name: str
    args: list[Json]
    has_created: bool = False


@dataclass(slots=True)
class WaitItem:
    """A sleep that has not ended; ``resume_at`` in ms since 1970, as the log says once it is there."""

    id: str
    resume_at: float
    has_created: bool = False


@dataclass(slots=True)
class HookItem:
    """A hook that was made and is not known to be gone; ``disposed``: the workflow let go of it."""

    id: str
    token: str
    has_created: bool = False
    disposed: bool = False


Item = StepItem | WaitItem | HookItem


@dataclass(frozen=True, slots=True)
class Completed:
    """The workflow returned. ``outstanding``: what it left unfinished (a lost branch of a race, say)."""

    output: Json
    outstanding: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Threw:
    """The workflow raised: ``name`` is the error's type, ``message`` its text."""

    name: str
    message: str
    outstanding: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspended:
    """The log is used up and the workflow waits; everything still open, in the order of its call sites."""

    steps: tuple[StepItem, ...] = ()
    hooks: tuple[HookItem, ...] = ()
    waits: tuple[WaitItem, ...] = ()

    @property
    def disposals(self) -> tuple[HookItem, ...]:
        """Hooks that were let go of and whose disposal is not in the log yet."""
        return tuple(hook for hook in self.hooks if hook.disposed)


@dataclass(frozen=True, slots=True)
class Diverged:
    """The log does not fit the workflow: at ``event``, because of ``reason``."""

    reason: str
    event: Event


Outcome = Completed | Threw | Suspended | Diverged


class WorkflowError(Exception):
    """An error a workflow sees; ``name`` is what the runtime would call its type."""

    name = "Error"

    @property
    def message(self) -> str:
        return str(self)


class StepFailedError(WorkflowError):
    """A step failed for good: the runtime rejects its promise with a fatal error."""

    name = "FatalError"


class HookTakenError(WorkflowError):
    """The token of a hook is held by another run."""

    name = "HookConflictError"


def describe(error: Exception) -> tuple[str, str]:
    """Name and message of what a workflow raised."""
    name: Any = getattr(error, "name", None)
    return (name if isinstance(name, str) else type(error).__name__), str(error)
