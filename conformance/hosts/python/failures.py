"""An exception as it goes over the wire: what a runtime would look at, and what a person needs."""

from __future__ import annotations

import traceback
from typing import Any


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
    described: dict[str, Any] = {
        "name": name or type(error).__name__,
        "message": str(error.message) if own and hasattr(error, "message") else str(error),
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
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        described["cause"] = f"{type(cause).__name__}: {cause}"
    elif isinstance(said := getattr(error, "cause", None), str):
        described["cause"] = said
    return described
