"""Ctrl-C and kill while real queues are at work: no host and no server stays behind."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.interrupted import started


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind(tmp_path: Path, how: signal.Signals) -> None:
    # Long enough to be interrupted: what gave a message up is waited for.
    words = ["--world=redis", "--world-service=embedded", "--world-queue=world", "-k", "queue_redelivers"]
    with started(*words, cwd=tmp_path) as run:
        run.wait_for("queue/main.mjs")
        assert run.interrupt(how) == []
