"""Isolation ``runs``: two runs with one seed on one server make other ids: nothing else keeps them apart."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.core.history import History
from conformance.drivers.driver import SUITE, Driver
from conformance.provision.catalog.select import select
from conformance.provision.open import open_world
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service

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
def test_ids_are_of_one_run_where_nothing_else_is(tmp_path: Path, address: str, isolation: str) -> None:
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
            opened.driver.reset(0, History())
            made.append(opened.driver.alone(_created(opened.driver)))
        finally:
            opened.close()
            service.stop()
    assert (made[0] == made[1]) is (isolation != "runs")


async def _created(driver: Driver) -> str:
    answer = await driver.actor(SUITE).create(None, {"eventType": "run_created"})
    return str(answer["run"]["runId"])
