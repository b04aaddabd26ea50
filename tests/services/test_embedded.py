"""Servers started here: up, isolated, and gone without a trace, however the test run ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psutil
import pytest
import redis

from conformance.core.errors import NoService
from conformance.provision.services import scratch
from conformance.provision.services.embedded import free_port, start_binary
from conformance.provision.services.kinds import Binary, Kind, NotReadyError, Preparation, kind_of
from conformance.provision.services.kinds.postgres import _session
from conformance.provision.services.service import Service, attach, namespace_name

from .conftest import KINDS, folder_of, is_gone, need_server, start_embedded, wait_until
from .stores import count, put


def test_it_says_what_it_is(service: Service) -> None:
    assert service.how in ("embedded", "path")
    assert service.version.split()[0] in (service.kind, "valkey")  # the latter in place of redis
    assert service.host == "127.0.0.1"
    assert service.port > 1024


def test_it_does_not_run_as_root_where_that_is_refused(service: Service) -> None:
    if service.kind == "postgres" and os.geteuid() == 0:
        assert psutil.Process(int(service.ref)).uids().real != 0


def test_databases_are_apart_and_are_dropped(service: Service, kind: Kind) -> None:
    apart(service, kind, "database")


def test_prefixes_are_apart_and_are_dropped() -> None:
    service = start_embedded("redis")
    apart(service, kind_of("redis"), "prefix")
    for isolation in ("prefix", "database"):
        stays_when_emptied(service, kind_of("redis"), isolation)
    service.stop()


def stays_when_emptied(service: Service, kind: Kind, isolation: str) -> None:
    mine = kind.namespace(service.url, namespace_name(service.run, "mine"), isolation, None)
    put(service.kind, mine)
    assert mine.empty is not None
    mine.empty()
    assert count(service.kind, mine) == 0
    theirs = kind.namespace(service.url, namespace_name(service.run, "theirs"), isolation, None)
    assert theirs.url != mine.url, "what was emptied is still claimed"
    theirs.drop()
    mine.drop()


def apart(service: Service, kind: Kind, isolation: str) -> None:
    one = kind.namespace(service.url, namespace_name(service.run, "one"), isolation, None)
    two = kind.namespace(service.url, namespace_name(service.run, "two"), isolation, None)
    put(service.kind, one)
    assert (count(service.kind, one), count(service.kind, two)) == (1, 0)
    one.drop()
    one.drop()
    again = kind.namespace(service.url, namespace_name(service.run, "one"), isolation, None)
    assert count(service.kind, again) == 0
    again.drop()
    two.drop()


def test_all_of_a_run_goes_and_nothing_else(service: Service, kind: Kind) -> None:
    mine = kind.namespace(service.url, namespace_name("aaaaaaaa", "x"), "database", None)
    theirs = kind.namespace(service.url, namespace_name("bbbbbbbb", "x"), "database", None)
    put(service.kind, mine)
    put(service.kind, theirs)
    kind.drop_all(service.url, namespace_name("aaaaaaaa", ""))
    assert count(service.kind, theirs) == 1
    theirs.drop()
    fresh = kind.namespace(service.url, namespace_name("aaaaaaaa", "x"), "database", None)
    assert count(service.kind, fresh) == 0
    fresh.drop()


def test_another_process_of_the_run_attaches(service: Service) -> None:
    again = attach(service.hand_over())
    assert (again.url, again.run, again.how) == (service.url, service.run, service.how)
    again.stop()
    assert not is_gone(int(service.ref))


def test_postgres_is_set_up_once_for_many() -> None:
    service, kind = start_embedded("postgres"), kind_of("postgres")
    runs: list[str] = []
    prepare = Preparation(namespace_name(service.run, "t"), runs.append)
    for name in ("a", "b"):
        kind.namespace(service.url, namespace_name(service.run, name), "database", prepare).drop()
    assert len(runs) == 1
    service.stop()


def test_postgres_says_who_waits() -> None:
    service, kind = start_embedded("postgres"), kind_of("postgres")
    waits = kind.waits(service.url)
    assert waits is not None
    with _session(service.url) as first, _session(service.url) as second:
        first.run("CREATE TABLE row AS SELECT 1 AS x")
        first.run("BEGIN")
        first.run("UPDATE row SET x = 2")
        assert waits.count() == 0
        waiting = threading.Thread(target=second.run, args=["UPDATE row SET x = 3"])
        waiting.start()
        assert wait_until(lambda: waits.count() == 1)
        first.run("COMMIT")
        waiting.join()
        assert waits.count() == 0
    waits.close()
    service.stop()


@pytest.mark.parametrize("name", KINDS)
def test_stop_leaves_nothing(name: str) -> None:
    service = start_embedded(name)
    pid = int(service.ref)
    folder = folder_of(pid)
    assert folder.is_dir()
    service.stop()
    service.stop()
    assert is_gone(pid)
    assert not folder.exists()


_RUN = """
import sys, time
from conformance.provision.services import scratch
from conformance.provision.services.embedded import free_port, start_binary
from conformance.provision.services.kinds import kind_of
kind = kind_of(sys.argv[1])
service = start_binary(sys.argv[1], kind, kind.binaries()[0])
print(service.ref, flush=True)
time.sleep(60)
"""


def start_run(name: str, **variables: str) -> tuple[subprocess.Popen[str], int]:
    """A test run in a process of its own, and the pid of its server."""
    need_server(name)
    run = subprocess.Popen(
        [sys.executable, "-c", _RUN, name], stdout=subprocess.PIPE, text=True, env={**os.environ, **variables}
    )
    assert run.stdout is not None
    return run, int(run.stdout.readline())


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_run_leaves_nothing(name: str, end: signal.Signals) -> None:
    run, pid = start_run(name)
    folder = folder_of(pid)
    run.send_signal(end)
    run.communicate()
    assert wait_until(lambda: is_gone(pid))
    assert wait_until(lambda: not folder.exists())


@pytest.mark.needs("linux")
def test_a_killed_keeper_takes_its_server_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A temporary folder of its own: in the shared one, any other process that needs a folder sweeps.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    run, pid = start_run("redis", TMPDIR=str(tmp_path))
    folder = folder_of(pid)
    try:
        # The guard would remove the folder, at whatever moment it comes to that.
        [guard] = [one for one in psutil.Process(run.pid).children() if "guard.py" in " ".join(one.cmdline())]
        guard.kill()
        psutil.Process(psutil.Process(pid).ppid()).kill()
        assert wait_until(lambda: is_gone(pid))
    finally:
        run.kill()
        run.communicate()
    assert folder.is_relative_to(tmp_path)
    assert folder.exists()
    scratch._sweep.__wrapped__()
    assert not folder.exists()


def test_a_server_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A temporary folder of its own: in the shared one, tests of other processes start servers, too.
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\necho out of luck; exit 3\n")
    broken.chmod(0o755)
    with pytest.raises(NoService, match="out of luck"):
        start_binary("none", kind_of("redis"), Binary(broken, "path", "a broken redis"))
    assert not list(temporary.iterdir())


def test_a_server_that_lacks_a_library_says_what_brings_it(tmp_path: Path) -> None:
    bare = tmp_path / "mongod"
    said = "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file"
    bare.write_text(f"#!/bin/sh\necho {said} >&2; exit 127\n")
    bare.chmod(0o755)
    with pytest.raises(NoService, match="ended at once") as caught:
        start_binary("none", kind_of("mongodb"), Binary(bare, "path", "a mongod"))
    assert "apt-get install libcurl4" in caught.value.hint


def test_a_server_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoService, match="did not start"):
        start_binary("redis", kind_of("redis"), Binary(tmp_path / "none", "path", "no redis"))


@pytest.mark.needs("root", "servers")
def test_postgres_out_of_a_place_that_nobody_may_read(tmp_path: Path) -> None:
    """A virtual environment below /root: the server runs as another user, who cannot look in there."""
    kind = kind_of("postgres")
    wheel = next(binary for binary in kind.binaries() if binary.how == "embedded")
    private = tmp_path / "private"
    package = wheel.path.parents[2]
    for name in (f"{package.name}/pginstall", f"{package.name}.libs"):
        shutil.copytree(package.parent / name, private / name, symlinks=True, copy_function=os.link)
    private.chmod(0o700)
    service = start_binary(
        "postgres", kind, Binary(private / package.name / "pginstall/bin/postgres", "path", "private")
    )
    assert service.version.startswith("postgres ")
    service.stop()


def test_a_missing_client_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, package in (("redis", "redis"), ("postgres", "pg8000"), ("mongodb", "pymongo")):
        for loaded in [module for module in sys.modules if module.split(".")[0] == package]:
            monkeypatch.delitem(sys.modules, loaded)
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(NoService, match="client of this database is missing") as caught:
            kind_of(name).check(kind_of(name).url("127.0.0.1", 1, {}), 1.0)
        assert caught.value.hint == f"pip install {package}"


def test_redis_is_ready_once_it_has_loaded_what_it_has_stored(tmp_path: Path) -> None:
    """It answers INFO before, and refuses everything else."""
    started = start_embedded("redis")
    client = redis.Redis.from_url(started.url)
    for number in range(60):
        client.set(f"key{number}", os.urandom(400_000))
    client.save()
    (dump,) = folder_of(int(started.ref)).rglob("dump.rdb")
    shutil.copy(dump, tmp_path)
    started.stop()
    port, server = free_port(), kind_of("redis").binaries()[0].path
    words = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path), "--save", ""]
    slowly = ["--key-load-delay", "20000"]  # microseconds for each key
    with subprocess.Popen([str(server), *words, *slowly], stdout=subprocess.DEVNULL) as process:
        try:
            url = f"redis://127.0.0.1:{port}"
            assert wait_until(lambda: _is_ready(url))
            assert redis.Redis.from_url(url).dbsize() == 60
        finally:
            process.kill()


def _is_ready(url: str) -> bool:
    try:
        return bool(kind_of("redis").check(url, 1.0))
    except NotReadyError:
        return False
