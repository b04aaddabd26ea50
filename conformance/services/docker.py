"""Services in containers, with the Docker SDK.

Every container carries labels that say which test run it belongs to. A small process, the reaper
(:mod:`conformance.services.reaper`), removes them when the run is gone, also after ``kill -9``; what a lost
reaper left behind is removed by the next run on that machine.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import conformance
from conformance.catalog.descriptor import ServiceSpec
from conformance.errors import NoService
from conformance.services.kinds import Kind, NotReadyError, WrongServerError, is_known
from conformance.services.service import Service, new_run_id

LABEL = "org.workflow-worlds.conformance"
_READY_IN = 120.0
_ANSWER_IN = 5
_PULL_STALL = 120


def connect(timeout: int = _ANSWER_IN) -> Any:
    """A client of a Docker engine that answers. Raises :class:`NoService` when there is none."""
    import docker  # noqa: PLC0415 (0.2 s)

    address = os.environ.get("DOCKER_HOST") or _address_of_context()
    shown = address or "the default socket"
    try:
        client = (
            docker.DockerClient(base_url=address, timeout=timeout)
            if address
            else docker.from_env(timeout=timeout)
        )
        if os.environ.get("DOCKER_HOST"):
            client.close()
            client = docker.from_env(timeout=timeout)  # this one honours DOCKER_TLS_VERIFY and its kin
        client.ping()
    except (docker.errors.DockerException, OSError) as error:
        raise NoService(
            f"no engine answers at {shown} ({_first_line(error)})", "Start Docker, or do without it."
        ) from error
    return client


def _address_of_context() -> str | None:
    """The engine that `docker context use` chose (Docker Desktop, Colima): the SDK does not look there."""
    from docker.context import ContextAPI  # noqa: PLC0415
    from docker.errors import DockerException  # noqa: PLC0415

    try:
        context = ContextAPI.get_current_context()
    except (DockerException, OSError, ValueError, KeyError):
        return None
    host = getattr(context, "Host", None) if context is not None else None
    return str(host) if host and context.Name != "default" else None


def start_container(spec: ServiceSpec, kind: Kind, progress: Callable[[str], None]) -> Service:
    """Run ``spec.image``, wait until it answers. Raises :class:`NoService`."""
    if spec.image is None:
        raise NoService(f"world.toml names no image for {spec.kind}")
    client = connect()
    try:
        _remove_left_behind(client)
        _have_image(client, spec.image, progress)
    except BaseException:
        client.close()
        raise
    run = new_run_id()
    reaper = Reaper(run, client.api.base_url)
    try:
        container = _run(client, spec, kind, run)
        url = _url(client, container, spec, kind)
        version = _wait_ready(container, spec, kind, url)
    except BaseException:
        reaper.close()
        client.close()
        raise

    def stop() -> None:
        reaper.close()
        client.close()

    return Service(
        spec.kind, url, version, "docker", run=run, detail=spec.image, ref=container.id, _stop=stop
    )


class Reaper:
    """The process that removes a run's containers when our end of its pipe closes."""

    def __init__(self, run: str, base_url: str) -> None:
        home = str(Path(conformance.__file__).parent.parent)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "conformance.services.reaper", run],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([home, os.environ.get("PYTHONPATH", "")])},
        )

    def close(self) -> None:
        """Let it remove the containers, and wait for it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)
