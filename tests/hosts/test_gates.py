"""The gate rules of docs/host-protocol.md, on a toy world that does what client libraries do."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from .driver import TOY, Driven, labels

#: ``runs.js`` was made from line 41 of ``src/runs.ts``; ``store.js`` names a map that is not there.
MAPPED = {
    "package.json": '{"name": "mapped", "version": "1.0.0", "type": "module"}',
    "dist/index.js": """import { runsOf } from './runs.js';
import { connect } from './store.js';
export const createWorld = ({ port }) => {
  const store = connect(port), runs = { get: (id) => runsOf(store)(id) };
  return { specVersion: 2, runs };
};
""",
    "dist/runs.js": """import { ask } from './store.js';
export const runsOf = (store) => async (id) => await ask(store, 'GET', id);
//# sourceMappingURL=runs.js.map
""",
    "dist/runs.js.map": json.dumps(
        {"version": 3, "sourceRoot": "../src", "sources": ["runs.ts"], "names": [], "mappings": ";AAwCA"}
    ),
    "dist/store.js": """import net from 'node:net';
export const connect = (port) => net.connect(port, '127.0.0.1');
export const ask = (socket, ...words) => new Promise((resolve) => {
  socket.write(`*2${words.map((one) => `\\r\\n$${one.length}\\r\\n${one}`).join('')}\\r\\n`);
  socket.once('data', (data) => resolve(String(data)));
});
//# sourceMappingURL=store.js.map
""",
}

Toy = Callable[..., Driven]


def test_a_gated_call_stops_at_each_operation(toy: Toy) -> None:
    host = toy()
    host.start("toy.sequence", "k")
    for label, access in (("SET k", "write"), ("GET k", "read"), ("DEL k", "write")):
        gate = host.next()
        assert (gate["type"], gate["label"], gate["access"], gate["keys"]) == ("gate", label, access, ["k"])
        assert host.silent(), "nothing goes on while a gate is held"
        host.go(gate)
    assert host.next()["value"] == ":1"


def test_operations_go_ahead_unasked_as_far_as_the_call_allows(toy: Toy) -> None:
    host = toy()
    host.start("toy.sequence", "k", ahead={"gates": 1, "ms": 100})
    first, second = host.next(), host.next()
    assert (first["label"], first["passed"]) == ("SET k", True)
    assert (second["label"], "passed" in second) == ("GET k", False)
    assert second["clock"] >= first["clock"] + 100
    assert host.silent(), "only as many as were allowed"
    host.go(second, ahead={"gates": 9, "ms": 100})
    assert [host.next().get("passed"), host.next()["type"]] == [True, "result"]
    host.start("toy.sequence", "k")
    assert "passed" not in host.next(), "what one call is allowed is not for the next"


def test_a_halt_ends_what_may_go_ahead(toy: Toy) -> None:
    host, other = toy(), toy(actors="B")
    call = host.start("toy.popThenSet", "halted", ahead={"gates": 9, "ms": 100})
    assert host.next()["passed"]
    assert host.silent(), "blocked in the service"
    host.host.send({"type": "halt", "id": host.host.next_id(), "call": call})
    assert host.next()["type"] == "done"
    other.value("toy.push", "halted")
    gate = host.next()
    assert (gate["label"], "passed" in gate) == ("SET halted2", False)


def test_a_halt_that_comes_when_the_next_gate_is_held_is_answered(toy: Toy) -> None:
    """The actor was taken for blocked, and its lock was free by then."""
    host = toy()
    call = host.start("toy.sequence", "late", ahead={"gates": 1, "ms": 100})
    passed, held = host.next(), host.next()
    assert [one.get("passed") for one in (passed, held)] == [True, None]
    halt = host.host.next_id()
    host.host.send({"type": "halt", "id": halt, "call": call})
    assert host.next() == {"type": "done", "id": halt}
    host.go(held)
    assert "passed" not in host.next(), "nothing more passes"


def test_the_operation_happens_only_after_its_release(toy: Toy) -> None:
    host, other = toy(), toy(actors="B")
    other.value("toy.set", "when", "before")
    host.start("toy.set", "when", "after")
    gate = host.next()
    assert other.value("toy.get", "when") == "$6\r\nbefore"
    host.go(gate)
    host.next()
    assert other.value("toy.get", "when") == "$5\r\nafter"


def test_a_call_without_gates_runs_freely(toy: Toy) -> None:
    gates, answer = toy().run("toy.sequence", "k", gated=False)
    assert (gates, answer["value"]) == ([], ":1")


def test_warming_up_leaves_no_handshake_to_hold(toy: Toy) -> None:
    assert labels(toy().run("toy.set", "k", "v")[0]) == ["SET k"]


def test_operations_at_once_are_reported_one_at_a_time_in_the_order_they_arose(toy: Toy) -> None:
    host = toy()
    for op in ("toy.pipeline", "toy.parallel"):
        gates, answer = host.run(op)
        assert labels(gates) == ["SET p1", "SET p2", "SET p3"]
        assert answer["value"] == ["+OK"] * 3


def test_what_follows_an_answer_comes_after_what_was_held_back(toy: Toy) -> None:
    gates, _ = toy().run("toy.branches")
    assert labels(gates) == ["SET x1", "SET y1", "SET x2", "SET y2"]


def test_a_blocked_operation_keeps_the_later_ones_unreported(toy: Toy) -> None:
    host, other = toy(), toy(actors="B")
    popped = host.start("toy.pop", "list")
    host.go(host.next())
    assert host.silent(), "blocked in the service: no answer, no gate"
    later = host.start("toy.set", "later", "1")
    assert host.silent(), "held back while the first is unanswered"
    other.value("toy.push", "list")
    assert host.next()["id"] == popped, "the answer reaches the engine before the next gate"
    host.go(host.next())
    assert host.next()["id"] == later


def test_an_operation_that_a_call_forgot_is_still_its_own(toy: Toy) -> None:
    """It must not leak into the next call, nor slip past the scheduler."""
    host = toy()
    gates, answer = host.run("toy.forget")
    assert labels(gates) == ["SET forgotten1", "SET forgotten2"]
    assert answer["value"] == "gone ahead"
    assert labels(host.run("toy.set", "k", "v")[0]) == ["SET k"]
    host.run("toy.forget", gated=False)
    assert host.value("toy.get", "forgotten2") == "$1\r\n2"


def test_only_the_named_ports_are_held(toy: Toy) -> None:
    assert toy(ports=[1]).run("toy.sequence", "k")[0] == []


def test_an_unknown_protocol_is_held_with_less_to_say(toy: Toy) -> None:
    gates, answer = toy(protocol=None).run("toy.sequence", "k")
    assert [gate["access"] for gate in gates] == ["unknown"] * 3
    assert all(gate["keys"] == [] for gate in gates)
    assert answer["value"] == ":1"


def test_log_lines_come_before_the_gate_and_the_result_that_follow(toy: Toy) -> None:
    host = toy()
    host.host.take_logs()
    host.start("toy.log")
    gate = host.next()
    lines = [(line.level, line.origin, line.text, line.actor) for line in host.host.take_logs()]
    assert lines == [
        ("error", "world", "an error of console", "A"),
        ("warn", "world", "a warning", "A"),
        ("info", "world", "a line", "A"),
        ("debug", "world", "a detail", "A"),
        ("warn", "runtime", "[Workflow] a line of the runtime", "A"),
        ("error", "process", '{"level":50,"msg":"pino"}', "A"),
        ("info", "runtime", "2026-01-01 workflow:runtime:info hello", "A"),
    ]
    host.go(gate)
    host.next()
    assert [line.text for line in host.host.take_logs()] == ["after the gate"]


def test_where_is_said_only_when_asked_for(toy: Toy) -> None:
    host = toy()
    assert "where" not in host.run("toy.sequence", "k")[0][0]
    found = [gate["where"] for gate in host.run("toy.sequence", "k", stacks=True)[0]]
    source = Path(TOY).read_text().splitlines()
    lines = [source[int(place.rsplit(":", 1)[1]) - 1] for place in found]
    assert all("world.mjs:" in place for place in found)
    assert all("socket.write(" in line or "one(" in line for line in lines), lines


def test_where_is_said_in_a_folder_with_a_blank_and_an_umlaut(toy: Toy, tmp_path: Path) -> None:
    """Frames of ES modules have URLs, in which such a path reads otherwise."""
    package = tmp_path / "Meine Übung" / "toy"
    shutil.copytree(Path(TOY).parent, package)
    host = toy(module=str(package / Path(TOY).name))
    places = [gate.get("where", "") for gate in host.run("toy.sequence", "k", stacks=True)[0]]
    assert places
    assert all(re.fullmatch(r"world\.mjs:\d+", place) for place in places), places


def test_where_is_the_source_line_above_a_helper(toy: Toy, tmp_path: Path) -> None:
    """Source maps without sources tell the author's line; the file that two others import is no caller."""
    package = tmp_path / "mapped"
    for file, text in MAPPED.items():
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text(text)
    host = toy(module=str(package / "dist" / "index.js"))
    [gate], _ = host.run("runs.get", "r1", stacks=True)
    assert (gate["where"], gate["compiled"]) == ("src/runs.ts:41", "dist/runs.js:2")
    assert gate["frames"] == ["dist/store.js:4", "dist/store.js:3", "src/runs.ts:41", "dist/index.js:4"]
    assert "where" not in host.run("runs.get", "r1")[0][0]


