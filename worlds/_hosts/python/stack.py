"""Where in the world's own code an operation was asked for."""

from __future__ import annotations

import sys
from pathlib import Path


def where(roots: tuple[Path, ...]) -> str | None:
    """``file:line`` of the innermost frame under one of ``roots`` (the path relative to it), or None.

    The coroutines that await each other are all on the stack while one of them runs, so this finds the
    world's line from deep inside a driver.
    """
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        for root in roots:
            if file.startswith(f"{root}/"):
                return f"{Path(file).relative_to(root)}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return None
