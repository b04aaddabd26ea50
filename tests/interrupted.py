"""A run of pytest that a test interrupts; none of its processes outlives the test."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.user import PYTEST


class Run:
    """``pytest WORDS`` in a process of its own, and every process that was seen below it."""

    def __init__(self, words: list[str], cwd: Path, env: Mapping[str, str]) -> None:
        self._output = cwd / "output"
        command = [*PYTEST, *words]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=cwd, env={**os.environ, **env}, stdout=output, stderr=subprocess.STDOUT
            )
        self._top = psutil.Process(self.process.pid)
        self._seen: set[psutil.Process] = set()

    def wait_for(self, program: str, count: int = 2, seconds: float = 90.0) -> None:
        """Until so many processes below run a program whose path ends so. Raises ``AssertionError``."""
        deadline = time.monotonic() + seconds
        while len(self._running(program)) < count:
            said = f"; it said:\n{self._output.read_text(errors='replace')[-2000:]}"
            assert self.process.poll() is None, f"it ended before it could be interrupted{said}"
            assert time.monotonic() < deadline, f"it never came to run {count} of {program}{said}"
            time.sleep(0.2)

    def interrupt(self, how: signal.Signals) -> list[str]:
        """Send the signal; what is still there 20 s after the end of the run."""
        self._look()
        self.process.send_signal(how)
        self.process.wait(30)
        _, left = psutil.wait_procs(self._seen, timeout=20)
        return [" ".join(_words(process)) for process in left]

    def kill(self) -> None:
        """End the run and everything that was seen below it."""
        self._look()
        for process in (*self._seen, self._top):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(10)

    def _look(self) -> None:
        with suppress(psutil.NoSuchProcess):
            self._seen.update(self._top.children(recursive=True))

    def _running(self, program: str) -> list[psutil.Process]:
        self._look()
        return [one for one in self._seen if any(word.endswith(program) for word in _words(one))]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


@contextmanager
def started(*words: str, cwd: Path, env: Mapping[str, str] | None = None) -> Iterator[Run]:
    """A run of pytest in that folder, with more environment; nothing of it is left when the block ends."""
    run = Run(list(words), cwd, env or {})
    try:
        yield run
    finally:
        run.kill()