def test_closing_while_a_gate_is_held(toy: Toy) -> None:
    host = toy()
    host.start("toy.sequence", "k")
    host.next()
    assert host.host.close(5.0) == 0


def test_where_a_call_that_is_held_as_a_whole_is_written(toy: Toy, tmp_path: Path) -> None:
    """Nothing of the package has run there: the line of the method, through `bind` and source maps."""
    (tmp_path / "memory.mjs").write_text("""export const createWorld = () => ({
  runs: { async get(id) { return { id }; } },
  steps: { get: async function () { return {}; }.bind(null), list: Map.prototype.keys },
});
//# sourceMappingURL=memory.mjs.map
""")
    mappings = {"version": 3, "sources": ["src/memory.ts"], "names": [], "mappings": ";AAwCA;AAEA"}
    (tmp_path / "memory.mjs.map").write_text(json.dumps(mappings))
    host = toy(module=str(tmp_path / "memory.mjs"), gates=["call"], options={}, warm=0)
    for op, place in (
        ("runs.get", "src/memory.ts:41"),
        ("steps.get", "src/memory.ts:43"),
        ("steps.list", None),
    ):
        [gate], _ = host.run(op, "r", stacks=True)
        assert gate.get("where") == place, op
    assert "where" not in host.run("runs.get", "r")[0][0]
