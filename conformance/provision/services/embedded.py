"""Servers started here: from a wheel or from ``PATH``, in a scratch folder, on a free loopback port."""

from __future__ import annotations

import json
import os
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from conformance.core.environment import child_environment
from conformance.core.errors import NoService
from conformance.core.text import error_line
from conformance.provision.services import keeper
from conformance.provision.services.kinds import Binary, Kind, NotReadyError, WrongServerError
from conformance.provision.services.scratch import Scratch
from conformance.provision.services.service import Service

_READY_IN = 60.0
_PORTS_TRIED = 5
#: seconds between two calls of ``check`` while the keeper prepares
_CHECKED_EVERY = 0.2


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_binary(
    kind_name: str, kind: Kind, binary: Binary, check: Callable[[], None] = lambda: None
) -> Service:
    """Start ``binary`` and wait until it answers. ``check`` is called while it waits, and ends it when it
    raises. Raises :class:`NoService` with its last words."""
    said = ""
    for _ in range(_PORTS_TRIED):
        check()
        kept = _Kept(kind, binary, Scratch(kind_name), free_port())
        try:
            version = kept.wait_ready(check)
        except BaseException:
            said = kept.tail()
            kept.stop()
            if "in use" in said.lower():
                continue  # somebody took the port between our look and the server's start
            raise
        return Service(
            kind_name,
            kept.url,
            version,
            binary.how,
            detail=binary.detail,
            ref=str(kept.pid),
            _stop=kept.stop,
            restart=kept.restart,
        )
    raise NoService(f"No free port for {binary.detail}: {said}", "Close other servers and try again.")


class _Kept:
    """A server and its keeper. See :mod:`conformance.provision.services.keeper`."""

    def __init__(self, kind: Kind, binary: Binary, scratch: Scratch, port: int) -> None:
        self.kind, self.binary, self.scratch = kind, binary, scratch
        self.folder = scratch.path
        self.url = kind.url("127.0.0.1", port, {})
        self.pid = 0
        self._said = ""
        try:
            plan = kind.plan(binary, self.folder, port)
        except BaseException:
            scratch.remove()
            raise
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
            raise NoService(f"{self.binary.detail} did not start: {answer['error']}", _hint(self.binary))
        self.pid = int(answer["pid"])
        until = time.monotonic() + _READY_IN
        pause = 0.01
        while True:
            check()
            if not _alive(self.pid):
                said = self.tail()
                raise NoService(f"{self.binary.detail} ended at once:\n{said}", _hint(self.binary, said))
            try:
                return self.kind.check(self.url, 2.0)
            except WrongServerError as error:
                raise NoService(f"{self.binary.detail} started, and {error}.", _hint(self.binary)) from error
            except NotReadyError as error:
                if time.monotonic() > until:
                    raise NoService(
                        f"{self.binary.detail} did not answer in {_READY_IN:.0f} s: {error}\n{self.tail()}",
                        _hint(self.binary),
                    ) from error
            time.sleep(pause)
            pause = min(pause * 1.5, 0.2)

    def restart(self) -> None:
        """End the server as its user would, and start it again on what it has stored. Raises
        :class:`NoService`."""
        try:
            self.kind.keep(self.url)
        except Exception as error:
            raise NoService(
                f"{self.binary.detail} fails or is gone: {error_line(error)}", _hint(self.binary)
            ) from error
        assert self.keeper.stdin is not None
        self.keeper.stdin.write(b"restart\n")
        self.keeper.stdin.flush()
        self.wait_ready()

    def tail(self) -> str:
        """The server's last lines."""
        if self._said:
            return self._said
        if self.pid and not _alive(self.pid) and self.keeper.stdout is not None:
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


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _hint(binary: Binary, said: str = "") -> str:
    library = re.search(r"shared libraries: (\S+): cannot open", said)
    if library is not None:
        return f"It needs the library {library[1]} (libcurl.so.4 on Debian: apt-get install libcurl4)."
    return f"Start a server yourself and give its address with --world-service-url (tried {binary.path})."
