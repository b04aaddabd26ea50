"""What a run says of itself: the suite, the interpreter, the machine, the commit."""

from __future__ import annotations

import os
import platform
import subprocess
import uuid
from datetime import UTC, datetime

from conformance import __version__
from conformance.record.lines import Header


def now() -> str:
    """The time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def new_header(
    *, seed: int = 0, budget: str = "", node: str = "", shard: str = "", command: str = ""
) -> Header:
    """The header of a run that begins now.

    In CI all shards and jobs of one workflow run get the same ``run`` id, so that a merge knows that
    they belong together; elsewhere it is random.
    """
    github = os.environ.get("GITHUB_RUN_ID")
    run = f"github-{github}-{os.environ.get('GITHUB_RUN_ATTEMPT', '1')}" if github else uuid.uuid4().hex[:12]
    return Header(
        suite=__version__,
        started=now(),
        run=run,
        shard=shard,
        seed=seed,
        budget=budget,
        python=platform.python_version(),
        node=node,
        platform=f"{platform.system()} {platform.release()} {platform.machine()}".strip(),
        git=os.environ.get("GITHUB_SHA") or _head(),
        command=command,
    )


def _head() -> str:
    """The commit of the working directory, or nothing where there is none (or no git)."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
