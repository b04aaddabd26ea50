"""Writing files: whole or not at all, and under names that stay in their folder.

Every file that a command writes goes through :func:`write_whole`, and every name that is made of text from
outside through :func:`file_name`.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from conformance.core.errors import ConformanceError

#: The longest name that is made of text from outside, in characters.
_LONGEST: Final = 120
#: A name that leads nowhere else, and is not hidden.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,200}")
_STREAM: Final = re.compile(r"/dev/(?:stdout|stderr|fd/(\d+))|/proc/self/fd/(\d+)")


class OutputError(ConformanceError):
    """A file that cannot be written. What was there before is still there, whole."""


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: into a file beside it, which is synced and then takes its name.

    ``-`` is the standard output. What is not a regular file (``/dev/stdout``, ``/dev/null``, a pipe) is
    written to as it is. Missing folders are made, a symbolic link is followed, and the permissions of a file
    that is replaced are kept. Raises :class:`OutputError`.
    """
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        if str(path) == "-":
            _to_stdout(data)
        elif (stream := _stream(path)) is not None:
            sys.stdout.flush()
            sys.stderr.flush()
            _write_all(stream, data)
        elif (mode := _mode(path)) is not None and not stat.S_ISREG(mode):
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            descriptor = os.open(path, os.O_WRONLY)
            try:
                _write_all(descriptor, data)
            finally:
                os.close(descriptor)
        else:
            _replace(Path(os.path.realpath(path)), data, mode)
    except OSError as error:
        name = "the standard output" if str(path) == "-" else str(path)
        raise OutputError(
            f"cannot write {name}: {error.strerror or error}",
            "Nothing was changed there. Give another place.",
        ) from None


def folder_paths(folder: Path, names: Iterable[str]) -> list[Path]:
    """Where files of these names lie in a folder. Raises ``ValueError`` for a name that leads out of it."""
    found = []
    for name in names:
        if not _PLAIN.fullmatch(name):
            raise ValueError(f"{name!r} is not a plain file name")
        found.append(folder / name)
    return found


def file_name(text: str, otherwise: str = "file") -> str:
    """``text`` as a plain file name: ASCII letters, digits and ``._-``, no dot in front, 120 characters."""
    kept = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:_LONGEST]
    return kept.strip("-").lstrip(".-") or otherwise


def distinct(names: Iterable[str]) -> list[str]:
    """The names in order, each only once: a second ``a`` is ``a-2``. ``A`` and ``a`` count as the same."""
    used: set[str] = set()
    found: list[str] = []
    for name in names:
        one, number = name, 1
        while one.lower() in used:
            number += 1
            one = f"{name}-{number}"
        used.add(one.lower())
        found.append(one)
    return found


def check_apart(outputs: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Raise :class:`OutputError` if an output is one of the inputs, or two outputs are one file."""
    read = {_identity(path): path for path in inputs}
    seen: set[object] = set()
    for path in outputs:
        if str(path) == "-" or not _is_file(path):
            continue
        identity = _identity(path)
        if identity in read:
            raise OutputError(f"{path} is one of the files that are read.", "Give the output another name.")
        if identity in seen:
            raise OutputError(f"{path} is asked for twice.", "Give each output a name of its own.")
        seen.add(identity)


def _replace(path: Path, data: bytes, mode: int | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if mode is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        try:
            _write_all(descriptor, data)
            os.fchmod(descriptor, stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        Path(beside).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(beside).unlink()
        raise


def _to_stdout(data: bytes) -> None:
    """To whatever ``sys.stdout`` is. After an error nothing more is written there, even when Python ends."""
    out = sys.stdout
    try:
        out.flush()
        out.buffer.write(data)
        out.buffer.flush()
    except OSError:
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, out.fileno())
            os.close(null)
        raise


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _stream(path: Path) -> int | None:
    """The number of the open file that a path stands for: it must not be opened anew, or replaced."""
    match = _STREAM.fullmatch(str(path))
    if match is None:
        return None
    number = match[1] or match[2]
    return int(number) if number else 2 if path.name == "stderr" else 1


def _mode(path: Path) -> int | None:
    """The mode of what is there, if anything is."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _is_file(path: Path) -> bool:
    """Whether a path is, or will be, a regular file."""
    if _stream(path) is not None:
        return False
    try:
        mode = _mode(path)
    except OSError:
        return True
    return mode is None or stat.S_ISREG(mode)


def _identity(path: Path) -> object:
    """What tells two files apart, by whatever names they are called."""
    try:
        found = path.stat()
    except OSError:
        return os.path.realpath(path)
    return found.st_dev, found.st_ino


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
