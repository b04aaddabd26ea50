"""Containers on a real engine: up, isolated, gone after any kind of end.

The engine needs no image registry: the image is made of the redis-server of this machine.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import pytest
import redis

from conformance.core.errors import NoService
from conformance.provision.services import reaper
from conformance.provision.services.docker import _split_tag, _stages
from conformance.provision.services.kinds import kind_of
from conformance.provision.services.reaper import LABEL, remove_left_behind
from conformance.provision.services.runs import new_run_id
from conformance.provision.services.service import namespace_name
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service
from tests.needs import require

from .conftest import wait_until
from .stores import count, put

SERVER = ("/bin/redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "")


def ours(engine: Any, run: str) -> list[Any]:
    """Containers of a run."""
    label = {"label": f"{LABEL}={run}"}
    found: list[Any] = engine.containers.list(all=True, filters=label, ignore_removed=True)
    return found


def of_this_process(engine: Any) -> list[Any]:
    """Containers of any run of this process: tests of other workers start and remove theirs meanwhile."""
    process = new_run_id().rpartition("_")[0]
    found = engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
    return [each for each in found if each.labels[LABEL].startswith(process)]


def test_a_container_serves_and_goes(engine: Any, redis_image: str) -> None:
    spec = ServiceSpec(kind="redis", image=redis_image, port=6379, args=SERVER)
    service = start_service(spec, force="docker")
    assert (service.how, service.detail) == ("docker", redis_image)
    assert service.version.startswith("redis ")
    (container,) = ours(engine, service.run)
    published = container.attrs["NetworkSettings"]["Ports"]["6379/tcp"]
    assert {port["HostIp"] for port in published} == {"127.0.0.1"}, "nobody else can reach it"
    kind = kind_of("redis")
    one = kind.namespace(service.url, namespace_name(service.run, "x"), "prefix", None)
    put("redis", one)
    assert count("redis", one) == 1
    service.stop()
    service.stop()
    assert ours(engine, service.run) == []


def test_a_container_reaches_what_it_needs(redis_image: str) -> None:
    follow = (*SERVER, "--replicaof", "{needs.leader.host}", "{needs.leader.port}")
    leader = ServiceSpec(kind="redis", image=redis_image, port=6379, args=SERVER)
    spec = ServiceSpec(kind="redis", image=redis_image, port=6379, args=follow, needs={"leader": leader})
    service = start_service(spec, force="docker")
    try:
        with redis.Redis.from_url(service.url) as client:
            assert wait_until(lambda: client.info("replication")["master_link_status"] == "up")
    finally:
        service.stop()


def test_an_unknown_kind_is_asked_by_its_own_command(redis_image: str) -> None:
    health = ("/bin/redis-server", "--version")
    spec = ServiceSpec(
        kind="acme", image=redis_image, port=6379, args=SERVER, health=health, url="ws://{host}:{port}/rpc"
    )
    service = start_service(spec, force="docker")
    assert service.url == f"ws://127.0.0.1:{service.port}/rpc"
    service.stop()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("/bin/redis-server", "--nonsense"), "FATAL CONFIG"),
        (("/bin/nothing",), "no such file"),
    ],
)
def test_a_dead_container_says_why(engine: Any, redis_image: str, args: tuple[str, ...], said: str) -> None:
    before = len(of_this_process(engine))
    with pytest.raises(NoService, match=said):
        start_service(ServiceSpec(kind="redis", image=redis_image, port=6379, args=args), force="docker")
    assert len(of_this_process(engine)) == before


@pytest.mark.usefixtures("engine")
def test_an_image_that_cannot_be_had() -> None:
    said: list[str] = []
    spec = ServiceSpec(kind="redis", image="127.0.0.1:9/none:1", port=6379)
    with pytest.raises(NoService, match="cannot be pulled") as caught:
        start_service(spec, force="docker", progress=said.append)
    assert said == ["pulling 127.0.0.1:9/none:1 …"]
    assert "docker pull" in caught.value.hint


@pytest.mark.usefixtures("engine")
def test_without_the_image_an_embedded_server_does_and_it_is_said() -> None:
    require("servers")
    service = start_service(ServiceSpec(kind="redis", image="127.0.0.1:9/none:1", port=6379))
    assert service.how in ("embedded", "path")
    assert "cannot be pulled" in service.notes[0]
    service.stop()


_RUN = """
import sys, time
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service
spec = ServiceSpec(kind="redis", image=sys.argv[1], port=6379, args=tuple(sys.argv[2:]))
service = start_service(spec, force="docker")
print(service.run, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_run_leaves_no_container(engine: Any, redis_image: str, end: signal.Signals) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", _RUN, redis_image, *SERVER], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    name = run.stdout.readline().strip()
    assert len(ours(engine, name)) == 1
    run.send_signal(end)
    run.communicate()
    assert wait_until(lambda: ours(engine, name) == [], 20.0)


def test_the_next_run_removes_what_a_lost_reaper_left(engine: Any, redis_image: str) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    lost, living = new_run_id(gone.pid), new_run_id()
    gone.wait()
    container = engine.containers.run(redis_image, list(SERVER), detach=True, labels={LABEL: lost})
    mine = engine.containers.run(redis_image, list(SERVER), detach=True, labels={LABEL: living})
    try:
        remove_left_behind(engine)
        assert ours(engine, lost) == []
        assert len(ours(engine, living)) == 1
    finally:
        for one in (container, mine):
            reaper.remove(one)


def test_names_of_images() -> None:
    assert _split_tag("redis") == ("redis", "", "latest")
    assert _split_tag("host:5000/a/redis:7") == ("host:5000/a/redis", ":", "7")


def test_stages_of_a_pull() -> None:
    lines = [
        {"status": "Pulling from x", "id": "7"},
        {"status": "Pulling fs layer", "id": "a"},
        {"status": "Pulling fs layer", "id": "b"},
        {"status": "Downloading", "id": "a"},
        {"status": "Pull complete", "id": "a"},
        {"status": "Pull complete", "id": "b"},
    ]
    assert list(_stages(iter(lines), lambda: None)) == ["1 of 2 layers", "2 of 2 layers"]
    with pytest.raises(NoService, match="toomanyrequests"):
        list(_stages(iter([{"error": "toomanyrequests"}]), lambda: None))
