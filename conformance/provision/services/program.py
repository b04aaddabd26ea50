"""A service that is a command of this machine: an emulator, a bridge, a Worker. No Docker, no shell.

The words of ``command``, ``args`` and ``env`` are templates: ``{host}`` and ``{port}`` (where it has to
listen: loopback), ``{directory}`` (a fresh folder), ``{folder}`` (of the world.toml, where it runs),
``{needs.NAME.url}``, ``.host`` and ``.port`` of what was started before it, and ``{env.NAME}``. The words
``node`` and ``python`` are the Node and the Python in use.
"""

from __future__ import annotations

import http.client
import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from conformance.core.environment import child_environment
from conformance.core.redact import know_named, redact_command
from conformance.core.templates import fill_text
from conformance.core.text import error_line
from conformance.provision.services.command import CommandTimeout, run_command
from conformance.provision.services.embedded import free_port
from conformance.provision.services.kept import Kept
from conformance.provision.services.kinds import Kind, NotReadyError, Plan, is_known
from conformance.provision.services.scratch import Scratch
from conformance.provision.services.service import Service
from conformance.provision.services.spec import ServiceSpec

HOST: Final = "127.0.0.1"
#: seconds that one question about its health may take
_HEALTH_IN: Final = 5.0
_HINT: Final = "Its command is in [service] of world.toml. Try it in a terminal."


def start_program(
    spec: ServiceSpec,
    kind: Kind,
    node: Callable[[], str],
    needs: Mapping[str, Service],
    check: Callable[[], None] = lambda: None,
) -> Service:
    """Start ``spec.command`` and wait until it answers; ``node`` finds the Node in use.

    ``check`` is called while it waits, and ends it when it raises. All that the command started ends with it,
    also when the run is killed. Raises :class:`NoService` with its last words, and :class:`UnknownWorld` for
    a template that nobody knows.
    """
    scratch, port = Scratch(spec.kind), free_port()
    try:
        known = _known(spec, needs, scratch.path, port)
        words = [fill_text(word, known) for word in (*spec.command, *spec.args)]
        if words[0] in ("node", "python"):
            words[0] = node() if words[0] == "node" else sys.executable
        env = {name: fill_text(value, known) for name, value in spec.env.items()}
        for name, value in env.items():
            know_named(name, value)
        health = spec.health if isinstance(spec.health, str) else [fill_text(w, known) for w in spec.health]
        url = spec.url.format(host=HOST, port=port) if spec.url else kind.url(HOST, port, env)
    except BaseException:
        scratch.remove()
        raise
    what = redact_command(words)
    kept = Kept(
        what,
        Plan(words, env=env),
        scratch,
        partial(_ready, kind, spec, url, health, env),
        lambda _said: _HINT,
        group=True,
        cwd=spec.folder,
    )
    try:
        version = kept.wait_ready(check)
    except BaseException:
        kept.stop()
        raise
    notes = (f"{what} listens on every address of this machine",) if _is_open(port) else ()
    ref = str(kept.pid)
    return Service(spec.kind, url, version, "command", detail=what, ref=ref, notes=notes, _stop=kept.stop)


def _known(spec: ServiceSpec, needs: Mapping[str, Service], directory: Path, port: int) -> dict[str, str]:
    """What the templates of a service may name."""
    known = {"host": HOST, "port": str(port), "directory": str(directory)}
    if spec.folder is not None:
        known["folder"] = str(spec.folder)
    return known | Service(spec.kind, "", "", "command", needs=dict(needs)).addresses()


def _ready(kind: Kind, spec: ServiceSpec, url: str, health: str | list[str], env: Mapping[str, str]) -> str:
    """Its version. Raises :class:`NotReadyError` until it answers."""
    version = kind.check(url, 2.0)
    if isinstance(health, str):
        answers(url, health)
    elif health and not is_known(spec.kind):
        try:
            status, said = run_command(health, cwd=spec.folder, env=child_environment(env), limit=_HEALTH_IN)
        except (OSError, CommandTimeout) as error:
            raise NotReadyError(f"{redact_command(health)}: {error}") from error
        if status != 0:
            raise NotReadyError(f"{redact_command(health)} ended with {status}: {said.strip()[-200:]}")
    return version


def answers(url: str, path: str) -> None:
    """Ask for ``path`` over HTTP at the server of ``url``. Raises :class:`NotReadyError` unless it is 2xx."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or HOST, parts.port, timeout=_HEALTH_IN)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NotReadyError(f"GET {path}: {error_line(error)}") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotReadyError(f"GET {path} answers {status}")


def _is_open(port: int) -> bool:
    """Whether that port is open on all addresses of this machine; looked up on Linux, else False."""
    for file, anywhere in (("/proc/net/tcp", "0" * 8), ("/proc/net/tcp6", "0" * 32)):
        try:
            table = Path(file).read_text()
        except OSError:
            continue
        if re.search(rf": {anywhere}:{port:04X} \S+ 0A ", table):
            return True
    return False
