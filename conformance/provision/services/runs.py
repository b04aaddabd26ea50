"""The name of a run on a server that others use too: which machine, which process, which run.

Everything a run makes there begins with ``wc_<run>_``, so that what a killed run left can be told from what a
living one needs, by anybody on the same machine.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import psutil

#: What begins the name of everything that any run makes.
MARK: Final = "wc_"
#: ``dead``: of a process of this machine that is gone. ``elsewhere``: of another machine, so nobody here
#: knows. ``unknown``: of a release that did not say so. ``foreign``: only looks like a name of ours.
State = Literal["alive", "dead", "elsewhere", "unknown", "foreign"]

#: Digits of numbers in a name: all but the ``x``, which stands between two numbers.
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwyz"
_RUN: Final = re.compile(rf"{MARK}([a-z0-9]{{4,12}})_([{_DIGITS}]+)x([{_DIGITS}]+)_[0-9a-f]{{6}}_")
_OLD: Final = re.compile(rf"{MARK}[0-9a-f]{{8}}_")
_PROCESSES: Final = Path("/proc")
#: Which field of a process's ``stat`` says when it began, counted behind its name (proc(5): field 22).
_BEGUN: Final = 19


@dataclass(frozen=True, slots=True)
class Left:
    """Something on a server that a run of this suite made, and whether that run is still there."""

    name: str
    state: State


def new_run_id(pid: int | None = None) -> str:
    """Names what a process makes on a service: ``<machine>_<pid>x<start>_<random>``, in 32 letters."""
    number = os.getpid() if pid is None else pid
    return f"{machine()}_{_written(number)}x{_written(_begun(number))}_{uuid.uuid4().hex[:6]}"


def is_gone(run: str) -> bool:
    """Whether a run was one of a process of this machine, and that process has ended."""
    return state_of(f"{MARK}{run}_") == "dead"


def _begun(pid: int) -> int:
    """When a process began, so that a later one with its number is not taken for it.

    Where there is a ``/proc`` it is in ticks since the machine was started, which stay the same when somebody
    sets the clock; elsewhere in seconds since 1970. Raises ``psutil.NoSuchProcess``.
    """
    if not (_PROCESSES / "self" / "stat").exists():
        return int(psutil.Process(pid).create_time())
    try:
        said = (_PROCESSES / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        raise psutil.NoSuchProcess(pid) from None
    return int(said.rpartition(")")[2].split()[_BEGUN])  # a program's name may hold blanks and brackets


@cache
def machine() -> str:
    """This machine, and in it this space of process ids (a container has its own): 12 letters and digits."""
    name = platform.node()
    try:
        space = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - it is not a file
    except OSError:
        space = ""
    digest = hashlib.sha256(f"{name} {space}".encode()).hexdigest()
    return f"{re.sub(r'[^a-z0-9]', '', name.lower())[:8]}{digest[:4]}"


def state_of(name: str) -> State:
    """Whether the run that a name belongs to is still there."""
    found = _RUN.match(name)
    if found is None:
        return "unknown" if _OLD.match(name) else "foreign"
    if found[1] != machine():
        return "elsewhere"
    try:
        return "alive" if _begun(_read(found[2])) == _read(found[3]) else "dead"
    except psutil.NoSuchProcess:
        return "dead"
    except psutil.AccessDenied:
        return "alive"


def _written(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, len(_DIGITS))
        digits = _DIGITS[rest] + digits
    return digits or "0"


def _read(digits: str) -> int:
    """The inverse of :func:`_written`."""
    number = 0
    for digit in digits:
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    return number
