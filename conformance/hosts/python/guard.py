"""Which connections a World may make: the same rule as that of the Node host (``guard.cjs``).

``WORLD_CONNECTS`` is a JSON array of ``host:port``, ``host:*`` and paths of Unix sockets. The interpreter
asks before each connection of Python's sockets, whoever makes it. Libraries of C that bring sockets of their
own are not seen.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import re
import socket
import sys
import weakref
from collections.abc import Callable
from typing import Any

_NAMES = re.compile(r"(?:.*\.)?localhost|ip6-localhost|ip6-loopback|0\.0\.0\.0|::", re.IGNORECASE)
#: The status of a process that wanted to go where it must not.
STATUS = 77


def install(send: Callable[[dict[str, Any]], None]) -> None:
    """Refuse from now on what ``WORLD_CONNECTS`` does not name; without it nothing is refused."""
    wanted = os.environ.get("WORLD_CONNECTS")
    if wanted is None:
        return
    guard = _Guard(json.loads(wanted), send)
    sys.addaudithook(guard.audit)


def named(host: str) -> str:
    """A host by one name, however it was written; every name of this machine is ``localhost``."""
    plain = host.strip("[]").rstrip(".").lower()
    if _NAMES.fullmatch(plain):
        return "localhost"
    try:
        found = ipaddress.ip_address(plain.partition("%")[0])
    except ValueError:
        return plain
    mapped = getattr(found, "ipv4_mapped", None) or found
    return "localhost" if mapped.is_loopback else str(mapped)


def _addresses(host: str) -> set[str]:
    """What the name of a host stands for; nothing when it cannot be looked up."""
    try:
        return {named(str(found[4][0])) for found in socket.getaddrinfo(host, None)}
    except OSError:
        return set()


class _Guard:
    def __init__(self, allowed: list[str], send: Callable[[dict[str, Any]], None]) -> None:
        self._send = send
        self._paths = {entry for entry in allowed if entry.startswith("/")}
        pairs = [entry.rpartition(":") for entry in allowed if not entry.startswith("/")]
        self._allowed = {(named(host), port) for host, _, port in pairs}
        self._hosts = {"localhost", named(socket.gethostname()), *(host for host, _ in self._allowed)}
        for host in {host for host, _ in self._allowed} - {"localhost"}:
            ports = {port for name, port in self._allowed if name == host}
            self._allowed |= {(ip, port) for ip in _addresses(host) for port in ports}
        self._bound: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        """The interpreter is about to do something (``sys.addaudithook``)."""
        if not event.startswith("socket."):
            return
        if event == "socket.bind":
            with contextlib.suppress(TypeError):
                self._bound.add(args[0])
        elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            if args[1] is not None:
                self._reach(args[1], "connect" if event == "socket.connect" else "send")
        elif event == "socket.getaddrinfo":
            self._look_up(args[0], args[1])
        elif event == "socket.gethostbyname":
            self._look_up(args[0], None)

    def _reach(self, address: Any, how: str) -> None:
        if not isinstance(address, tuple):
            path = os.fsdecode(address)
            if path not in self._paths and path not in self._own():
                self._refuse(path, how)
            return
        host, port = named(str(address[0])), str(address[1])
        if host == "localhost" and port in self._own():
            return
        if (host, port) not in self._allowed and (host, "*") not in self._allowed:
            self._refuse(f"{address[0]}:{port}", how)

    def _look_up(self, host: Any, port: Any) -> None:
        if not host:
            return
        text = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
        if named(text) in self._hosts:
            return
        try:
            ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            where = f"{text}:{port}" if port else text
            self._refuse(where, "connect" if port else "look up")

    def _own(self) -> set[str]:
        """Ports and paths of the sockets that this process has bound."""
        found: set[str] = set()
        for bound in list(self._bound):
            try:
                name = bound.getsockname()
            except OSError:
                continue
            found.add(str(name[1]) if isinstance(name, tuple) else os.fsdecode(name))
        return found

    def _refuse(self, address: str, how: str) -> None:
        try:
            self._send({"type": "refused", "address": address, "how": how})
        finally:
            os._exit(STATUS)
