"""The message schemas are true: of what the engine sends, and of what the Node host answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from conformance.core.content import HOSTS
from conformance.core.errors import ConnectionRefused, HostFailed
from conformance.drivers.process import channel, wire
from conformance.drivers.process import host as process
from conformance.drivers.process.channel import Channel
from conformance.drivers.process.host import HostProcess
from conformance.provision.catalog.connections import guarded
from conformance.provision.catalog.plan import node_host_command

from .driver import Driven

Toy = Callable[..., Driven]
SCHEMAS = {file.stem: json.loads(file.read_text()) for file in (HOSTS / "schema").glob("*.json")}
#: Sent only with a runtime over the World, whose own tests look at them.
RUNTIME = {
    "operation_begun",
    "operation_ended",
    "message_queued",
    "step_begun",
    "relay_call",
    "relay_result",
    "relay_resumed",
}
#: Sent only by hosts of real queues, whose own tests look at them.
QUEUES = {"delivery_begun", "delivery_result", "delivery_ended", "event_asked", "step_ran"}
#: Sent only when a connection is refused.
GUARD = {"refused"}
#: Sent only where actors share a connection: tests/worlds/test_locks.py.
SHARED = {"waits"}
REGISTRY: Any = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)


def check(line: bytes | str) -> str:
    """Validate a line; the type of its message."""
    message = json.loads(line)
    jsonschema.Draft202012Validator(SCHEMAS[message["type"]], registry=REGISTRY).validate(message)
    kind: str = message["type"]
    return kind


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Types of the messages that went either way; each was valid."""
    kinds: set[str] = set()
    send, receive = wire.dumps, Channel._message

    def dumps(message: dict[str, Any]) -> bytes:
        line = send(message)
        kinds.add(check(line))
        return line

    def line(self: Channel, data: bytes) -> dict[str, Any]:
        kinds.add(check(data))
        return receive(self, data)

    monkeypatch.setattr(process, "dumps", dumps)
    monkeypatch.setattr(Channel, "_message", line)
    monkeypatch.setattr(channel, "loads_all", lambda _lines: None)  # so that each line is looked at alone
    yield kinds


def test_each_schema_is_one() -> None:
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_a_whole_conversation_is_valid(toy: Toy, seen: set[str]) -> None:
    host = toy()
    host.host.reset(2, 1_900_000_000_000)
    host.start("toy.log", stacks=True)
    host.go(host.next(), clock=1_900_000_000_500)
    host.next()
    host.value("toy.echo", b"x", {"$set": {"$date": 1}}, host.value("toy.chance")[4])
    host.run("toy.fail", "typed", stacks=True)
    host.run("toy.fail", "early")
    passing = host.start("toy.set", "k", "v", ahead={"gates": 1, "ms": 100})
    assert [host.next()["type"], host.next()["type"]] == ["gate", "result"]
    host.host.send({"type": "halt", "id": host.host.next_id(), "call": passing})
    host.next()
    together = [
        {"id": host.host.next_id(), "op": "toy.set", "args": ["k", "2"]},
        {"id": host.host.next_id(), "op": "toy.fail", "args": ["typed"]},
        {"id": host.host.next_id(), "op": "toy.get", "args": ["k"]},
    ]
    host.host.send({"type": "calls", "actor": "A", "calls": together})
    answers = [host.next() for _ in together]
    assert [each["id"] for each in answers] == [each["id"] for each in together]
    assert [each["type"] for each in answers] == ["result", "error", "result"]
    assert answers[2]["value"] == "$1\r\n2"
    assert ["more" in each for each in answers] == [True, True, False]
    event = {"name": None, "when": None}
    put = [{"at": [0, "name"], "answer": 0, "path": [1]}, {"at": [0, "when"], "ms": -5}]
    referring = [
        {"id": host.host.next_id(), "op": "toy.chance", "args": []},
        {
            "id": host.host.next_id(),
            "op": "toy.echo",
            "args": [event],
            "put": put,
            "after": "result",
            "later": 7,
        },
        {"id": host.host.next_id(), "op": "toy.get", "args": ["k"], "after": "error"},
        {"id": host.host.next_id(), "op": "toy.get", "args": ["k"]},
    ]
    host.host.send({"type": "calls", "actor": "A", "calls": referring})
    drawn, echoed = host.next(), host.next()
    when = datetime.fromtimestamp((drawn["clock"] + 7 - 5) / 1000, UTC)
    assert echoed["value"] == [{"name": drawn["value"][1], "when": when}]
    assert "more" not in echoed, "the call before the third was to be refused"
    missing = [{"at": [0], "answer": 0, "path": ["nothing", "there"]}]
    referring = [
        each | {"id": host.host.next_id()} for each in (referring[0], referring[3] | {"put": missing})
    ]
    host.host.send({"type": "calls", "actor": "A", "calls": referring})
    assert "more" not in host.next(), "there is no such text in the answer"
    reads = [{"id": host.host.next_id(), "op": "toy.get", "args": ["k"]} for _ in range(3)]
    host.host.send({"type": "calls", "actor": "A", "calls": reads, "atOnce": True})
    answers = [host.next() for _ in reads]
    assert {each["id"] for each in answers} == {each["id"] for each in reads}
    assert ["more" in each for each in answers] == [True, True, False]
    assert host.host.die()
    assert host.host.close() == 0
    with pytest.raises(HostFailed):
        toy(module="/nowhere")
    assert seen == set(SCHEMAS) - {"common"} - RUNTIME - QUEUES - GUARD - SHARED


