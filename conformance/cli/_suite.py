"""One run of the suite under pytest, in a process of its own, that ends when we do.

``python -m conformance.cli._suite ARGUMENT…`` is pytest, which ends as with Ctrl-C when its standard input
ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from conformance.core.redact import shown

#: what a run may take to put its things away after Ctrl-C, in seconds
_TIDY = 40.0
_POLL = 0.2

#: Told now and then how many verdicts the record of this run has.
Told = Callable[[int], None]


def run_suite(arguments: Sequence[str], record: Path, *, limit: float, told: Told) -> str:
    """Run pytest with the suite's ``arguments``, appending to ``record``; ``""``, or why it did not end well.

    The configuration and the tests of the project in the current directory stay out of it. After ``limit``
    seconds the run is stopped. On ``KeyboardInterrupt`` it is stopped too, before that is raised on.
    """
    before = _verdicts(record)
    with tempfile.TemporaryDirectory(prefix="world-sweep-") as scratch:
        own = Path(scratch) / "pytest.ini"
        own.write_text("[pytest]\n")
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance.cli._suite", "-c", str(own), "--noconftest",
             "-p", "no:cacheprovider", "-q", "--tb=no", "--world-record", str(record), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C is passed on once, by us: a second one would interrupt the putting away.
            start_new_session=True,
        )  # fmt: skip
        last: deque[str] = deque(maxlen=20)
        reader = threading.Thread(target=_drain, args=(process, last), daemon=True)
        reader.start()
        try:
            until = time.monotonic() + limit
            while process.poll() is None:
                if time.monotonic() > until:
                    _stop(process)
                    return f"it took longer than {limit:.0f} s and was stopped"
                told(_verdicts(record) - before)
                time.sleep(_POLL)
        except BaseException:
            _stop(process)
            raise
        reader.join(5)
    if process.returncode == 0:
        return ""
    said = next((line for line in last if line.startswith(("ERROR", "INTERNALERROR"))), "".join([*last][-1:]))
    return f"pytest ended with status {process.returncode}: {shown(said.strip()) or 'it said nothing'}"


def main() -> int:
    """Run pytest; when whoever started us is gone, its end of the pipe is too."""
    import pytest  # noqa: PLC0415 - only here

    pipe = os.dup(0)  # pytest puts something else in its place while it captures

    def watch() -> None:
        while os.read(pipe, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    return pytest.console_main()


def _drain(process: subprocess.Popen[str], last: deque[str]) -> None:
    assert process.stdout is not None
    last.extend(line for line in process.stdout if line.strip())


def _stop(process: subprocess.Popen[str]) -> None:
    """As SIGTERM does it: Ctrl-C is ignored in what a shell starts in the background.

    What does not go then is killed. Its hosts and services go with it.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_TIDY)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _verdicts(record: Path) -> int:
    try:
        return record.read_bytes().count(b'"kind":"verdict"')
    except OSError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
