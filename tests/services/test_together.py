"""Services of several worlds start side by side; a failure is of its own worlds; an interrupt ends all."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import ConformanceError, NoService
from conformance.provision.services.service import Service
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.together import Wanted, start_together
from tests.interrupted import started
from tests.needs import require

REDIS = Wanted(ServiceSpec(kind="redis"), None, None)
POSTGRES = Wanted(ServiceSpec(kind="postgres"), None, None)
#: seconds after which a test fails instead of waiting for ever
LONG = 20.0


def _service(kind: str) -> Service:
    return Service(kind, f"{kind}://127.0.0.1", f"{kind} 0", "embedded")


def test_two_starts_overlap() -> None:
    """Each comes up only when the other has begun."""
    both = threading.Barrier(2)
    said: list[str] = []

    def start(spec: ServiceSpec, *, progress: Callable[[str], None], **_: Any) -> Service:
        both.wait(LONG)
        progress(f"pulling {spec.kind}")
        return _service(spec.kind)

    services: dict[str, Service] = {}
    assert start_together([REDIS, POSTGRES], services, said.append, start) == [None, None]
    assert {kind: service.kind for kind, service in services.items()} == {
        "redis": "redis",
        "postgres": "postgres",
    }
    assert sorted(said) == ["pulling postgres", "pulling redis"]


def test_a_failure_is_of_its_own_worlds() -> None:
    """The other comes up after the failure, and a world that wants the same gets the same failure."""
    failed = threading.Event()
    tried: list[str] = []

    def start(spec: ServiceSpec, **_: Any) -> Service:
        tried.append(spec.kind)
        if spec.kind == "redis":
            failed.set()
            raise NoService("no redis")
        assert failed.wait(LONG)
        return _service(spec.kind)

    services: dict[str, Service] = {}
    first, second, third = start_together([REDIS, POSTGRES, REDIS], services, start=start)
    assert (str(first), second, third) == ("no redis", None, first)
    assert list(services) == ["postgres"]
    assert sorted(tried) == ["postgres", "redis"]


def test_another_way_to_the_same_kind_is_tried() -> None:
    image = Wanted(ServiceSpec(kind="redis", image="redis:7"), None, "docker")

    def start(spec: ServiceSpec, **_: Any) -> Service:
        if spec.image is None:
            raise NoService("no image")
        return _service(spec.kind)

    services: dict[str, Service] = {}
    first, second, third = start_together([REDIS, image, REDIS], services, start=start)
    assert (str(first), second, third) == ("no image", None, None)


def test_worlds_of_one_kind_share_one_server_and_no_other() -> None:
    here, there = (Wanted(REDIS.spec, f"redis://{host}", "url") for host in ("here", "there"))
    services: dict[str, Service] = {}
    first, second, third = start_together(
        [here, there, here], services, start=lambda spec, **_: _service(spec.kind)
    )
    assert (first, third) == (None, None)
    assert isinstance(second, ConformanceError)
    assert "several servers of kind redis" in second.what


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_cancels(how: signal.Signals) -> None:
    """One is up and is the caller's to stop; one waits and ends; one comes up too late and is stopped."""
    up, waiting, late = threading.Event(), threading.Event(), threading.Event()
    ended: list[str] = []
    services: dict[str, Service] = {}
    main = threading.get_ident()

    def start(spec: ServiceSpec, *, check: Callable[[], None], **_: Any) -> Service:
        if spec.kind == "redis":
            return _service("redis")
        if spec.kind == "postgres":
            late.set()
            time.sleep(0.5)
            service = _service("postgres")
            service._stop = lambda: ended.append("postgres")
            return service
        waiting.set()
        try:
            while True:
                check()
                time.sleep(0.01)
        finally:
            ended.append("mongodb")

    def interrupt() -> None:
        assert waiting.wait(LONG)
        assert late.wait(LONG)
        while "redis" not in services:
            time.sleep(0.01)
        up.set()
        signal.pthread_kill(main, how)

    def handler(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, handler)
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        mongodb = Wanted(ServiceSpec(kind="mongodb"), None, None)
        with pytest.raises(KeyboardInterrupt):
            start_together([REDIS, POSTGRES, mongodb], services, start=start)
    finally:
        signal.signal(signal.SIGTERM, before)
        thread.join()
    assert up.is_set()
    assert list(services) == ["redis"]
    assert sorted(ended) == ["mongodb", "postgres"]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_server(tmp_path: Path, how: signal.Signals) -> None:
    """A run of two worlds, as soon as its first keeper is there."""
    require("servers")
    words = ["--world=redis", "--world=postgres", "--world-service=embedded", "-k", "run_started"]
    with started(*words, cwd=tmp_path) as run:
        run.wait_for("services/keeper.py", count=1)
        assert run.interrupt(how) == []
