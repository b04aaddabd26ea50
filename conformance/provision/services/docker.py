"""Services in containers, with the Docker SDK.

Every container carries labels that say which test run it belongs to. A small process, the reaper
(``reaper.py``), removes them when the run is gone, also after ``kill -9``; what a lost reaper left behind
is removed by the next run on that machine.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from conformance.core.errors import NoService
from conformance.provision.services.kinds import Kind, NotReadyError, WrongServerError, is_known
from conformance.provision.services.reaper import LABEL, Reaper, owner, remove_left_behind
from conformance.provision.services.runs import new_run_id
from conformance.provision.services.service import Service
from conformance.provision.services.spec import ServiceSpec

_READY_IN = 120.0
_ANSWER_IN = 5
_DEFAULT = "npipe:////./pipe/docker_engine" if sys.platform == "win32" else "unix:///var/run/docker.sock"
#: of Docker 20.10; newer engines speak it as well
_OLDEST_API = "1.41"
_WORK_IN = 120


def connect(timeout: int = _ANSWER_IN) -> Any:
    """A client of a Docker engine that answers. Raises :class:`NoService` when there is none."""
    import docker  # noqa: PLC0415 (slow to import)
    from docker.errors import DockerException  # noqa: PLC0415

    address = None if os.environ.get("DOCKER_HOST") else _address_of_context()
    made = None
    try:
        _knock(_shown())
        # Without a version the client does not ask the engine while it is made, so it can always be closed.
        # from_env honours DOCKER_TLS_VERIFY and its kin, which go with DOCKER_HOST.
        settings: dict[str, Any] = {"version": _OLDEST_API, "timeout": timeout}
        made = docker.DockerClient(address, **settings) if address else docker.from_env(**settings)
        made.ping()
    except (DockerException, OSError) as error:
        if made is not None:
            made.close()
        raise NoService(
            f"no engine answers at {_shown()} ({_first_line(error)})", "Start Docker, or do without it."
        ) from error
    made.api.timeout = _WORK_IN
    return made


def about() -> str:
    """The engine in words, such as ``engine 27.1 at unix:///…``. Raises :class:`NoService`."""
    client = connect(timeout=3)
    try:
        return f"engine {client.version().get('Version', '?')} at {_shown()}"
    finally:
        client.close()


def has_image(image: str) -> bool:
    """Whether the engine has an image already. Raises :class:`NoService`."""
    from docker.errors import ImageNotFound  # noqa: PLC0415

    client = connect(timeout=3)
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    finally:
        client.close()
    return True


def _shown() -> str:
    return os.environ.get("DOCKER_HOST") or _address_of_context() or _DEFAULT


def _knock(address: str) -> None:
    """Connect to a Unix socket once: the SDK leaks one, with a warning, when nobody listens there."""
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_ANSWER_IN)
            probe.connect(address.removeprefix("unix://"))


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
    """Run ``spec.image`` and wait until it answers. Raises :class:`NoService`."""
    if spec.image is None:
        raise NoService(f"world.toml names no image for {spec.kind}", "Add image = … to [service].")
    client = connect()
    run = new_run_id()
    reaper: Reaper | None = None
    try:
        remove_left_behind(client)
        _have_image(client, spec.image, progress)
        reaper = Reaper(run)
        container = _run(client, spec, kind, run)
        url = _url(client, container, spec, kind)
        version = _wait_ready(container, spec, kind, url)
    except BaseException:
        if reaper is not None:
            reaper.close()
        raise
    finally:
        client.close()
    detail, ref = spec.image, str(container.id)
    return Service(spec.kind, url, version, "docker", run=run, detail=detail, ref=ref, _stop=reaper.close)


def _have_image(client: Any, image: str, progress: Callable[[str], None]) -> None:
    """Pull ``image`` unless it is there, a line for each stage."""
    from docker.errors import DockerException, ImageNotFound  # noqa: PLC0415

    try:
        client.images.get(image)
        return
    except ImageNotFound:
        progress(f"pulling {image} …")
    except DockerException as error:
        raise NoService(
            f"the engine cannot look for {image} ({_first_line(error)})", "Check `docker info`."
        ) from error
    try:
        repository, _, tag = image.partition("@") if "@" in image else _split_tag(image)
        for line in _stages(client.api.pull(repository, tag=tag, stream=True, decode=True)):
            progress(f"pulling {image}: {line}")
        client.images.get(image)
    except (DockerException, OSError, NoService) as error:
        raise NoService(
            f"the image {image} cannot be pulled ({_first_line(error)})",
            f"Try `docker pull {image}`; --world-service=embedded does without Docker.",
        ) from error


