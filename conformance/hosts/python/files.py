"""Gates at files, for worlds that keep their data in a directory.

Opening, listing, linking, replacing and removing a path under the world's directories each is one gate. So is
each write of content into an open file: what is written where others look for it can be read half.
The code that does it is synchronous, so the host blocks there: only a host of one actor can hold files.
"""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .content import opened
from .gates import Gates

#: function of ``os`` -> (how many of its arguments are paths, access)
_FUNCTIONS = {
    "stat": (1, "read"),
    "lstat": (1, "read"),
    "access": (1, "read"),
    "readlink": (1, "read"),
    "listdir": (1, "list"),
    "scandir": (1, "list"),
    "mkdir": (1, "write"),
    "rmdir": (1, "write"),
    "unlink": (1, "write"),
    "remove": (1, "write"),
    "rename": (2, "write"),
    "replace": (2, "write"),
    "link": (2, "write"),
    "symlink": (2, "write"),
    "truncate": (1, "write"),
}


def install(gates: Gates, folders: tuple[str, ...]) -> None:
    """Hold operations on paths under ``folders``."""
    roots = tuple(os.path.realpath(folder) for folder in folders)

    def inside(path: Any) -> str | None:
        """The path relative to its root, or None when it is not ours."""
        if isinstance(path, int):
            return None
        text = os.fsdecode(path)
        full = os.path.normpath(os.path.join(os.getcwd(), text))  # noqa: PTH109, PTH118 - runs inside patched calls
        for root in roots:
            if full == root:
                return "."
            if full.startswith(root + os.sep):
                return full[len(root) + 1 :]
        return None

    def hold(name: str, access: str, paths: tuple[Any, ...]) -> None:
        call = gates.mine()
        if call is None:
            return
        touched = [shown for path in paths if (shown := inside(path)) is not None]
        if not touched:
            return
        # A listing sees every file below, so what it depends on cannot be named.
        keys = () if access == "list" else tuple(touched)
        gates.ask_now(call, f"{name} {touched[-1]}", "read" if access == "list" else access, keys)

    def wrap(name: str, count: int, access: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def held(*args: Any, **named: Any) -> Any:
            if args:
                hold(name, access, args[:count])
            return function(*args, **named)

        return held

    for name, (count, access) in _FUNCTIONS.items():
        setattr(os, name, wrap(name, count, access, getattr(os, name)))

    def hold_content(path: str) -> None:
        call = gates.mine()
        if call is not None:
            gates.ask_now(call, f"write {path}", "write", (path,), rest=True)

    #: the paths of files that were opened by number
    numbers: dict[int, str] = {}
    plain_open = io.open

    def held_open(file: Any, mode: str = "r", *args: Any, **named: Any) -> Any:
        reads = set(mode) <= set("rbt")
        hold(f"open({mode})", "read" if reads else "write", (file,))
        # Whatever closes it then does not ask ``os``.
        path = numbers.pop(file, None) if isinstance(file, int) else inside(file)
        if reads or path is None:
            return plain_open(file, mode, *args, **named)
        return opened(lambda: hold_content(path), file, mode, *args, **named)

    io.open = held_open
    builtins.open = held_open
    plain_os_open, plain_write, plain_close = os.open, os.write, os.close

    def held_os_open(path: Any, flags: int, *args: Any, **named: Any) -> int:
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        hold("open", "write" if writes else "read", (path,))
        number = plain_os_open(path, flags, *args, **named)
        numbers.pop(number, None)
        if writes and (shown := inside(path)) is not None:
            numbers[number] = shown
        return number

    def held_write(fd: int, data: Any, /) -> int:
        if fd in numbers:
            hold_content(numbers[fd])
        return plain_write(fd, data)

    def forgetting_close(fd: int) -> None:
        numbers.pop(fd, None)
        plain_close(fd)

    os.open, os.write, os.close = held_os_open, held_write, forgetting_close


def folders_of(options: dict[str, Any]) -> tuple[str, ...]:
    """The directories that a world's options and the ``WORKFLOW_…`` variables name."""
    variables = (value for name, value in os.environ.items() if name.startswith("WORKFLOW_"))
    values = [value for value in (*options.values(), *variables) if isinstance(value, str)]
    return tuple(value for value in values if Path(value).is_absolute() and Path(value).is_dir())
