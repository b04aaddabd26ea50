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
from typing import Final, Literal

import psutil

#: What begins the name of everything that any run makes.
MARK: Final = "wc_"
#: ``dead``: of a process of this machine that is gone. ``elsewhere``: of another machine, so nobody here
#: knows. ``unknown``: of a release that did not say so. ``foreign``: only looks like a name of ours.
State = Literal["alive", "dead", "elsewhere", "unknown", "foreign"]

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_RUN: Final = re.compile(rf"{MARK}([a-z0-9]{{4,12}})_([0-9a-z]+)x([0-9a-z]+)_[0-9a-f]{{6}}_")
_OLD: Final = re.compile(rf"{MARK}[0-9a-f]{{8}}_")
#: The clock may be set between two looks at the start of a process, in seconds.
_SAME: Final = 2


@dataclass(frozen=True, slots=True)
class Left:
    """Something on a server that a run of this suite made, and whether that run is still there."""

    name: str
    state: State


def new_run_id() -> str:
    """Names what this process makes on a service: ``<machine>_<pid>x<start>_<random>``, in 32 letters."""
    me = psutil.Process()
    return f"{machine()}_{_base36(me.pid)}x{_base36(int(me.create_time()))}_{uuid.uuid4().hex[:6]}"


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
        started = int(psutil.Process(int(found[2], 36)).create_time())
    except psutil.NoSuchProcess:
        return "dead"
    except psutil.AccessDenied:
        return "alive"
    return "alive" if abs(started - int(found[3], 36)) <= _SAME else "dead"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"
