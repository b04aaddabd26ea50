"""Servers started here: from a wheel or from ``PATH``, in a scratch folder, on a free loopback port."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from functools import partial

from conformance.core.errors import NoService
from conformance.core.text import error_line
from conformance.provision.services.kept import Kept
from conformance.provision.services.kinds import Binary, Kind
from conformance.provision.services.scratch import Scratch
from conformance.provision.services.service import Service

_PORTS_TRIED = 5


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
        scratch, port = Scratch(kind_name), free_port()
        url = kind.url("127.0.0.1", port, {})
        try:
            plan = kind.plan(binary, scratch.path, port)
        except BaseException:
            scratch.remove()
            raise
        hint = partial(_hint, binary)
        kept = Kept(binary.detail, plan, scratch, partial(kind.check, url, 2.0), hint)
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
            url,
            version,
            binary.how,
            detail=binary.detail,
            ref=str(kept.pid),
            _stop=kept.stop,
            restart=partial(_restart, kind, url, kept),
        )
    raise NoService(f"No free port for {binary.detail}: {said}", "Close other servers and try again.")


def _restart(kind: Kind, url: str, kept: Kept) -> None:
    """End the server as its user would, and start it again. Raises :class:`NoService`."""
    try:
        kind.keep(url)
    except Exception as error:
        raise NoService(
            f"{kept.what} fails or is gone: {error_line(error)}", "Is it still running?"
        ) from error
    kept.restart()


def _hint(binary: Binary, said: str = "") -> str:
    library = re.search(r"shared libraries: (\S+): cannot open", said)
    if library is not None:
        return f"It needs the library {library[1]} (libcurl.so.4 on Debian: apt-get install libcurl4)."
    return f"Start a server yourself and give its address with --world-service-url (tried {binary.path})."
