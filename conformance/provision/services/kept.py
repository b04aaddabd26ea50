"""A server that was started here, and the small process that ends it when the test run is gone."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from conformance.core.environment import child_environment
from conformance.core.errors import NoService
from conformance.provision.services import keeper
from conformance.provision.services.kinds import NotReadyError, Plan, WrongServerError
from conformance.provision.services.scratch import Scratch

_READY_IN = 60.0
#: seconds between two calls of ``check`` while the keeper prepares
_CHECKED_EVERY = 0.2


class Kept:
    """A server and its keeper. See :mod:`conformance.provision.services.keeper`.

    ``what`` is the server, for people. ``ready`` gives its version once it answers, and raises
    :class:`NotReadyError` before and :class:`WrongServerError` for good. ``hint`` says what to do about a
    server that does not start and said this. ``group``: what it starts ends with it. ``cwd``: where it runs;
    None: in its scratch folder.
    """

    def __init__(
        self,
        what: str,
        plan: Plan,
        scratch: Scratch,
        ready: Callable[[], str],
        hint: Callable[[str], str],
        *,
        group: bool = False,
        cwd: Path | None = None,
    ) -> None:
        self.what, self.scratch, self.folder = what, scratch, scratch.path
        self._ready, self._hint = ready, hint
        self.pid = 0
        self._said = ""
        self.keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=child_environment(),  # and so the server's
        )
        order = {
            "command": list(plan.command),
            "prepare": [list(words) for words in plan.prepare],
            "folder": str(self.folder),
            "user": plan.user,
            "env": dict(plan.env or {}),
            "signal": plan.signal,
            "restart": plan.restart,
            "group": group,
            "cwd": str(cwd or self.folder),
        }
        assert self.keeper.stdin is not None
        self.keeper.stdin.write(json.dumps(order).encode() + b"\n")
        self.keeper.stdin.flush()

    def wait_ready(self, check: Callable[[], None] = lambda: None) -> str:
        """The server's version, once it answers. ``check`` may end the wait by raising."""
        assert self.keeper.stdout is not None
        while not select.select([self.keeper.stdout], [], [], _CHECKED_EVERY)[0]:
            check()
        line = self.keeper.stdout.readline()
        answer = json.loads(line) if line else {"error": "its keeper ended"}
        if "error" in answer:
            self._said = str(answer["error"])
            raise NoService(f"{self.what} did not start: {answer['error']}", self._hint(""))
        self.pid = int(answer["pid"])
        until = time.monotonic() + _READY_IN
        pause = 0.01
        while True:
            check()
            if not alive(self.pid):
                said = self.tail()
                raise NoService(f"{self.what} ended at once:\n{said}", self._hint(said))
            try:
                return self._ready()
            except WrongServerError as error:
                raise NoService(f"{self.what} started, and {error}.", self._hint("")) from error
            except NotReadyError as error:
                if time.monotonic() > until:
                    raise NoService(
                        f"{self.what} did not answer in {_READY_IN:.0f} s: {error}\n{self.tail()}",
                        self._hint(""),
                    ) from error
            time.sleep(pause)
            pause = min(pause * 1.5, 0.2)

    def restart(self) -> None:
        """End the server as its user would, and start it again on what it has stored. Raises
        :class:`NoService`."""
        assert self.keeper.stdin is not None
        self.keeper.stdin.write(b"restart\n")
        self.keeper.stdin.flush()
        self.wait_ready()

    def tail(self) -> str:
        """The server's last lines."""
        if self._said:
            return self._said
        if self.pid and not alive(self.pid) and self.keeper.stdout is not None:
            line = self.keeper.stdout.readline()  # the keeper notices within half a second
            self._said = str(json.loads(line).get("tail", "")) if line else ""
            return self._said
        log = self.folder / "server.log"
        try:
            return "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        except OSError:
            return ""

    def stop(self) -> None:
        """Close the pipe: the keeper ends the server and removes the folder."""
        for pipe in (self.keeper.stdin, self.keeper.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self.keeper.wait(15)
        except subprocess.TimeoutExpired:
            self.keeper.kill()
            self.keeper.wait()
        self.scratch.remove()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
