"""Ways in to a first verdict: an unknown package, a server behind another one, a class, a missing database.

The checkout, the World behind HTTP and its way to green are in ``test_from_red_to_green.py``. A package of
the registry with a world.toml is in ``tests/promises/test_08…``, the script of a failure in ``tests/repro``.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys.conftest import EXAMPLE, SHORT
from tests.promises.registry import serve
from tests.promises.typed import command_line, suite

#: a World in Python: the rules kept by the suite's World on files, under a name of the user's own
CLASS = """
from conformance.core.content import content
from conformance.hosts.python.load import load
from conformance.world import gate

Files, _ = load("reference:FilesWorld", str(content("worlds") / "local"))


class MyWorld(Files):
    name = "mine"

    async def events_create(self, run_id, event, params=None):
        async with gate("the log", "write", [run_id or ""]):
            return await super().events_create(run_id, event, params)
"""
#: an emulator, and a server that will not start before it knows where it is
BEHIND = """
health = "/health"
env = { STORE = "{needs.store.url}" }

[service.needs.store]
kind = "store"
command = ["python", "-m", "http.server", "--bind", "{host}", "--directory", "{directory}", "{port}"]
health = "/"
"""


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[str]:
    """The address of a bridge that the maintainer started."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "bridge.py", "127.0.0.1", str(port), str(tmp_path)]
    with subprocess.Popen(words, cwd=EXAMPLE) as server:
        try:
            for _ in range(200):
                with closing(socket.socket()) as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


@pytest.mark.slow
def test_an_unknown_package_on_a_server_of_ones_own(home: Path, bridge: str, tmp_path: Path) -> None:
    with serve(tmp_path / "registry") as registry:
        registry.put(EXAMPLE, "1.0.0")
        done = suite(
            "--world-package=http-world@1.0.0",
            f"--world-service-url={bridge}",
            "--world-option=url={service.url}",
            *SHORT,
            cwd=home,
            env=registry.env,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_an_emulator_is_started_before_the_server_that_needs_it(home: Path, mine: Path) -> None:
    file = mine / "world.toml"
    file.write_text(file.read_text().replace('health = "/health"\n', BEHIND))
    server = mine / "bridge.py"
    asks = "import os, urllib.request\nurllib.request.urlopen(os.environ['STORE'])\n"
    server.write_text(server.read_text().replace("import sys\n", f"import sys\n{asks}", 1))
    done = command_line("doctor", "./mine", "--try", cwd=home)
    assert done.returncode == 0, done.stdout
    assert "opened and read" in done.stdout


@pytest.mark.slow
def test_a_world_in_python(home: Path) -> None:
    (home / "mine.py").write_text(CLASS)
    done = suite("--world-class=mine:MyWorld", "--world-option=directory={directory}", *SHORT, cwd=home)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_database_that_is_not_here_is_named_with_what_to_do(home: Path) -> None:
    """MySQL: no server of it can be had here, so the way ends at the words that say how it goes on."""
    entry = {
        "id": "mysql",
        "package": "acme-world-mysql",
        "env": {"DATABASE_URL": "mysql://root:root@localhost:3306/test"},
        "requiresCredentials": True,
        "credentialsNote": "Requires MySQL server",
    }
    (home / "worlds-manifest.json").write_text(json.dumps({"worlds": [entry]}))
    manifest = "--world-manifest=worlds-manifest.json"
    refused = suite(manifest, "--world=mysql", cwd=home)
    assert refused.returncode == 4
    assert "Requires MySQL server" in refused.stderr
    assert "--world-service-url" in refused.stderr
    unanswered = suite(
        manifest, "--world=mysql", "--world-service-url=mysql://root@127.0.0.1:1/test", cwd=home
    )
    assert unanswered.returncode == 4
    assert "Traceback" not in unanswered.stderr
