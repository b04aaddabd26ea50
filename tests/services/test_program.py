"""A command as a service: started without Docker or a shell, and gone with all that it started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import urllib.request
from pathlib import Path

import psutil
import pytest

from conformance.core.errors import NoService, UnknownWorld
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service

from .conftest import is_gone, wait_until

#: answers every path with its environment and its children, and starts a child in a session of its own
SERVER = """
import http.server, json, os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Handler.asked += 1
        slow = self.path == "/slow" and Handler.asked < 3
        body = json.dumps({"env": dict(os.environ), "child": child.pid, "asked": Handler.asked}).encode()
        self.send_response(503 if slow else 200)
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): ...
http.server.HTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
"""


def spec(folder: Path, host: str = "{host}", **more: object) -> ServiceSpec:
    (folder / "server.py").write_text(SERVER)
    command = ("python", "server.py", host, "{port}")
    return ServiceSpec(kind="http", command=command, **more).within(folder)  # type: ignore[arg-type] # texts and tables


def asked(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return dict(json.load(answer))


def test_it_waits_for_its_health_and_ends_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SECRET", "hunter2")
    service = start_service(spec(tmp_path, health="/slow", env={"OWN": "{folder}"}))
    try:
        said = asked(service.url)
        assert int(str(said["asked"])) >= 3, "it was asked until it was up"
        env = said["env"]
        assert isinstance(env, dict)
        assert env["OWN"] == str(tmp_path)
        assert "MY_SECRET" not in env
        assert (service.how, service.host, service.notes) == ("command", "127.0.0.1", ())
    finally:
        service.stop()
    assert is_gone(int(service.ref))
    assert is_gone(int(str(said["child"])))


def test_what_it_needs_is_started_first_and_known_to_it(tmp_path: Path) -> None:
    behind = spec(tmp_path, health="/up")
    service = start_service(spec(tmp_path, env={"BEHIND": "{needs.store.url}/x"}, needs={"store": behind}))
    try:
        env = asked(service.url)["env"]
        assert isinstance(env, dict)
        assert env["BEHIND"] == f"{service.needs['store'].url}/x"
        assert service.addresses()["needs.store.port"] == str(service.needs["store"].port)
    finally:
        service.stop()
    assert all(is_gone(int(one.ref)) for one in service.everything())


def test_one_that_does_not_start_takes_down_what_it_needs_and_says_its_last_words(tmp_path: Path) -> None:
    behind, before = spec(tmp_path), set(psutil.Process().children(recursive=True))
    broken = ServiceSpec(
        kind="http", command=("python", "-c", "raise SystemExit('no licence key')"), needs={"store": behind}
    )
    with pytest.raises(NoService, match="no licence key"):
        start_service(broken)
    assert wait_until(lambda: set(psutil.Process().children(recursive=True)) <= before)


def test_one_that_listens_everywhere_is_named(tmp_path: Path) -> None:
    service = start_service(spec(tmp_path, host="0.0.0.0"))
    service.stop()
    assert "every address" in "".join(service.notes)


def test_a_template_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownWorld, match=r"needs\.cache\.url"):
        start_service(spec(tmp_path, env={"CACHE": "{needs.cache.url}"}))


def test_it_is_gone_when_the_run_is_killed(tmp_path: Path) -> None:
    run = textwrap.dedent(f"""
        import json, sys, time, urllib.request
        sys.path.insert(0, {str(Path(__file__).parents[2])!r})
        from pathlib import Path
        from conformance.provision.services.start import start_service
        from tests.services.test_program import spec
        service = start_service(spec(Path({str(tmp_path)!r})))
        print(service.ref, json.load(urllib.request.urlopen(service.url))["child"], flush=True)
        time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", run], stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        pids = [int(word) for word in killed.stdout.readline().split()]
        os.kill(killed.pid, signal.SIGKILL)
    assert len(pids) == 2
    assert wait_until(lambda: all(map(is_gone, pids)))
