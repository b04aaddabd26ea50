"""Hosts that die, hang, flood or talk nonsense, and hosts that must not outlive the suite."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from conformance.core.errors import HostFailed
from conformance.drivers.process.host import HostProcess, wait_any
from conformance.drivers.process.logbook import MAX_LOGS
from conformance.provision.services.service import Service

from .driver import CLOCK, TOY, Driven

Toy = Callable[..., Driven]
BAD = str(Path(__file__).parent / "toys" / "bad.py")


class Bad:
    """Start a host with a bad habit, and open it."""

    def __init__(self) -> None:
        self.hosts: list[HostProcess] = []

    def start(self, habit: str) -> HostProcess:
        host = HostProcess.start([sys.executable, BAD, habit], {}, habit)
        self.hosts.append(host)
        return host

    def fails(self, habit: str, timeout: float = 5.0) -> HostFailed:
        host = self.start(habit)
        with pytest.raises(HostFailed) as caught:
            host.open({}, ["A"], 1, CLOCK, timeout)
        assert not psutil.pid_exists(host.pid) or psutil.Process(host.pid).status() == psutil.STATUS_ZOMBIE
        with pytest.raises(HostFailed):
            host.receive(0.1)  # a host that failed stays failed
        return caught.value


@pytest.fixture
def bad() -> Iterator[Bad]:
    made = Bad()
    yield made
    for host in made.hosts:
        host.kill()


def test_a_host_that_dies_says_how_and_with_what_words(bad: Bad) -> None:
    assert "exited with status 3" in (said := str(bad.fails("die")))
    assert "the reason is here" in said
    assert f"died of signal {signal.SIGKILL}" in str(bad.fails("killed"))


def test_a_host_that_hangs(bad: Bad) -> None:
    began = time.monotonic()
    said = str(bad.fails("hang", 0.5))
    assert time.monotonic() - began < 10
    assert "no answer in 0.5 s to open" in said
    assert "about to hang" in said


@pytest.mark.parametrize(
    ("habit", "said"),
    [
        ("garbage", "not a message: 'Starting up...'"),
        ("no_type", "not a message"),
        ("no_fields", "a gate message without access, actor, call, keys, label"),
        ("endless_line", "longer than 64 MiB"),
        ("failed", "could not make its world: Error: cannot reach redis://***@db:6379/0"),
    ],
)
def test_a_host_that_talks_nonsense(bad: Bad, habit: str, said: str) -> None:
    assert said in str(bad.fails(habit, 20))


def test_a_flood_is_bounded_and_counted(bad: Bad) -> None:
    host = bad.start("flood")
    assert host.open({}, ["A"], 1, CLOCK, 20).name == "bad"
    deadline = time.monotonic() + 10
    while min(host.output.bytes.values()) < 4_000_000 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sum(host.output.bytes.values()) > 8_000_000
    assert host.output.dropped > 6_000_000
    lines = host.take_logs()
    assert len(lines) == MAX_LOGS
    assert host.logs.dropped > 20_000
    assert host.close() == 0


def test_a_message_in_pieces(bad: Bad) -> None:
    assert bad.start("in_pieces").open({}, ["A"], 1, CLOCK, 5).platform == "python"


def test_an_answer_to_something_else(bad: Bad) -> None:
    host = bad.start("mistaken")
    host.open({}, ["A"], 1, CLOCK, 5)
    with pytest.raises(HostFailed, match="belongs to something else"):
        host.reset(1, CLOCK)


def test_a_host_that_does_not_read(bad: Bad) -> None:
    host = bad.start("deaf")
    host.open({}, ["A"], 1, CLOCK, 5)
    with pytest.raises(HostFailed, match="does not read"):
        host.send({"type": "call", "args": [bytes(5_000_000)]}, timeout=0.3)


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(HostFailed, match="could not be started"):
        HostProcess.start(["/nowhere/node"], {}, "missing")


def test_receive_gives_up_in_time_and_the_host_goes_on(toy: Toy) -> None:
    host = toy()
    began = time.monotonic()
    assert host.host.receive(0.1) is None
    assert 0.1 <= time.monotonic() - began < 5
    assert host.value("toy.copies") == 1


def test_waiting_for_several_hosts(toy: Toy) -> None:
    one, two = toy(), toy(actors="B")
    assert wait_any([one.host, two.host], 0.05) == []
    two.start("toy.set", "k", "v")
    assert wait_any([one.host, two.host], 5) == [two.host]


def test_a_world_that_never_closes_is_ended_anyway(toy: Toy) -> None:
    host = toy(options={"hang": True}, gates=[], warm=0)
    began = time.monotonic()
    assert host.host.close(0.3) == -signal.SIGKILL
    assert time.monotonic() - began < 10


def test_a_world_that_spins_or_exits_is_a_failed_host(toy: Toy) -> None:
    spinning = toy(options={}, gates=[], warm=0)
    ident = spinning.start("toy.spin", gated=False)
    with pytest.raises(HostFailed, match="no answer"):
        spinning.host.expect(ident, 0.3, "spin")
    leaving = toy(options={}, gates=[], warm=0)
    leaving.start("toy.exit", 5, gated=False)
    with pytest.raises(HostFailed, match="exited with status 5"):
        leaving.host.receive(5)


def test_a_world_that_cannot_be_made(toy: Toy) -> None:
    with pytest.raises(HostFailed, match=r"no such file|ENOENT"):
        toy(module="/nowhere/world.mjs")
    with pytest.raises(HostFailed, match="is not installed"):
        toy(module="@nobody/world", root="/tmp")
    with pytest.raises(HostFailed, match="exports no makeIt that makes a World; it exports createWorld"):
        toy(factory="makeIt")


def test_little_of_our_environment_reaches_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SECRET_TOKEN", "x")
    code = "import os, sys; print(sorted(os.environ), file=sys.stderr)"
    host = HostProcess.start([sys.executable, "-c", code], {"WORKFLOW_X": "1"}, "env")
    with pytest.raises(HostFailed):
        host.receive(10)
    assert "SOME_SECRET_TOKEN" not in host.output.tail[-1]
    assert "WORKFLOW_X" in host.output.tail[-1]


@pytest.mark.parametrize("state", ["idle", "held", "in service"])
def test_no_host_outlives_a_suite_that_was_killed(redis: Service, state: str) -> None:
    world: dict[str, Any] = {"module": TOY, "gates": ["net"], "ports": [redis.port], "protocol": "redis"}
    world["options"] = {"port": redis.port}
    suite = subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.orphan", state, json.dumps(world)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[len(__package__.split("."))],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert suite.stdout is not None
    with suite, suite.stdout as said:
        host = psutil.Process(int(said.readline()))
        suite.kill()
    psutil.wait_procs([host], timeout=5)
    assert not host.is_running() or host.status() == psutil.STATUS_ZOMBIE
