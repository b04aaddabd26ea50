"""Starts a Docker engine of its own for the tests, where nobody else runs one.

``python tests/services/engine.py start FOLDER`` prints ``DOCKER_HOST=unix://…`` when the engine answers;
``… stop FOLDER`` ends it. It takes root and Debian's ``docker.io`` (``apt-get install docker.io``). Exit
status 3: there is none to be had here, and why.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from conformance.core.errors import NoService
from conformance.provision.services.engine import connect

_READY_IN = 30.0
NONE_HERE = 3


def start(folder: Path) -> int:
    """Start dockerd with all its files in ``folder``; wait until it answers."""
    program = shutil.which("dockerd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    if program is None or os.geteuid() != 0:
        why = "it takes root" if program else "dockerd is not installed (apt-get install docker.io)"
        print(f"NO DOCKER ENGINE CAN BE STARTED HERE: {why}", file=sys.stderr)
        return NONE_HERE
    folder.mkdir(parents=True, exist_ok=True)
    address = f"unix://{folder}/docker.sock"
    words = ["--data-root", "data", "--exec-root", "exec", "--pidfile", "pid"]
    placed = [word if word.startswith("--") else str(folder / word) for word in words]
    with (folder / "log").open("ab") as log:
        engine = subprocess.Popen(
            [program, "-H", address, *placed],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    os.environ["DOCKER_HOST"] = address
    until = time.monotonic() + _READY_IN
    while time.monotonic() < until and engine.poll() is None:
        try:
            connect(timeout=2).close()
        except NoService:
            time.sleep(0.2)
            continue
        print(f"DOCKER_HOST={address}")
        return 0
    tail = "\n".join((folder / "log").read_text(errors="replace").splitlines()[-8:])
    print(f"NO DOCKER ENGINE COULD BE STARTED HERE:\n{tail}", file=sys.stderr)
    stop(folder)
    return NONE_HERE


def stop(folder: Path) -> int:
    """End the engine that :func:`start` started in ``folder``, and remove its files."""
    pid = folder / "pid"
    if pid.is_file():
        try:
            engine = psutil.Process(int(pid.read_text()))
            engine.send_signal(signal.SIGTERM)
            engine.wait(20)
        except psutil.NoSuchProcess:
            pass  # it has ended by itself, which is what was wanted
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("start", "stop"):
        sys.exit(__doc__)
    sys.exit({"start": start, "stop": stop}[sys.argv[1]](Path(sys.argv[2]).resolve()))