def test_a_refused_connection_is_told(seen: set[str], tmp_path: Path) -> None:
    world = tmp_path / "world.mjs"
    world.write_text(
        "import net from 'node:net'; export const createWorld = () => net.connect(9, 'h.invalid');"
    )
    host = HostProcess.start(node_host_command(), guarded({}, ["127.0.0.1:1"]), "guarded")
    with pytest.raises(ConnectionRefused, match=r"h\.invalid:9"):
        host.open({"module": str(world), "gates": []}, ["A"], 0, 0, 60)
    assert "refused" in seen
    with pytest.raises(ConnectionRefused):
        host.send({"type": "close", "id": 9})


@pytest.mark.parametrize(
    "message",
    [
        {"type": "gate", "gate": 1, "call": 1, "actor": "A", "label": "x", "access": "maybe", "keys": []},
        {"type": "result", "id": 1, "value": {"$bytes": 5}},
        {"type": "result", "id": 1, "value": {"a": [{"$other": 1}]}},
        {"type": "log", "level": "fatal", "origin": "world", "text": ""},
        {"type": "done"},
        {"type": "done", "id": 1, "more": 1},
        {"type": "operation_ended", "call": 1, "actor": "A", "number": 1},
    ],
)
def test_what_is_wrong_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        check(json.dumps(message))


@pytest.mark.parametrize(
    "message",
    [
        {
            "type": "operation_begun",
            "call": 1,
            "actor": "A",
            "number": 1,
            "op": "runs.get",
            "args": ["wrun_1"],
        },
        {"type": "operation_ended", "call": 1, "actor": "A", "number": 1, "value": {"input": {"$bytes": ""}}},
        {
            "type": "operation_ended",
            "call": 1,
            "actor": "A",
            "number": 1,
            "error": {"name": "E", "message": ""},
        },
        {
            "type": "message_queued",
            "call": 1,
            "actor": "A",
            "queue": "__wkf_step_x",
            "payload": {},
            "options": {},
        },
        {
            "type": "step_begun",
            "call": 1,
            "actor": "A",
            "runId": "r",
            "stepId": "s",
            "name": "work",
            "attempt": 1,
        },
        {"type": "log", "level": "error", "origin": "runtime", "text": "x", "byDesign": True},
        {
            "type": "relay_call",
            "call": 1,
            "actor": "A",
            "number": 1,
            "op": "runs.get",
            "args": ["r"],
            "clock": 1,
        },
        {"type": "relay_result", "number": 1, "error": {"name": "E", "message": ""}, "clock": 1},
        {"type": "relay_resumed", "call": 1, "actor": "A", "number": 1},
        {"type": "waits", "call": 1, "actor": "A"},
    ],
)
def test_what_a_runtime_makes_a_host_say(message: dict[str, Any]) -> None:
    assert check(json.dumps(message)) == message["type"]
