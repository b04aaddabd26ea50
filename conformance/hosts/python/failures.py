"""An exception as it goes over the wire: what a runtime would look at, and what a person needs."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

#: A driver may wrap its errors so often.
_DEEPEST: Final = 4


class UnsupportedError(Exception):
    """The world has no such operation."""

    name = "UnsupportedOperation"
    status = None
    code = "NOT_IMPLEMENTED"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def describe(error: BaseException, *, stacks: bool = True) -> dict[str, Any]:
    """``{name, message, status?, code?, retryAfter?, cause?, stack?}``. The engine redacts it.

    A world's own errors carry ``name``, ``message`` and ``status``, as
    ``conformance.spec.vocabulary.WorldError`` does; of any other exception the class is the name.
    """
    own = all(hasattr(error, attribute) for attribute in ("name", "message", "status"))
    name = getattr(error, "name", None) if own else None
    message = str(error.message) if own and hasattr(error, "message") else str(error)
    described: dict[str, Any] = {
        "name": name or type(error).__name__,
        "message": message or _raised_by(error),
    }
    status = getattr(error, "status", None)
    if stacks:
        described["stack"] = "".join(traceback.format_exception(error, chain=False))
    if isinstance(status, int) and not isinstance(status, bool):
        described["status"] = status
    code = getattr(error, "code", None) or getattr(error, "sqlstate", None)
    if isinstance(code, str | int):
        described["code"] = str(code)
    retry_after = getattr(error, "retry_after", None)
    if isinstance(retry_after, int | float):
        described["retryAfter"] = retry_after
    said = described["message"]
    causes = [
        f"{type(cause).__name__}: {cause}" for cause in islice(_below(error), _DEEPEST) if str(cause) != said
    ]
    if causes:
        described["cause"] = ", caused by ".join(causes)
    elif isinstance(cause := getattr(error, "cause", None), str):
        described["cause"] = cause
    return described


def _raised_by(error: BaseException) -> str:
    """For an error that says nothing, as of a bare ``assert``: the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"raised by {line}" if frames and (line := (frames[-1].line or "").strip()) else ""


def _below(error: BaseException) -> Iterator[BaseException]:
    """The errors below an error, the nearest first."""
    while True:
        below = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if below is None and isinstance(error, BaseExceptionGroup):
            below = error.exceptions[0]
        if below is None:
            return
        yield below
        error = below
