"""The wrong database is never touched, and the right one is left as it was found."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.provision.services.embedded import free_port
from conformance.provision.services.kinds import kind_of
from conformance.provision.services.leftovers import left_on
from conformance.provision.services.runs import machine, new_run_id
from conformance.provision.services.service import Service, namespace_name
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service
from tests.plugin.conftest import Run, run
from tests.promises.others_data import checksum, dead_run, fill
from tests.services.conftest import KINDS, start_embedded
from tests.services.stores import put

__all__ = ["run"]

# -- the wrong database ---------------------------------------------------------------------------------

#: A package that takes ``redisUrl``, and goes to its default without it.
_PACKAGE = """
import net from 'node:net';
export function createWorld({ redisUrl = process.env.TOY_REDIS_URL ?? 'redis://localhost:DEFAULT' } = {}) {
  const { hostname: host, port } = new URL(redisUrl);
  const get = () => new Promise((resolve, reject) => {
    const socket = net.connect({ host, port: Number(port) }, () => resolve({}) ?? socket.destroy());
    socket.on('error', reject);
  });
  return { events: { create: get, list: get }, runs: { get }, steps: { list: get }, hooks: { list: get } };
}
"""


class Listener:
    """Somebody else's server."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(0.3)
        self.port: int = self.socket.getsockname()[1]

    def was_left_alone(self) -> bool:
        try:
            self.socket.accept()[0].close()
        except TimeoutError:
            return True
        return False


@pytest.fixture
def theirs() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.socket.close()


@pytest.fixture
def own() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.socket.close()


def _world(folder: Path, default: int, toml: str) -> Path:
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "toy", "type": "module", "main": "index.mjs"}')
    (folder / "index.mjs").write_text(_PACKAGE.replace("DEFAULT", str(default)))
    (folder / "world.toml").write_text(
        f'title = "Toy"\n[package]\nname = "toy"\n[host]\ngates = ["net"]\n{toml}\n'
        '[service]\nkind = "toyserver"\nurl = "http://{host}:{port}"\n'
    )
    return folder


def _judged(run: Run, world: Path, own: Listener, *args: str) -> str:
    done = run(
        f"--world={world}",
        f"--world-service-url=http://127.0.0.1:{own.port}",
        "--world-budget=quick",
        "--world-call-limit=3",
        *["-k", "run_failed and storage"],
        *args,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())


def test_a_misspelt_option(run: Run, tmp_path: Path, theirs: Listener, own: Listener) -> None:
    world = _world(tmp_path / "toy", theirs.port, '[options]\nredisUri = "{service.url}"')
    said = _judged(run, world, own)
    assert theirs.was_left_alone()
    assert f"wanted to connect to localhost:{theirs.port}" in said
    assert f"it was given 127.0.0.1:{own.port}" in said
    assert "did you mean 'redisUrl'?" in said


def test_a_misspelt_option_of_the_command_line(
    run: Run, tmp_path: Path, theirs: Listener, own: Listener
) -> None:
    world = _world(tmp_path / "toy", theirs.port, "")
    said = _judged(run, world, own, f"--world-option=redis_url=http://127.0.0.1:{own.port}")
    assert theirs.was_left_alone()
    assert "did you mean 'redisUrl'?" in said


def test_a_misspelt_variable(run: Run, tmp_path: Path, theirs: Listener, own: Listener) -> None:
    world = _world(tmp_path / "toy", theirs.port, '[env]\nTOY_REDIS_URI = "{service.url}"')
    said = _judged(run, world, own)
    assert theirs.was_left_alone()
    assert "did you mean 'TOY_REDIS_URL'?" in said


def test_no_option_at_all(run: Run, tmp_path: Path, theirs: Listener, own: Listener) -> None:
    said = _judged(run, _world(tmp_path / "toy", theirs.port, ""), own)
    assert theirs.was_left_alone()
    assert "No address was given; the package has the names" in said
    assert "redisUrl" in said


def test_a_set_up_that_goes_to_its_default(run: Run, tmp_path: Path, theirs: Listener, own: Listener) -> None:
    world = _world(
        tmp_path / "toy",
        theirs.port,
        '[options]\nredisUrl = "{service.url}"\n'
        '[setup]\ncommand = ["node", "{root}/setup.mjs"]\nenv = { TOY_REDIS_URI = "{service.url}" }',
    )
    (world / "setup.mjs").write_text("await (await import('./index.mjs')).createWorld().runs.get();")
    said = _judged(run, world, own)
    assert theirs.was_left_alone()
    assert "The set-up of toy wanted to connect to" in said
    assert "did you mean 'TOY_REDIS_URL'?" in said


def test_what_world_toml_allows_is_reached(run: Run, tmp_path: Path, theirs: Listener, own: Listener) -> None:
    world = _world(tmp_path / "toy", theirs.port, f'connects = ["127.0.0.1:{theirs.port}"]')
    said = _judged(run, world, own)
    assert "wanted to connect" not in said
    assert not theirs.was_left_alone()


def test_the_service_is_reached(run: Run, tmp_path: Path, theirs: Listener, own: Listener) -> None:
    world = _world(tmp_path / "toy", theirs.port, '[options]\nredisUrl = "{service.url}"')
    assert "wanted to connect" not in _judged(run, world, own)
    assert theirs.was_left_alone()


