"""Where in the world's own code an operation was asked for, and what called it there."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType, FunctionType, ModuleType
from typing import Any, NamedTuple

#: Lines of the world that are said of one operation.
_SHOWN = 8


class Origin(NamedTuple):
    """``where`` is ``file:line``, ``frames`` the lines on the way, innermost first; empty with only one."""

    where: str
    frames: tuple[str, ...]


def where(roots: tuple[Path, ...], coroutine: Any) -> Origin | None:
    """The innermost line under one of ``roots`` (the path relative to it) that is not in a helper, or None.

    A helper is a module that several other modules of the world use: it says how something is written, not
    what for. The coroutines that await each other are all on the stack while one of them runs, so this finds
    the world's lines from deep inside a driver. A driver that works in a task of its own is not on the stack:
    then they are the lines at which ``coroutine``, the call, waits for it.
    """
    passed = list(_inside(_running(), roots)) or [*_inside(_waiting(coroutine), roots)][::-1]
    if not passed:
        return None
    helpers = _helpers(roots)
    at = next((n for n, (file, _) in enumerate(passed) if file not in helpers), 0)
    # Outside that line only who called: no wrapper that all calls go through.
    told = [line for n, (file, line) in enumerate(passed) if n <= at or file not in helpers]
    frames = tuple(dict.fromkeys(told))[-_SHOWN:]
    return Origin(passed[at][1], frames if len(frames) > 1 else ())


def _running() -> Iterator[FrameType]:
    """What is on the stack, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back


def _waiting(coroutine: Any) -> Iterator[FrameType]:
    """Where a call waits, the outermost first."""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None:
            yield frame
        coroutine = getattr(coroutine, "cr_await", None)


def _inside(frames: Iterator[FrameType], roots: tuple[Path, ...]) -> Iterator[tuple[str, str]]:
    """The frames under ``roots``: file, and ``file:line`` relative to its root."""
    for frame in frames:
        file = frame.f_code.co_filename
        for root in roots:
            if file.startswith(f"{root}/"):
                yield file, f"{Path(file).relative_to(root)}:{frame.f_lineno}"
                break


@cache
def _helpers(roots: tuple[Path, ...]) -> frozenset[str]:
    """The files under ``roots`` that two or more modules there take something from."""
    files = {
        name: file
        for name, module in list(sys.modules.items())
        if (file := getattr(module, "__file__", None)) and any(file.startswith(f"{root}/") for root in roots)
    }
    used: Counter[str] = Counter()
    for name, file in files.items():
        names = {_origin(value) for value in vars(sys.modules[name]).values()}
        used.update({files[one] for one in names if one in files} - {file})
    return frozenset(file for file, count in used.items() if count > 1)


def _origin(value: object) -> str:
    """The name of the module that a global is, or is written in."""
    if isinstance(value, ModuleType):
        return value.__name__
    return value.__module__ if isinstance(value, FunctionType | type) else ""
