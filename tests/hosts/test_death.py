"""A World dies in a process that lives on: nothing of it goes on, and the next one is as in a new process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from conformance.core.content import HOSTS
from conformance.provision.catalog.plan import node_host_command
from conformance.provision.services.service import Service

from .driver import CLOCK, TOY, Driven

PERSISTENT = str(Path(__file__).parent / "toys" / "persistent.mjs")
Toy = Callable[..., Driven]

_FENCE = ("calls.mjs", "return owner()?.dead === true;", "return false;")
_SOCKETS = ("death.mjs", "      socket.removeAllListeners();\n", "")
#: What is wrong, and the lines that make it so: there is more than one fence.
_MUTANTS = {
    "the write that was held goes out": [
        ("calls.mjs", "if (!actor.dead) start(", "start("),
        ("death.mjs", "      socket.destroy();\n", ""),
        _FENCE,
        _SOCKETS,
    ],
    "what could go on goes on": [_FENCE],
    "it learns that its connections broke": [_FENCE, _SOCKETS],
    "its timers fire": [("death.mjs", "for (const timer of pending) clearTimeout(timer);", ""), _FENCE],
}


@pytest.fixture
def persistent(toy: Toy, redis: Service) -> Callable[..., Driven]:
    def make(kind: str = "") -> Driven:
        return toy(module=PERSISTENT, options={"port": redis.port, "kind": kind})

    return make


def _world(port: int) -> dict[str, object]:
    about = {"module": PERSISTENT, "gates": ["net"], "ports": [port], "protocol": "redis", "warm": 1}
    return {**about, "options": {"port": port}}


def _left(driven: Driven) -> Iterator[int]:
    """How many keys a World has left so far that died at its first write. A killed process leaves none."""
    driven.value("toy.clean")
    driven.start("toy.write")
    assert driven.next()["type"] == "gate"
    assert driven.host.die()
    driven.host.reopen(["A"], 2, CLOCK)
    driven.host.await_open(10)
    while True:
        yield int(driven.value("toy.count"))
        driven.silent(0.005)  # its timers are due by now


def test_nothing_of_a_dead_world_goes_on(persistent: Callable[..., Driven]) -> None:
    assert set(islice(_left(persistent()), 20)) == {0}


@pytest.mark.parametrize("mutant", _MUTANTS, ids=lambda name: name.replace(" ", "-"))
def test_what_goes_on_is_seen(mutant: str, redis: Service, tmp_path: Path) -> None:
    copy = tmp_path / "hosts"
    shutil.copytree(HOSTS, copy)
    for file, right, wrong in _MUTANTS[mutant]:
        path = copy / "node" / file
        text = path.read_text()
        assert text.count(right) == 1, (file, right)
        path.write_text(text.replace(right, wrong))
    command = [part.replace(str(HOSTS), str(copy)) for part in node_host_command()]
    with Driven(_world(redis.port), command=command) as driven:
        assert any(islice(_left(driven), 1000))
        driven.host.kill()  # its timers go on


def test_the_next_world_has_modules_and_globals_of_its_own(persistent: Callable[..., Driven]) -> None:
    driven = persistent()
    assert driven.value("toy.made") == [1, 1]
    assert driven.value("toy.made") == [2, 1]
    assert driven.host.die()
    driven.host.reopen(["A"], 2, CLOCK)
    assert driven.host.await_open(10).dies
    assert driven.value("toy.made") == [1, 1]


@pytest.mark.parametrize("kind", ["threads", "processes", "files"])
def test_a_world_that_does_more_than_talk_is_killed(kind: str, persistent: Callable[..., Driven]) -> None:
    driven = persistent(kind)
    assert not driven.opened.dies
    assert not driven.host.die()


def _open_in(driven: Driven, folder: Path) -> list[str]:
    """The files of a folder that the process has open."""
    links = [str(each.readlink()) for each in Path(f"/proc/{driven.host.pid}/fd").iterdir()]
    return [link for link in links if link.startswith(str(folder))]


def test_files_stay_as_they_were_when_their_world_died(toy: Toy, tmp_path: Path) -> None:
    """Emptied and not written, and closed: as a killed process leaves them."""
    world = {"module": TOY, "options": {"folder": str(tmp_path)}, "gates": ["fs"], "warm": 0}
    driven = toy(**world)
    driven.start("toy.files")
    opening = driven.next()
    assert opening["label"] == "open a.txt"
    driven.host.send({"type": "go", "gate": opening["gate"]})
    assert driven.next()["label"] == "write a.txt"
    assert driven.opened.dies
    assert _open_in(driven, tmp_path) == [str(tmp_path / "a.txt")]
    assert driven.host.die()
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a.txt": ""}
    driven.host.reopen(["A"], 2, CLOCK)
    assert driven.host.await_open(10).dies
    assert _open_in(driven, tmp_path) == []
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a.txt": ""}


def test_a_world_whose_operations_are_not_seen_is_killed(toy: Toy) -> None:
    assert not toy(module=TOY, gates=["call"], options={}).opened.dies


def test_actors_of_one_process_do_not_die_alone(toy: Toy) -> None:
    assert not toy(actors="AB", shared=True).opened.dies
