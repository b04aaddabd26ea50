"""Scratch folders that go away with the process that made them, at the latest with the next test run.

The guard removes those of a process that is killed. Should the guard be gone too: each holds a file that its
maker keeps locked. The kernel gives the lock up when the maker dies, in whatever way; a folder whose lock is
free belongs to nobody, and the next process that needs a folder removes it.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from functools import cache
from pathlib import Path

import filelock

from conformance.drivers.process.guard import guard

_PREFIX = "world-conformance-"
_OWNER = ".owner"
#: a folder that is being made is not swept by another thread
_sweeping = threading.Lock()


class Scratch:
    """A fresh folder, ``path``, until :meth:`remove`."""

    def __init__(self, name: str) -> None:
        with _sweeping:
            _sweep()
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{name}-"))
        guard.keep_folder(str(self.path))
        # Not thread-local: who closes a service may not be who started it.
        self._lock = filelock.FileLock(self.path / _OWNER, thread_local=False)
        self._lock.acquire(timeout=10)

    def remove(self) -> None:
        """Remove the folder and what is in it. Safe to repeat."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()
        if not self.path.exists():
            guard.forget_folder(str(self.path))


@cache
def _sweep() -> None:
    """Remove folders of processes that are gone, once in a process."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = folder / _OWNER
        try:
            if not owner.is_file():
                continue  # somebody is just making it
            with filelock.FileLock(owner, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except (filelock.Timeout, OSError):
            continue  # it is in use, or it is not ours
