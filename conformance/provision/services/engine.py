"""The Docker engine: which one it is, and whether it answers."""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

import docker
from docker.context import ContextAPI
from docker.errors import DockerException, ImageNotFound

from conformance.core.errors import NoService

_ANSWER_IN = 5
_DEFAULT = "npipe:////./pipe/docker_engine" if sys.platform == "win32" else "unix:///var/run/docker.sock"
#: of Docker 20.10; newer engines speak it as well
_OLDEST_API = "1.41"
_WORK_IN = 120


def connect(timeout: int = _ANSWER_IN) -> Any:
    """A client of a Docker engine that answers. Raises :class:`NoService` when there is none."""

    address = None if os.environ.get("DOCKER_HOST") else _address_of_context()
    made = None
    try:
        _knock(shown_address())
        # Without a version the client does not ask the engine while it is made, so it can always be closed.
        # from_env honours DOCKER_TLS_VERIFY and its kin, which go with DOCKER_HOST.
        settings: dict[str, Any] = {"version": _OLDEST_API, "timeout": timeout}
        made = docker.DockerClient(address, **settings) if address else docker.from_env(**settings)
        made.ping()
    except (DockerException, OSError) as error:
        if made is not None:
            made.close()
        raise NoService(
            f"no engine answers at {shown_address()} ({first_line(error)})", "Start Docker, or do without it."
        ) from error
    made.api.timeout = _WORK_IN
    return made


def about() -> str:
    """The engine in words, such as ``engine 27.1 at unix:///…``. Raises :class:`NoService`."""
    client = connect(timeout=3)
    try:
        return f"engine {client.version().get('Version', '?')} at {shown_address()}"
    finally:
        client.close()


def has_image(image: str) -> bool:
    """Whether the engine has an image already. Raises :class:`NoService`."""

    client = connect(timeout=3)
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    finally:
        client.close()
    return True


def shown_address() -> str:
    return os.environ.get("DOCKER_HOST") or _address_of_context() or _DEFAULT


def _knock(address: str) -> None:
    """Connect to a Unix socket once: the SDK leaks one, with a warning, when nobody listens there."""
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_ANSWER_IN)
            probe.connect(address.removeprefix("unix://"))


def _address_of_context() -> str | None:
    """The engine that `docker context use` chose (Docker Desktop, Colima): the SDK does not look there."""

    try:
        context = ContextAPI.get_current_context()
    except (DockerException, OSError, ValueError, KeyError):
        return None
    host = getattr(context, "Host", None) if context is not None else None
    return str(host) if host and context.Name != "default" else None


def first_line(error: BaseException) -> str:
    """The engine's own words when there are some, without the request around them."""
    said = str(getattr(error, "explanation", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__
