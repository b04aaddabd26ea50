"""Ctrl-C and kill while real queues are at work: no host and no server stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

_HOST = "queue/main.mjs"


def _hosts(pid: int) -> list[psutil.Process]:
    """The hosts of real queues below a process."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        try:
            if any(word.endswith(_HOST) for word in child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind(tmp_path: Path, how: signal.Signals) -> None:
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:asyncio", "--world=redis"]
    # Long enough to be interrupted: what gave a message up is waited for.
    words += ["--world-service=embedded", "--world-queue=world", "-k", "queue_redelivers"]
    process = subprocess.Popen(
        words,
        cwd=tmp_path,
        env=dict(os.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 90
    while len(_hosts(process.pid)) < 2:
        assert process.poll() is None, "it ended before it could be interrupted"
        assert time.monotonic() < deadline, "the run never came to start its hosts"
        time.sleep(0.2)
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(how)
    process.wait(30)
    _, left = psutil.wait_procs(below, timeout=20)
    assert left == []