_CLASS = """
import asyncio, os, socket
class World:
    def __init__(self, address="127.0.0.1:DEFAULT", way="asyncio"):
        self.host, _, self.port = address.partition(":")
        self.way = way
    async def events_create(self, run_id, event):
        if self.way == "a thread":
            await asyncio.to_thread(socket.create_connection, (self.host, int(self.port)))
        elif self.way == "a name":
            socket.getaddrinfo("db.example.invalid", 5432)
        else:
            await asyncio.open_connection(self.host, int(self.port))
        raise RuntimeError("no more")
    events_list = runs_get = steps_get = steps_list = hooks_list = hooks_get_by_token = events_create
"""


@pytest.mark.parametrize("way", ["asyncio", "a thread", "a name"])
def test_a_world_in_python(run: Run, tmp_path: Path, theirs: Listener, way: str) -> None:
    (tmp_path / "toy_world.py").write_text(_CLASS.replace("DEFAULT", str(theirs.port)))
    done = run(
        "--world-class=toy_world:World",
        f"--world-option=way={way}",
        *["-k", "run_failed and storage"],
        env={"PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])},
    )
    assert theirs.was_left_alone()
    where = "db.example.invalid:5432" if way == "a name" else f"127.0.0.1:{theirs.port}"
    assert f"wanted to connect to {where}" in done.stdout


# -- the right database -----------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=KINDS)
def users(request: pytest.FixtureRequest) -> Iterator[Service]:
    """A user's own server of each kind, with data of somebody else's in it."""
    service = start_embedded(request.param)
    fill(service)
    yield service
    service.stop()


@pytest.mark.slow
def test_a_clean_run_leaves_the_server_as_it_found_it(run: Run, users: Service) -> None:
    before = checksum(users)
    done = run(
        f"--world={users.kind}",
        f"--world-service-url={users.url}",
        "--world-budget=quick",
        *["-k", "run_completed and storage"],
        timeout=300,
    )
    assert "inconclusive" not in done.stdout.splitlines()[-1]
    assert "not judged" in done.stdout, done.stdout + done.stderr
    assert checksum(users) == before


@pytest.mark.slow
def test_what_a_killed_run_leaves_is_removed_by_hand(tmp_path: Path, users: Service) -> None:
    before = checksum(users)
    kind = kind_of(users.kind)
    words = [
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--world-budget=thorough",
        "-k",
        "run_started and storage",
    ]
    killed = subprocess.Popen(
        [sys.executable, *words, f"--world={users.kind}", f"--world-service-url={users.url}"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 240
    while not kind.made(users.url):
        assert time.monotonic() < until
        assert killed.poll() is None
        time.sleep(0.2)
    time.sleep(3)
    kept = _doctor("--clean", users)
    assert "its run is not over" in kept
    assert "\n0 removed" in f"\n{kept}"
    killed.kill()
    killed.wait()
    left = {each.name for each in left_on(kind, users.url)}
    assert left
    said = _doctor("--clean", users)
    for name in left:
        assert f"removed {name} (its run is over)" in said
    assert checksum(users) == before


def _doctor(option: str, users: Service) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "doctor", option, "--world-service-url", users.url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_next_run_removes_what_a_dead_one_left(users: Service) -> None:
    before = checksum(users)
    kind = kind_of(users.kind)
    dead = dead_run()
    names = {run: namespace_name(run, "main_0") for run in (dead, new_run_id(), f"otherhost_1x1_{'a' * 6}")}
    spaces = {run: kind.namespace(users.url, name, "database", None) for run, name in names.items()}
    for space in spaces.values():
        put(users.kind, space)
    next_run = start_service(ServiceSpec(kind=users.kind), url=users.url)
    assert names[dead] in " ".join(next_run.notes)
    assert sorted(kind.made(users.url)) == sorted(name for run, name in names.items() if run != dead)
    next_run.stop()
    said = _doctor("--clean-all", users)
    assert f"removed {names[f'otherhost_1x1_{chr(97) * 6}']} (of another machine" in said
    for space in spaces.values():
        space.drop()
    assert checksum(users) == before


def test_names_say_which_machine_and_which_run() -> None:
    name = namespace_name(new_run_id(), "redis main gw0 and more words than fit into a name of a database")
    assert name.startswith(f"wc_{machine()}_")
    assert len(name) <= 60


def test_clean_wants_an_address(tmp_path: Path) -> None:
    for words, says in (
        ([], "Give it with --world-service-url"),
        (["--world-service-url", "http://127.0.0.1:1"], "is not an address of a database"),
        (["--world-service-url", f"redis://me:k-hunter2@127.0.0.1:{free_port()}"], "Start it"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "conformance", "doctor", "--clean", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 4
        assert says in done.stderr
        assert "hunter2" not in done.stderr
        assert "Traceback" not in done.stderr


def test_the_record_says_where_it_was_going(
    run: Run, tmp_path: Path, theirs: Listener, own: Listener
) -> None:
    world = _world(tmp_path / "toy", theirs.port, '[options]\nredisUri = "{service.url}"')
    record = tmp_path / "run.jsonl"
    assert "did you mean 'redisUrl'?" in _judged(run, world, own, f"--world-record={record}")
    assert not record.exists()  # a run of one World that cannot be made ends before its first verdict
    _judged(run, world, own, f"--world-record={record}", "--world-fail-on=never")
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    verdicts = [line for line in lines if line["kind"] == "verdict"]
    assert {verdict["verdict"] for verdict in verdicts} == {"inconclusive"}
    assert theirs.was_left_alone()
    assert all("did you mean 'redisUrl'?" in verdict["reason"] for verdict in verdicts)