def _split_tag(image: str) -> tuple[str, str, str]:
    """``("registry:5000/redis", ":", "7")``: a colon before the last slash is a port."""
    head, slash, last = image.rpartition("/")
    name, colon, tag = last.partition(":")
    return f"{head}{slash}{name}", colon, tag or "latest"


def _stages(lines: Iterator[dict[str, Any]]) -> Iterator[str]:
    """Of the many lines of a pull: how many layers are done, each time one is, and errors as such."""
    layers: dict[str, bool] = {}
    for line in lines:
        if "error" in line:
            raise NoService(str(line["error"]))
        status, layer = str(line.get("status", "")), line.get("id")
        if status == "Pulling fs layer":
            layers[str(layer)] = False
        elif status in ("Pull complete", "Already exists"):
            layers[str(layer)] = True
            yield f"{sum(layers.values())} of {len(layers)} layers"


def _run(client: Any, spec: ServiceSpec, kind: Kind, run: str) -> Any:
    """Start the container, its port published on loopback only (on a remote engine: everywhere)."""
    from docker.errors import DockerException  # noqa: PLC0415

    address = "127.0.0.1" if _is_local(client) else "0.0.0.0"
    try:
        return client.containers.run(
            spec.image,
            list(spec.args) or list(kind.CONTAINER_ARGS) or None,
            detach=True,
            auto_remove=False,  # its last lines are wanted when it does not start
            environment=dict(spec.env),
            labels={LABEL: run, f"{LABEL}.owner": owner()},
            name=f"world-conformance-{spec.kind}-{run}",
            ports={f"{spec.port or kind.PORT}/tcp": (address, None)},
        )
    except DockerException as error:
        raise NoService(
            f"the container of {spec.image} does not start ({_first_line(error)})",
            "Try the same with `docker run`.",
        ) from error


def _is_local(client: Any) -> bool:
    base = str(client.api.base_url)
    return base.startswith(("http+docker://", "http+unix://", "npipe://")) or "localhost" in base


def _url(client: Any, container: Any, spec: ServiceSpec, kind: Kind) -> str:
    """Where the published port is reached from here."""
    inside = f"{spec.port or kind.PORT}/tcp"
    for _ in range(50):
        container.reload()
        published = (container.attrs["NetworkSettings"]["Ports"] or {}).get(inside)
        if published:
            break
        if container.status in ("exited", "dead"):
            raise NoService(f"{spec.image} ended at once:\n{_tail(container)}", "See its last lines above.")
        time.sleep(0.1)
    else:
        raise NoService(f"Docker does not publish port {inside} of {spec.image}", "Check `docker port`.")
    host = "127.0.0.1" if _is_local(client) else urlsplit(str(client.api.base_url)).hostname or "127.0.0.1"
    port = int(published[0]["HostPort"])
    return spec.url.format(host=host, port=port) if spec.url else kind.url(host, port, spec.env)


def _wait_ready(container: Any, spec: ServiceSpec, kind: Kind, url: str) -> str:
    """The version of the server, once it answers. Unknown kinds are asked by their health command."""
    until = time.monotonic() + _READY_IN
    last = "no answer"
    while time.monotonic() < until:
        container.reload()
        if container.status in ("exited", "dead"):
            code = container.attrs["State"].get("ExitCode")
            raise NoService(
                f"{spec.image} ended with {code} before it answered:\n{_tail(container)}",
                "Check env and args in [service] of world.toml.",
            )
        try:
            version = kind.check(url, 3.0)
            if is_known(spec.kind) or not spec.health:
                return version
            code, output = container.exec_run(list(spec.health))
            if code == 0:
                return version
            last = output.decode(errors="replace").strip()[-200:]
        except NotReadyError as error:
            last = str(error)
        except WrongServerError as error:
            raise NoService(
                f"{spec.image} started, and {error}.", "Check env in [service] of world.toml."
            ) from error
        time.sleep(0.1)
    raise NoService(
        f"{spec.image} did not answer at {url} in {_READY_IN:.0f} s: {last}\n{_tail(container)}",
        "If the engine runs elsewhere, or we run in a container, give --world-service-url.",
    )


def _tail(container: Any) -> str:
    return str(container.logs(tail=12).decode(errors="replace"))


def _first_line(error: BaseException) -> str:
    """The engine's own words when there are some, without the request around them."""
    said = str(getattr(error, "explanation", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__
