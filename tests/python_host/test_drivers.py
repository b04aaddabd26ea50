"""Real drivers are held at their sockets, with no gate declared: one request, one gate, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conformance.core.content import content
from conformance.provision.catalog.find import load
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service
from tests.needs import stores

from .driver import Driven

_RUN = {
    "eventType": "run_created",
    "eventData": {"deploymentId": "d", "workflowName": "w", "input": 1},
}
_START = {"eventType": "run_started"}
#: world -> class, how it is told its namespace, the requests of a start, and of a second one
_DRIVERS = {
    "redis": ("RedisWorld", {"prefix": "t"}, ["EVALSHA"], ["EVALSHA"]),
    "mongodb": ("MongoWorld", {"database": "t"}, ["findAndModify"], ["findAndModify", "find"]),
    "postgres": (
        "PostgresWorld",
        {},
        ["BEGIN", "SELECT", "WITH", "COMMIT"],
        ["BEGIN", "SELECT", "WITH", "SELECT", "COMMIT"],
    ),
}


@pytest.fixture(params=stores(sorted(_DRIVERS)))
def kind(request: pytest.FixtureRequest) -> Iterator[tuple[str, Service]]:
    spec = load(request.param).service
    assert spec is not None
    service = start_service(spec, force="embedded")
    yield request.param, service
    service.stop()


def test_each_request_is_a_gate(kind: tuple[str, Service]) -> None:
    name, service = kind
    cls, options, first, second = _DRIVERS[name]
    world: dict[str, Any] = {
        "root": str(content("worlds") / name),
        "options": {"url": service.url, **options},
    }
    with Driven(f"reference:{cls}", gates=["net"], ports=[service.port], **world) as driven:
        run_id = driven.run("events.create", None, _RUN, gated=False)[1]["value"]["run"]["runId"]
        for expected in (first, second):
            gates, answer = driven.run("events.create", run_id, _START, stacks=True)
            assert answer["type"] == "result"
            # A statement that is prepared first is asked for twice.
            words = [gate["label"].split()[0].strip(";") for gate in gates]
            assert [word for at, word in enumerate(words) if words[at - 1 : at] != [word]] == expected
            assert all(gate["where"].startswith("reference.py:") for gate in gates)
        assert driven.run("runs.get", run_id, gated=False)[0] == []
