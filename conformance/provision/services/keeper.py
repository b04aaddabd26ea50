"""Holds one server for one test run: ends it when the run is gone, even after ``kill -9``.

Run as a script with ``python -I -S``, so it uses the standard library alone and starts in a few
milliseconds. Standard input is a pipe from the test run: its end means that the run is over. The first line
is a JSON object:

``{"command": [words], "folder": "scratch folder, removed at the end", "user": name or null,
"env": {}, "signal": "SIGTERM", "restart": "SIGTERM", "grace": seconds, "prepare": [[words], …],
"cwd": "where it runs", "group": whether all that the server starts ends with it}``

A line ``restart`` ends the server and starts it again, on the same data.

It answers with one JSON line on standard output, ``{"pid": n}`` or ``{"error": "…"}``, and says
``{"ended": code, "tail": "last lines"}`` when the server ends by itself. What the server prints goes to
``server.log`` in the folder. It stands in a session of its own, so Ctrl-C does not reach it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def _die_with_parent() -> None:
    """On Linux the server dies with us, should we be killed ourselves."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _say(**message: Any) -> None:
    with contextlib.suppress(BrokenPipeError):  # the run may be gone
        print(json.dumps(message), flush=True)


def _identity(user: str | None) -> dict[str, Any]:
    """Arguments for Popen that make the child another user (PostgreSQL refuses to run as root)."""
    if user is None:
        return {}
    import pwd  # noqa: PLC0415 (not on Windows)

    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _end(server: subprocess.Popen[bytes], how: str, grace: float) -> None:
    """Ask the server to go, then make it."""
    if server.poll() is None:
        server.send_signal(getattr(signal, how))
        try:
            server.wait(grace)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _end_all(server: subprocess.Popen[bytes], how: str, grace: float) -> None:
    """The same, of a server that is a group of its own, with all that it started."""
    _signal_group(server, getattr(signal, how))
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(grace)
    _signal_group(server, signal.SIGKILL)
    server.wait()
    _end_orphans()


def _signal_group(server: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(server.pid, number)


def _end_orphans() -> None:
    """Kill what left the group of the server. On Linux its orphans are our children by now."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while children.exists() and (left := children.read_text().split()):
        for pid in map(int, left):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _tail(log: Path, lines: int = 12) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def _remove(folder: Path) -> None:
    """Remove the scratch folder; a dying server may still be writing its last files."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def _keep(plan: dict[str, Any], folder: Path) -> int:
    log = folder / "server.log"
    group = plan.get("group", False)
    end = _end_all if group else _end
    if group and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    settings: dict[str, Any] = {
        "cwd": plan.get("cwd", folder),
        "env": {**os.environ, **plan.get("env", {})},
        "stdin": subprocess.DEVNULL,
        "stderr": subprocess.STDOUT,
        "preexec_fn": _die_with_parent,
        "start_new_session": group,
        **_identity(plan.get("user")),
    }
    try:
        with log.open("ab") as out:
            if "user" in settings:
                for path in (folder, log):
                    os.chown(path, settings["user"], settings["group"])
            for words in plan.get("prepare", []):
                subprocess.run(words, stdout=out, check=True, **settings)
            server = subprocess.Popen(plan["command"], stdout=out, **settings)
    except (OSError, KeyError, subprocess.SubprocessError) as error:
        _say(error=f"{error}\n{_tail(log)}".strip())
        return 1
    try:
        _say(pid=server.pid)
        # The pipe ends with the run; the server may also end by itself, which is looked at twice a second.
        while server.poll() is None:
            ready, _, _ = select.select([sys.stdin], [], [], 0.5)
            if not ready:
                continue
            if not os.read(sys.stdin.fileno(), 4096):
                break
            end(server, plan["restart"], 30.0)
            with log.open("ab") as out:
                server = subprocess.Popen(plan["command"], stdout=out, **settings)
            _say(pid=server.pid)
        else:
            _say(ended=server.returncode, tail=_tail(log))
    finally:
        end(server, plan.get("signal", "SIGTERM"), plan.get("grace", 3.0))
    return 0


def main() -> int:
    """Keep one server until standard input ends. Exit 0 after that, 1 when the server did not start."""
    line = sys.stdin.buffer.readline()
    if not line:
        return 0
    plan = json.loads(line)
    folder = Path(plan["folder"])
    try:
        return _keep(plan, folder)
    finally:
        _remove(folder)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.exit(main())
