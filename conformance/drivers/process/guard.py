"""Ends what a test run leaves, however it ended: processes and folders.

``python -I -S guard.py MARK`` reads lines from standard input, a pipe from the test run. ``+group 4711`` and
``+folder /path`` name what must not outlive the run, ``-group`` and ``-folder`` what is gone already. The
input ends when the run does, in whatever way. Then it kills those groups, and every process that has the mark
in its environment (where there is a ``/proc``), and removes those folders. It stands in a session of its own,
so Ctrl-C does not reach it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

#: The variable whose value begins with :attr:`Guard.id`.
MARK = "WORLD_CONFORMANCE_RUN"
#: Seconds for a folder whose files are still being written.
_REMOVED_IN = 5.0
#: Seconds that the end of this process waits for the guard to finish.
_ENDS_IN = 10.0


class Guard:
    """The run's end of the pipe. The process is started at the first use."""

    def __init__(self) -> None:
        #: begins the mark of every process that this one starts
        self.id = uuid.uuid4().hex
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def keep_group(self, pid: int) -> None:
        """The process group led by ``pid`` must not outlive this process."""
        self._say(f"+group {pid}")

    def forget_group(self, pid: int) -> None:
        """The group has ended. Its number may be used again."""
        self._say(f"-group {pid}")

    def keep_folder(self, path: str) -> None:
        """The folder must not outlive this process."""
        self._say(f"+folder {path}")

    def forget_folder(self, path: str) -> None:
        """The folder was removed."""
        self._say(f"-folder {path}")

    def close(self) -> None:
        """End the guard, and with it all that is still kept. Safe to repeat."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_ENDS_IN)

    def _say(self, line: str) -> None:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", __file__, self.id],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    start_new_session=True,
                )
            assert self._process.stdin is not None
            # Without a guard the run is as it was: hosts see the end of their pipe.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(os.fsencode(line) + b"\n")
                self._process.stdin.flush()


#: The guard of this process.
guard = Guard()
atexit.register(guard.close)


def end_group(pid: int) -> None:
    """Kill the process group led by ``pid``. A group that is gone is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def end_marked(mark: str) -> None:
    """Kill every process of this user whose mark begins with ``mark``."""
    wanted = f"{MARK}={mark}".encode()
    for _ in range(5):  # one that is just being started may be missed
        found = 0
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if any(each.startswith(wanted) for each in (folder / "environ").read_bytes().split(b"\0")):
                    os.kill(int(folder.name), signal.SIGKILL)
                    found += 1
            except OSError:
                continue  # it is gone, or somebody else's
        if not found:
            return
        time.sleep(0.02)


def _remove(folder: str) -> None:
    until = time.monotonic() + _REMOVED_IN
    while os.path.isdir(folder) and time.monotonic() < until:  # noqa: PTH112 - starts in half the time
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)


def main() -> None:
    """Remember what is said until the input ends, then end and remove it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    kept: dict[str, None] = {}
    for line in sys.stdin.buffer:
        what = os.fsdecode(line.rstrip(b"\n"))
        if what.startswith("+"):
            kept[what[1:]] = None
        else:
            kept.pop(what[1:], None)
    for what in kept:
        kind, _, name = what.partition(" ")
        if kind == "group":
            end_group(int(name))
    end_marked(sys.argv[1])
    for what in kept:
        kind, _, name = what.partition(" ")
        if kind == "folder":
            _remove(name)


if __name__ == "__main__":
    main()
