"""Removes a test run's containers when the run is gone, however it went.

``python -m conformance.provision.services.reaper RUN`` waits for the end of standard input, a pipe from
the test run, and then removes every container labelled with ``RUN``. It stands in a session of its own, so
Ctrl-C does not reach it. It is started *before* the container, so no kill falls between the two.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound

from conformance.provision.services.engine import connect
from conformance.provision.services.runs import is_gone

#: its value is the run, which says what process it is of
LABEL = "org.workflow-worlds.conformance"
#: a create request may still be on its way to the engine when the run is killed
_LATE = 3.0


class Reaper:
    """Our end of the pipe."""

    def __init__(self, run: str) -> None:
        home = str(Path(__file__).resolve().parents[3])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "conformance.provision.services.reaper", run],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([home, os.environ.get("PYTHONPATH", "")])},
        )

    def close(self) -> None:
        """Let it remove the containers, and wait until they are gone. Safe to repeat."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            if not self.process.stdin.closed:
                self.process.stdin.write(b"done\n")
                self.process.stdin.close()
        self.process.wait(60)


def remove_left_behind(client: Any) -> None:
    """Remove containers of runs of this machine that were killed together with their reaper."""
    for container in client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
        if is_gone(container.labels.get(LABEL, "")):
            remove(container)


def remove(container: Any) -> None:
    """Remove a container and its volumes; one that is gone already is fine."""

    try:
        container.remove(force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != 409:  # 409: somebody else is removing it
            raise


def _reap(run: str, late: float) -> None:
    client = connect()
    until = time.monotonic() + late
    while True:
        for container in client.containers.list(
            all=True, filters={"label": f"{LABEL}={run}"}, ignore_removed=True
        ):
            remove(container)
        if time.monotonic() >= until:
            return
        time.sleep(0.2)


def main() -> None:
    """Wait, then reap. The run said ``done`` when it ended in order: then nothing is on its way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    said = sys.stdin.buffer.read()
    _reap(sys.argv[1], 0.0 if said else _LATE)


if __name__ == "__main__":
    main()
