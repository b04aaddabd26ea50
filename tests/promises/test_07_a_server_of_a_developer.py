"""The published packages go to a default address without an option: a developer may have data there."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.core.content import content
from conformance.provision.services.kinds import kind_of
from conformance.provision.services.kinds.postgres import _session
from conformance.provision.services.service import Service
from tests.plugin.conftest import Run, run
from tests.promises.others_data import checksum, fill
from tests.services.conftest import folder_of, start_embedded

__all__ = ["run"]

#: for each world: the option of its address, and how a user misspells it
_MISSPELT = {
    "redis": ("redisUrl", "redisUri"),
    "postgres": ("connectionString", "connectionStr"),
    "mongodb": ("mongoUrl", "mongodbUrl"),
}


@contextmanager
def _redis_connections(server: Service) -> Iterator[Callable[[], int]]:
    import redis  # noqa: PLC0415 - of the [embedded] extra

    with redis.Redis.from_url(server.url) as client:
        yield lambda: int(client.info("stats")["total_connections_received"])


@contextmanager
def _postgres_connections(server: Service) -> Iterator[Callable[[], int]]:
    with _session(server.url) as session:
        yield lambda: int(session.run("SELECT sum(sessions) FROM pg_stat_database")[0][0])


@contextmanager
def _mongodb_connections(server: Service) -> Iterator[Callable[[], int]]:
    log = folder_of(int(server.ref)) / "server.log"
    yield lambda: log.read_text().count("Connection accepted")


_CONNECTIONS: dict[str, Callable[[Service], Any]] = {
    "redis": _redis_connections,
    "postgres": _postgres_connections,
    "mongodb": _mongodb_connections,
}


@pytest.fixture(params=sorted(_MISSPELT))
def developers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A server on the default port of its kind, with somebody's data in it."""
    port = kind_of(request.param).PORT
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            pytest.skip(f"something listens on port {port} of this machine already")
    with monkeypatch.context() as patch:
        patch.setattr("conformance.provision.services.embedded.free_port", lambda: port)
        server = start_embedded(request.param)
    fill(server)
    yield server
    server.stop()


@pytest.mark.slow
def test_a_misspelt_option_sends_it_no_byte(run: Run, tmp_path: Path, developers: Service) -> None:
    world, (right, wrong) = developers.kind, _MISSPELT[developers.kind]
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_bytes((content("worlds") / world / name).read_bytes())
    text = (content("worlds") / world / "world.toml").read_text()
    # Of the environment nothing helps it either.
    without_env = re.sub(r"\[env\]\n(.+\n)+", "", text)
    (folder / "world.toml").write_text(without_env.replace(f"{right} =", f"{wrong} ="))
    data = checksum(developers)
    with _CONNECTIONS[world](developers) as connections:
        before = connections()
        done = run(
            *[f"--world={folder}", "--world-service=embedded", "--world-budget=quick"],
            *["-k", "run_failed and storage"],
            timeout=300,
        )
        assert connections() == before
    said = " ".join((done.stdout + done.stderr).split())
    assert f"wanted to connect to localhost:{kind_of(world).PORT}" in said, done.stdout + done.stderr
    assert f"{wrong!r} was given" in said
    assert f"did you mean {right!r}?" in said
    assert checksum(developers) == data
