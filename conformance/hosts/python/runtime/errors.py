"""Refusals, between a World of our protocol and the classes by which ``vercel-workflow`` tells errors apart.

That runtime looks at classes alone: what is an ``EntityConflictError`` of its own package is a conflict.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any

from vercel.workflow._internal import world as models

from ..vercel import NotFoundError

#: What the runtime catches somewhere; a subclass is caught as well.
_CAUGHT = (
    models.EntityConflictError,
    models.RunExpiredError,
    models.HookNotFoundError,
    models.TooEarlyError,
    models.ThrottleError,
)
_TABLE = json.loads((Path(__file__).resolve().parents[2] / "errors.json").read_text(encoding="utf-8"))
#: The first name of each status.
_BY_STATUS = {row["status"]: row["name"] for row in reversed(_TABLE) if "status" in row}

#: The class for a name, from the message and the seconds after which to try again.
_MADE: dict[str, Callable[[str, float | None], Exception]] = {
    "EntityConflictError": lambda text, _: models.EntityConflictError(text),
    "RunExpiredError": lambda text, _: models.RunExpiredError(text, status=410),
    "TooEarlyError": lambda text, after: models.TooEarlyError(text, None if after is None else ceil(after)),
    "ThrottleError": lambda text, _: models.ThrottleError(text, status=429),
    "HookNotFoundError": lambda text, _: models.WorkflowWorldError(text, status=404),
    "WorkflowRunNotFoundError": lambda text, _: models.WorkflowWorldError(text, status=404),
}


class SaidError(Exception):
    """An error of the World as it is reported to the engine: by the name under which the runtime knows it."""

    def __init__(self, error: Exception, name: str) -> None:
        super().__init__(str(error))
        self.name = name
        self.message = str(error)
        self.status = getattr(error, "status", None)
        self.code = getattr(error, "code", None)
        self.retry_after = getattr(error, "retry_after", None)
        self.__traceback__ = error.__traceback__
        self.__cause__ = error.__cause__


def said(error: Exception) -> Exception:
    """The error in the words of the protocol."""
    if isinstance(error, RuntimeError) and "not found" in str(error):
        return NotFoundError(str(error))
    for known in _CAUGHT:
        if isinstance(error, known):
            return SaidError(error, known.__name__)
    return error


def alone(error: Exception) -> Exception:
    """The one error in a group of a task group's: what went wrong, without how it was awaited."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def as_vercel(error: Exception, event: dict[str, Any] | None = None, token: str | None = None) -> Exception:
    """A refusal of our protocol as the class for it; any other error as it is.

    ``event`` or ``token``: what was asked for, since a missing hook has an error of its own.
    """
    name = str(getattr(error, "name", ""))
    status = getattr(error, "status", None)
    if name not in _MADE:
        name = _BY_STATUS.get(status, "") if isinstance(status, int) else ""
    about_hook = token is not None or (event or {}).get("eventType") in models.HOOK_EVENTS_REQUIRING_EXISTENCE
    if name == "HookNotFoundError" and about_hook:
        return models.HookNotFoundError(token=token, hook_id=(event or {}).get("correlationId"))
    made = _MADE.get(name)
    if made is None:
        return error
    return made(str(getattr(error, "message", error)), getattr(error, "retry_after", None))
