"""Names of events, states and answers, and how an error is told apart.

Events and entities are plain dicts in the SDK's own shape (camelCase keys), as they go over the
wire: ``{"eventType": "step_completed", "correlationId": "step_…", "eventData": {…}}``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

Json = Any
Event = dict[str, Any]
Entity = dict[str, Any]

#: What a World answered: it took the event, or how it refused. ``unexpected`` is every error
#: that the runtime cannot classify (a raw driver error, a 500): it fails the delivery. ``misshapen`` is an
#: answer that lacks what the runtime reads of it (``spec/shapes.py``).
Answer = Literal[
    "ok", "conflict", "gone", "not_found", "too_early", "hook_conflict", "unexpected", "misshapen"
]
#: Answers that a caller takes for a no.
REFUSED: Final[frozenset[Answer]] = frozenset({"conflict", "gone", "not_found", "too_early"})

RUN_TERMINAL: Final = frozenset({"completed", "failed", "cancelled"})
TERMINAL_EVENTS: Final = frozenset({"run_completed", "run_failed", "run_cancelled"})
#: Events that create an entity of a run.
CREATIONS: Final = frozenset({"step_created", "wait_created", "hook_created"})

#: The code of the error of a World that does not have an operation (docs/host-protocol.md).
NOT_IMPLEMENTED: Final = "NOT_IMPLEMENTED"

#: The one table of refusals, which hosts in other languages read too.
_TABLE: Final = Path(__file__).resolve().parents[1] / "hosts" / "errors.json"


class Refusal(NamedTuple):
    """A row of the table: what an error means, and how it is recognised.

    A release of the runtime knows the error by its ``name`` or by its ``status``. A row without a status is a
    name that only Worlds use. With a ``message``, the error's message must end so.
    """

    answer: Answer
    name: str
    status: int | None = None
    message: str = ""


REFUSALS: Final = tuple(Refusal(**row) for row in json.loads(_TABLE.read_text(encoding="utf-8")))
#: What the runtime recognises by name, and by status.
BY_NAME: Final = {row.name: row.answer for row in REFUSALS if row.status is not None}
BY_STATUS: Final[dict[int | None, Answer]] = {
    row.status: row.answer for row in REFUSALS if row.status is not None
}


class WorldError(Exception):
    """An operation that a World refused, as it reached the caller.

    ``name`` and ``status`` are what the runtime looks at; ``cause`` is the error below it, as text.
    """

    def __init__(
        self,
        name: str,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        cause: str | None = None,
        stack: str | None = None,
    ) -> None:
        super().__init__(name, message)
        self.name = name
        self.message = message
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.cause = cause
        self.stack = stack

    @property
    def in_full(self) -> str:
        """What it says, with the error below it: a driver's own words are often there alone."""
        said = self.message or "no message"
        return said if not self.cause or self.cause in said else f"{said} (cause: {self.cause})"

    def __str__(self) -> str:
        return f"{self.name}: {self.in_full}"

    @property
    def answer(self) -> Answer:
        """The kind of refusal, by name or by status (``instanceof`` fails across package copies)."""
        said = self.message.lower().rstrip(".")
        for row in REFUSALS:
            if row.name == self.name and said.endswith(row.message):
                return row.answer
        return BY_STATUS.get(self.status, "unexpected")


def conflict(message: str) -> WorldError:
    """The transition was already taken."""
    return WorldError("EntityConflictError", message, status=409)


def gone(message: str) -> WorldError:
    """The run is finished."""
    return WorldError("RunExpiredError", message, status=410)


def not_found(message: str) -> WorldError:
    """No such entity."""
    return WorldError("HookNotFoundError", message, status=404)


def too_early(message: str, retry_after: float) -> WorldError:
    """A retry before its time; ``retry_after`` in seconds."""
    return WorldError("TooEarlyError", message, status=425, retry_after=retry_after)
