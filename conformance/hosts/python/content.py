"""Files that are written: their content gets there after they were opened, and others see them without it.

The library collects what is written, and hands it to the system when a file is flushed or closed, or when its
buffer is full. Each time is a point at which somebody else may read the file.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

#: What ``open`` takes besides the file and the mode.
_NAMES: Final = ("buffering", "encoding", "errors", "newline", "closefd", "opener")


class _Held(io.FileIO):
    """A file that asks before content gets into it."""

    held: Callable[[], None]

    def write(self, data: Any, /) -> int:
        self.held()
        return super().write(data)


def opened(held: Callable[[], None], file: Any, mode: str, *args: Any, **named: Any) -> Any:
    """What ``open`` gives for a mode that writes. ``held`` is called before each write of the system.

    Raises as ``open`` does.
    """
    given = dict(zip(_NAMES, args, strict=False)) | named
    buffering, binary = given.get("buffering", -1), "b" in mode
    if buffering == 0 and not binary:
        raise ValueError("can't have unbuffered text I/O")
    if binary and any(given.get(name) is not None for name in ("encoding", "errors", "newline")):
        raise ValueError("binary mode takes no encoding, errors or newline argument")
    plain = mode.replace("b", "").replace("t", "")
    raw = _Held(file, plain, given.get("closefd", True), given.get("opener"))
    raw.held = held
    if buffering == 0:
        return raw
    buffer = io.BufferedRandom if "+" in mode else io.BufferedWriter
    buffered = buffer(raw, buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE)
    if binary:
        return buffered
    text = io.TextIOWrapper(
        buffered,
        given.get("encoding"),
        given.get("errors"),
        given.get("newline"),
        line_buffering=buffering == 1,
    )
    text.mode = mode  # type: ignore[misc] # as open does
    return text
