"""No two schedules on one store make one id, whatever the seed; with isolation ``runs`` no two runs do.

A store has two drivers, one of them with all actors in one process. A host that takes the place of a killed
one makes ids of its own, too.
"""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from conformance.core.history import History
from conformance.drivers.driver import SUITE, Driver
from conformance.drivers.hosted import HostedDriver
from conformance.provision.catalog.descriptor import Isolation
from conformance.provision.catalog.select import select
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from conformance.provision.services.kinds.postgres import _session
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service

_CREATION = {
    "eventType": "run_created",
    "eventData": {"deploymentId": "d", "workflowName": "w", "input": []},
}
WORLD = """
export function createWorld() {
  const create = async () => ({ run: { runId: `wrun_${crypto.randomUUID()}`, status: 'pending' } });
  const get = async () => { throw Object.assign(new Error('none'), { status: 404 }); };
  return { runs: { get }, events: { create } };
}
"""


@pytest.fixture
def address() -> Iterator[str]:
    """A server of the user's that stays."""
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("isolation", ["runs", "prefix"])
def test_ids_are_of_one_schedule(tmp_path: Path, address: str, isolation: str) -> None:
    manifest = {"name": "tiny", "version": "1.0.0", "type": "module", "exports": "./index.js"}
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    (tmp_path / "index.js").write_text(WORLD)
    (tmp_path / "world.toml").write_text(
        f'title = ""\n[package]\nname = "tiny"\n[isolation]\nkind = "{isolation}"\n[service]\nkind = "http"\n'
    )
    (target,) = select([str(tmp_path)])
    made = []
    for _ in range(2):
        service = start_service(ServiceSpec(kind="http"), url=address)
        opened = open_world(target, service)
        try:
            assert opened.instance is not None
            for driver in (opened.driver, opened.driver, opened.instance):
                driver.reset(0, History())
                made.append(driver.alone(_created(driver)))
            assert isinstance(opened.driver, HostedDriver)
            opened.driver.hosts.kill("A")
            opened.driver.replace_killed()
            made.append(opened.driver.alone(_created(opened.driver)))
        finally:
            opened.close()
            service.stop()
    assert len(set(made[:4])) == 4
    assert len(set(made)) == 8 if isolation == "runs" else made[:4] == made[4:]


def _left_on_redis(url: str) -> list[str]:
    import redis  # noqa: PLC0415 - of the [embedded] extra

    left = []
    for number in range(16):
        with redis.Redis.from_url(url, db=number) as client:
            left += [key.decode() for key in client.scan_iter()]
    return left


def _left_on_postgres(url: str) -> list[str]:
    with _session(url) as session:
        assert [name for (name,) in session.run("SELECT datname FROM pg_database") if "wc_" in name] == []
        return [run for (run,) in session.run("SELECT run_id FROM runs")]


#: what is left in a store of the user's own
_LEFT = {"redis": _left_on_redis, "postgres": _left_on_postgres}


@pytest.mark.needs("servers")
@pytest.mark.parametrize("name", _LEFT)
def test_what_is_left_is_what_the_docs_say(name: str) -> None:
    """docs/add-a-world.md, ``runs``: PostgreSQL keeps what was stored, on Redis it had a database number."""
    known = parse(f"{name}:reference")
    target = replace(known, descriptor=structs.replace(known.descriptor, isolation=Isolation(kind="runs")))
    server = start_service(ServiceSpec(kind=name), force="embedded")
    made = []
    try:
        for _ in range(2):
            service = start_service(ServiceSpec(kind=name), url=server.url)
            opened = open_world(target, service)
            try:
                for _ in range(2):
                    opened.driver.reset(0, History())
                    made.append(opened.driver.alone(_created(opened.driver)))
            finally:
                opened.close()
                service.stop()
        assert len(set(made)) == 4
        assert sorted(_LEFT[name](server.url)) == ([] if name == "redis" else sorted(made))
    finally:
        server.stop()


async def _created(driver: Driver) -> str:
    answer = await driver.actor(SUITE).create(None, _CREATION)
    return str(answer["run"]["runId"])
