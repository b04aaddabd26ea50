"""Where in the world's own code an operation was asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any


def where(roots: tuple[Path, ...], coroutine: Any) -> str | None:
    """``file:line`` of the innermost frame under one of ``roots`` (the path relative to it), or None.

    The coroutines that await each other are all on the stack while one of them runs, so this finds the
    world's line from deep inside a driver. A driver that works in a task of its own is not on the stack:
    then it is the line at which ``coroutine``, the call, waits for it.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        place = _place(frame, roots)
        if place is not None:
            return place
        frame = frame.f_back
    found = None
    while coroutine is not None:
        waiting = getattr(coroutine, "cr_frame", None)
        if waiting is not None:
            found = _place(waiting, roots) or found
        coroutine = getattr(coroutine, "cr_await", None)
    return found


def _place(frame: FrameType, roots: tuple[Path, ...]) -> str | None:
    file = frame.f_code.co_filename
    for root in roots:
        if file.startswith(f"{root}/"):
            return f"{Path(file).relative_to(root)}:{frame.f_lineno}"
    return None
