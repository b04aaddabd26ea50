"""The messages of the host of real queues are what their schemas say, and its mistakes are reported."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from conformance.core.content import HOSTS
from conformance.core.errors import HostFailed
from conformance.drivers.process import channel, wire
from conformance.drivers.process import host as process
from conformance.drivers.process.channel import Channel
from conformance.provision.catalog.descriptor import decode
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.queues.catalogue import FLOWS, PROBES
from conformance.queues.probes import Amount
from conformance.queues.stress import stress

from .conftest import Open

_SCHEMAS = {file.stem: json.loads(file.read_text()) for file in (HOSTS / "schema").glob("*.json")}
_REGISTRY: Any = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in _SCHEMAS.values()
)
_AMOUNT = Amount(messages=4, batches=1, lost=5.0, watch=0.2, give_up=3.0, recovery=5.0)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Types of the messages that went either way; each was valid."""
    kinds: set[str] = set()
    send, receive = wire.dumps, Channel._message

    def check(line: bytes) -> None:
        message = json.loads(line)
        kinds.add(message["type"])
        jsonschema.Draft202012Validator(_SCHEMAS[message["type"]], registry=_REGISTRY).validate(message)

    def dumps(message: dict[str, Any]) -> bytes:
        line = send(message)
        check(line)
        return line

    def line(self: Channel, data: bytes) -> dict[str, Any]:
        check(data)
        return receive(self, data)

    monkeypatch.setattr(process, "dumps", dumps)
    monkeypatch.setattr(Channel, "_message", line)
    monkeypatch.setattr(channel, "loads_all", lambda _lines: None)  # so that each line is looked at alone
    return kinds


@pytest.mark.slow
def test_probes_speak_by_the_schemas(toy: Open, seen: set[str]) -> None:
    driver = toy("does-not-count").driver
    for probe in ("delivers", "redelivers", "delay"):
        PROBES[probe](driver, _AMOUNT)
    assert {"delivery_begun", "delivery_result", "delivery_ended"} <= seen


def test_stress_races_speak_by_the_schemas(opened: Open, seen: set[str]) -> None:
    driver = opened("starter", RuntimeWanted("4.8.9")).driver
    driver.drop_hosts()
    stress(driver, FLOWS["fan_out"], 2)
    assert {"opened", "event_asked", "step_ran", "delivery_ended"} <= seen


def test_a_world_without_a_queue_is_refused(toy: Open) -> None:
    opened = toy()
    opened.driver.launched.world["module"] = str(HOSTS / "node" / "runtime" / "relay.mjs")
    with pytest.raises(HostFailed, match="without queue"):
        opened.driver.ready()


def test_the_table_of_the_descriptor() -> None:
    text = b'title = "T"\n[package]\nname = "x"\n[queue]\nport = "HTTP_PORT"\nisolation = "database"\n'
    own = decode(text, "world.toml").queue
    assert (own.port, own.isolation) == ("HTTP_PORT", "database")


@pytest.mark.slow
def test_the_port_is_told_by_the_variable_of_the_descriptor(toy: Open) -> None:
    from conformance.provision.catalog.descriptor import Queue  # noqa: PLC0415

    # The toy reads PORT, so with another variable nothing can be delivered to it.
    driver = toy(queue=Queue(port="HTTP_PORT")).driver
    driver.launched.env["PORT"] = "9"
    found = {finding.rule: finding.outcome for finding in PROBES["delivers"](driver, _AMOUNT)}
    assert found["queue.delivers"] == "fail"
