"""What processes have used, from ``/proc``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pids: Iterable[int]) -> float:
    """User and system seconds of these processes and of their ended children; 0 of one that is gone."""
    return sum(_running(pid) + _of_children(pid) for pid in pids)


def _running(pid: int) -> float:
    """Of its threads, which the kernel counts in nanoseconds there, and in ticks of 10 ms elsewhere."""
    try:
        threads = [(task / "schedstat").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return 0.0
    return sum(int(each.split()[0]) for each in threads) / 1e9


def _of_children(pid: int) -> float:
    fields = _stat(pid)
    return sum(map(int, fields[13:15])) / _TICK if fields else 0.0


def tree_of(pid: int) -> list[int]:
    """A process and all that it started, as far as they live."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [pid]
    for each in found:
        found += children.get(each, ())
    return found


def megabytes(pid: int) -> float:
    """Resident memory of a process; 0 of one that is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.M)
    return int(found[1]) / 1024 if found else 0.0


def _stat(pid: int) -> list[str]:
    """The fields of its ``stat`` from the third on: state, parent, …"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
