"""The guard of the Node host: a connection that is not allowed ends the process, and nothing is sent."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.core.environment import child_environment
from conformance.provision.catalog.connections import addresses_of, allowed, guarded, said_refused
from conformance.provision.node import find_node

_WAYS = {
    "net": "net.connect({ port: PORT, host: '127.0.0.1' }).on('error', print)",
    "a port alone": "net.connect(PORT).on('error', print)",
    "tls": "tls.connect({ port: PORT, host: 'localhost' }).on('error', print)",
    "http": "http.get('http://127.0.0.1:PORT/x').on('error', print)",
    "fetch": "fetch('http://[::1]:PORT/x').catch(print)",
    "a worker": "new Worker(`require('net').connect(PORT).on('error', console.log)`, { eval: true })",
    "datagrams": "dgram.createSocket('udp4').send('x', PORT, '127.0.0.1')",
    "a socket file": "net.connect('/tmp/nobody-listens.sock').on('error', print)",
    "a name": "dns.promises.lookup('db.example.invalid').then(print, print)",
    "a foreign host": "net.connect(5432, 'db.example.invalid').on('error', print)",
}
_HEAD = """
import dgram from 'node:dgram'; import dns from 'node:dns'; import http from 'node:http';
import net from 'node:net'; import tls from 'node:tls'; import { Worker } from 'node:worker_threads';
const print = (said) => { console.log(String(said)); process.exit(0); };
setTimeout(() => { console.log('it went on'); process.exit(0); }, 20000);
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Somebody else's server, which must not be connected to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def _node(tmp_path: Path, code: str, connects: list[str]) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "it does.mjs"
    file.write_text(_HEAD + code)
    return subprocess.run(
        [find_node(), str(file)],
        env=child_environment(guarded({}, connects)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("way", _WAYS)
def test_what_is_not_allowed_ends_the_process(tmp_path: Path, listener: socket.socket, way: str) -> None:
    port = listener.getsockname()[1]
    connects = [f"127.0.0.1:{port + 1}", "db.own.invalid:1"]
    done = _node(tmp_path, _WAYS[way].replace("PORT", str(port)), connects)
    assert said_refused(done.stderr) is not None, done.stdout + done.stderr
    assert done.returncode in (77, -9)
    assert done.stdout == ""
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_what_is_allowed_is_connected_to_by_any_name(
    tmp_path: Path, listener: socket.socket, name: str
) -> None:
    port = listener.getsockname()[1]
    done = _node(tmp_path, f"net.connect({port}, '127.0.0.1', () => print('in'))", [f"{name}:{port}"])
    assert done.stdout == "in\n", done.stderr


def test_a_server_of_the_process_itself_may_be_reached(tmp_path: Path) -> None:
    code = """
    const server = http.createServer((_, answer) => answer.end('own')).listen(0, '127.0.0.1', async () => {
      print(await (await fetch(`http://localhost:${server.address().port}/`)).text());
    });
    """
    assert _node(tmp_path, code, []).stdout == "own\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("redis://:p/a@h", ["h:6379"]),
        ("postgres://me:p@h:1/x", ["h:1"]),
        ("postgres:///x?host=/run/pg", ["/run/pg/.s.PGSQL.5432"]),
        ("mongodb://a:b@h1:1,h2/x?replicaSet=r", ["h1:1", "h2:27017"]),
        ("https://h/@scope/x", ["h:443"]),
        ("http://[::1]:8000/x", ["[::1]:8000"]),
        ("file:///data", []),
        ("/no/socket", []),
        ("wc_x", []),
    ],
)
def test_addresses(text: str, found: list[str]) -> None:
    assert addresses_of(text) == found


def test_what_a_world_was_given_is_allowed() -> None:
    made = allowed(
        ["redis://127.0.0.1:7000"],
        {"url": "http://h:1", "dbHost": "h2", "dbPort": 2, "port": 3, "pool": 4},
        {"X_URL": "ws://h3/rpc"},
        ["h4:*"],
    )
    assert made == ["127.0.0.1:7000", "h:1", "h2:2", "h2:3", "h3:80", "h4:*"]
