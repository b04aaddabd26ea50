"""Services in containers, with the Docker SDK.

Every container carries labels that say which test run it belongs to. A small process, the reaper
(``reaper.py``), removes them when the run is gone, also after ``kill -9``; what a lost reaper left behind
is removed by the next run on that machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from docker.errors import DockerException, ImageNotFound

from conformance.core.errors import NoService
from conformance.provision.services.engine import connect, first_line
from conformance.provision.services.kinds import Kind, NotReadyError, WrongServerError, is_known
from conformance.provision.services.program import answers
from conformance.provision.services.reaper import LABEL, Reaper, remove_left_behind
from conformance.provision.services.runs import new_run_id
from conformance.provision.services.service import Service
from conformance.provision.services.spec import ServiceSpec

_READY_IN = 120.0


def start_container(
    spec: ServiceSpec, kind: Kind, progress: Callable[[str], None], check: Callable[[], None]
) -> Service:
    """Run ``spec.image`` and wait until it answers. ``check`` is called while it waits, and ends it when it
    raises. Raises :class:`NoService`."""
    if spec.image is None:
        raise NoService(f"world.toml names no image for {spec.kind}", "Add image = … to [service].")
    client = connect()
    run = new_run_id()
    reaper: Reaper | None = None
    try:
        remove_left_behind(client)
        _have_image(client, spec.image, progress, check)
        check()
        reaper = Reaper(run)
        container = _run(client, spec, kind, run)
        url = _url(client, container, spec, kind, check)
        version = _wait_ready(container, spec, kind, url, check)
    except BaseException:
        if reaper is not None:
            reaper.close()
        raise
    finally:
        client.close()
    detail, ref = spec.image, str(container.id)
    inside = _inside(container, spec, kind)
    return Service(
        spec.kind, url, version, "docker", run=run, detail=detail, ref=ref, inside=inside, _stop=reaper.close
    )


def _have_image(client: Any, image: str, progress: Callable[[str], None], check: Callable[[], None]) -> None:
    """Pull ``image`` unless it is there, a line for each stage."""

    try:
        client.images.get(image)
        return
    except ImageNotFound:
        progress(f"pulling {image} …")
    except DockerException as error:
        raise NoService(
            f"the engine cannot look for {image} ({first_line(error)})", "Check `docker info`."
        ) from error
    try:
        repository, _, tag = image.partition("@") if "@" in image else _split_tag(image)
        for line in _stages(client.api.pull(repository, tag=tag, stream=True, decode=True), check):
            progress(f"pulling {image}: {line}")
        client.images.get(image)
    except (DockerException, OSError, NoService) as error:
        raise NoService(
            f"the image {image} cannot be pulled ({first_line(error)})",
            f"Try `docker pull {image}`; --world-service=embedded does without Docker.",
        ) from error


def _split_tag(image: str) -> tuple[str, str, str]:
    """``("registry:5000/redis", ":", "7")``: a colon before the last slash is a port."""
    head, slash, last = image.rpartition("/")
    name, colon, tag = last.partition(":")
    return f"{head}{slash}{name}", colon, tag or "latest"


def _stages(lines: Iterator[dict[str, Any]], check: Callable[[], None]) -> Iterator[str]:
    """Of the many lines of a pull: how many layers are done, each time one is, and errors as such."""
    layers: dict[str, bool] = {}
    for line in lines:
        check()
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

    address = "127.0.0.1" if _is_local(client) else "0.0.0.0"
    try:
        return client.containers.run(
            spec.image,
            list(spec.args) or list(kind.CONTAINER_ARGS) or None,
            detach=True,
            auto_remove=False,  # its last lines are wanted when it does not start
            environment=dict(spec.env),
            labels={LABEL: run},
            name=f"world-conformance-{spec.kind}-{run}",
            ports={f"{spec.port or kind.PORT}/tcp": (address, None)},
        )
    except DockerException as error:
        raise NoService(
            f"the container of {spec.image} does not start ({first_line(error)})",
            "Try the same with `docker run`.",
        ) from error


def _is_local(client: Any) -> bool:
    base = str(client.api.base_url)
    return base.startswith(("http+docker://", "http+unix://", "npipe://")) or "localhost" in base


def _url(client: Any, container: Any, spec: ServiceSpec, kind: Kind, check: Callable[[], None]) -> str:
    """Where the published port is reached from here."""
    inside = f"{spec.port or kind.PORT}/tcp"
    for _ in range(50):
        check()
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


def _inside(container: Any, spec: ServiceSpec, kind: Kind) -> str:
    """Where another container of the same engine reaches it."""
    networks = container.attrs["NetworkSettings"]["Networks"].values()
    address = next((one["IPAddress"] for one in networks if one.get("IPAddress")), "")
    return f"{address}:{spec.port or kind.PORT}" if address else ""


def _wait_ready(container: Any, spec: ServiceSpec, kind: Kind, url: str, check: Callable[[], None]) -> str:
    """The version of the server, once it answers. Unknown kinds are asked by their health path or command."""
    until = time.monotonic() + _READY_IN
    last = "no answer"
    while time.monotonic() < until:
        check()
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
            if isinstance(spec.health, str):
                answers(url, spec.health)
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
