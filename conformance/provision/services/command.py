"""Run a command of somebody else's to its end, within a limit, and leave none of its children."""

from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from conformance.core.deadline import Deadline
from conformance.drivers.process.guard import MARK, end_group, end_marked, guard

_numbers = itertools.count()


class CommandTimeout(Exception):
    """It did not end within its own limit."""


def run_command(
    words: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    limit: float,
    deadline: Deadline | None = None,
) -> tuple[int, str]:
    """Exit status, and what it printed on both streams.

    At its end, at the limit and when this is interrupted, all that it started is killed. Raises ``OSError``
    when it cannot be started, :class:`CommandTimeout` after ``limit`` seconds and :class:`OutOfTime` at the
    deadline.
    """
    deadline = deadline or Deadline()
    mark = f"{guard.id}.command{next(_numbers)}."
    # A file, not a pipe: a child that goes on in the background would keep a pipe open.
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            list(words),
            cwd=cwd,
            env={**(os.environ if env is None else env), MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            guard.keep_group(process.pid)
            process.wait(deadline.within(limit))
        except subprocess.TimeoutExpired:
            deadline.check()
            raise CommandTimeout(f"it did not end in {limit:g} s") from None
        finally:
            end_group(process.pid)
            end_marked(mark)
            process.wait()
            guard.forget_group(process.pid)
        output.seek(0)
        return process.returncode, output.read().decode("utf-8", "replace")
