"""The Python host keeps docs/host-protocol.md."""

from __future__ import annotations

import asyncio
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conformance.core.errors import HostFailed

from .driver import CLOCK, TOYS, Driven


@pytest.fixture(scope="module")
def toy() -> Iterator[Driven]:
    with Driven(f"{TOYS}:Toy", options={"greeting": "hi"}) as driven:
        yield driven


def test_says_what_it_holds(toy: Driven) -> None:
    assert (toy.opened.name, toy.opened.version, toy.opened.spec_version) == ("toy", "1.2.3", 2)
    assert toy.opened.platform.startswith("CPython 3.")


def test_set_up_is_not_held_and_ungated_calls_run_freely(toy: Driven) -> None:
    gates, answer = toy.run("runs.get", "free", gated=False)
    assert gates == []
    assert answer["value"]["done"][0] == "opened"
    assert answer["value"]["greeting"] == "hi"


def test_each_operation_is_held_until_released(toy: Driven) -> None:
    ident = toy.start("runs.get", "r", stacks=True)
    gate = toy.next()
    assert gate["type"] == "gate"
    assert (gate["call"], gate["actor"], gate["label"]) == (ident, "A", "r1")
    assert (gate["access"], gate["keys"]) == ("write", ["r1"])
    assert gate["where"].startswith("toys.py:")
    assert len(gate["frames"]) == 2, "the operation, and the call that made it"
    assert toy.host.receive(0.1) is None
    toy.go(gate)
    second = toy.next()
    assert second["label"] == "r2"
    toy.go(second)
    assert toy.next()["value"]["done"][-2:] == ["r1", "r2"]


_PACKAGE = {
    "store.py": "import conformance.world as us\n\nasync def write(key):\n    async with us.gate(key): ...\n",
    "runs.py": "import store\n\nasync def get(run_id):\n    await store.write(run_id)\n",
    "steps.py": "from store import write\n\nasync def get(run_id, step_id):\n    await write(step_id)\n",
    "main.py": "import runs\nimport steps\n\nclass World:\n    async def runs_get(self, run_id):\n"
    "        await runs.get(run_id)\n",
}


@pytest.mark.parametrize("actors", ["A", "AB"])
def test_where_is_the_line_above_a_helper_with_the_lines_that_called(tmp_path: Path, actors: str) -> None:
    """As in the Node host: a module that two others use says how something is written, not what for."""
    for file, text in _PACKAGE.items():
        (tmp_path / file).write_text(text)
    with Driven(f"{tmp_path / 'main.py'}:World", actors=actors) as driven:
        [gate], _ = driven.run("runs.get", "r", stacks=True)
        assert gate["where"] == "runs.py:4"
        assert gate["frames"] == ["store.py:4", "runs.py:4", "main.py:6"]
        assert "where" not in driven.run("runs.get", "r")[0][0]


def test_one_at_a_time_in_the_order_they_arose(toy: Driven) -> None:
    gates, answer = toy.run("steps.list", {})
    assert [gate["label"] for gate in gates] == ["a", "b", "c", "a2"]
    assert answer["value"][-4:] == ["a", "b", "c", "a2"]


@pytest.mark.parametrize("actors", ["A", "AB"])
def test_what_a_task_group_gives_up_is_not_waited_for(actors: str) -> None:
    with Driven(f"{TOYS}:Toy", actors=actors, shared=len(actors) > 1) as toy:
        gates, answer = toy.run("hooks.get", "h")
        assert [gate["label"] for gate in gates] == ["fails"]
        assert answer["error"]["name"] == "EntityConflictError"
        gates, answer = toy.run("runs.get", "run")
        assert [gate["label"] for gate in gates] == ["run1", "run2"]
        assert "given up" not in answer["value"]["done"]


def test_two_calls_at_once(toy: Driven) -> None:
    """They take turns, and an answer comes before the next gate of the other."""
    first, second = toy.start("runs.get", "x"), toy.start("runs.get", "y")
    said: list[object] = []
    while not {first, second} <= set(said):
        message = toy.next()
        said.append(message["label"] if message["type"] == "gate" else message["id"])
        if message["type"] == "gate":
            toy.go(message)
    assert said == ["x1", "y1", "x2", first, "y2", second]


def test_close_is_obeyed_at_a_gate() -> None:
    toy = Driven(f"{TOYS}:Toy")
    toy.start("runs.get", "r")
    toy.next()
    assert toy.host.close() == 0


def test_refusals_and_crashes_are_told_apart(toy: Driven) -> None:
    toy.host.take_logs()
    gates, answer = toy.run("hooks.getByToken", "t")
    assert len(gates) == 1
    error = answer["error"]
    assert (error["name"], error["status"]) == ("EntityConflictError", 409)
    assert error["message"] == "t is taken, see redis://user:secret@host/1"
    assert "stack" not in error
    crash = toy.run("hooks.list", {}, stacks=True)[1]["error"]
    assert (crash["name"], crash["message"]) == ("KeyError", "'driver'")
    assert "toys.py" in crash["stack"]
    logs = [(log.level, log.origin, log.text, log.actor) for log in toy.host.take_logs()]
    assert logs == [
        ("info", "world", "toy: asked for a token", "A"),
        ("error", "world", "toy: no such token", "A"),
    ]


def test_unknown_operations(toy: Driven) -> None:
    for op in ("runs.nonsense", "_io", "__class__"):
        error = toy.run(op)[1]["error"]
        assert error["code"] == "NOT_IMPLEMENTED"


def test_values_survive(toy: Driven) -> None:
    event = {"b": b"\0\xff", "d": datetime(2026, 1, 2, 3, 4, 5, 678000, UTC), "o": {"$x": [None, 1.5, "ü\n"]}}
    gates, answer = toy.run("events.create", None, event)
    assert answer["value"] == {"run": None, "event": event}
    assert [gate["label"] for gate in gates] == ["straggler"]  # released, so it was waited for


def test_time_and_chance_repeat() -> None:
    def readings(driven: Driven) -> list[object]:
        value = driven.run("events.list", {})[1]["value"]
        assert isinstance(value, list)
        return value

    with Driven(f"{TOYS}:Toy", seed=5) as one, Driven(f"{TOYS}:Toy", seed=5) as other:
        first = readings(one)
        assert first == readings(other)
        assert first[0] == CLOCK / 1000 + 0.001
        assert first[2] == datetime.fromtimestamp(CLOCK / 1000, UTC) + timedelta(milliseconds=3)
        other.run("runs.get", "r")  # time goes on while gates are held
        one.host.reset(6, CLOCK + 1000)
        later = readings(one)
        assert later[0] == (CLOCK + 1000) / 1000 + 0.001
        assert set(map(str, later[7:])).isdisjoint(map(str, first[7:]))
        one.host.reset(5, CLOCK)  # never goes back
        back = readings(one)
        assert isinstance(back[0], float)
        assert isinstance(later[0], float)
        assert back[0] > later[0]
        assert back[7:12] == first[7:12]
        gates, _ = one.run("runs.get", "r")
        assert gates


def test_actors_draw_from_streams_of_their_own() -> None:
    with (
        Driven(f"{TOYS}:Toy", actors="AB", seed=5) as both,
        Driven(f"{TOYS}:Toy", actors="B", seed=5) as other,
    ):
        a, b = (both.run("events.list", {}, actor=name)[1]["value"][7:12] for name in "AB")
        assert set(map(str, a)).isdisjoint(map(str, b))
        c = other.run("events.list", {}, actor="B")[1]["value"][7:12]
        assert set(map(str, a)).isdisjoint(map(str, c))


def test_one_world_for_several_actors() -> None:
    with Driven(f"{TOYS}:Toy", actors="AB", shared=True) as toy:
        toy.run("runs.get", "a", actor="A")
        assert "a2" in toy.run("runs.get", "b", actor="B")[1]["value"]["done"]


def test_go_moves_the_clock() -> None:
    with Driven(f"{TOYS}:Toy") as toy:
        toy.start("runs.get", "r")
        toy.go(toy.next(), clock=CLOCK + 5000)
        toy.go(toy.next())
        assert toy.next()["type"] == "result"
        assert toy.run("events.list", {})[1]["value"][0] > (CLOCK + 5000) / 1000


def test_several_actors_in_one_process() -> None:
    """Held gates of one do not keep the others from going on."""
    with Driven(f"{TOYS}:Toy", actors="AB") as toy:
        toy.start("runs.get", "a", actor="A")
        held = toy.next()
        gates, answer = toy.run("steps.list", {}, actor="B")
        assert [gate["label"] for gate in gates] == ["a", "b", "c", "a2"]
        assert {gate["actor"] for gate in gates} == {"B"}
        assert answer["type"] == "result"
        toy.go(held)
        toy.go(toy.next())
        assert toy.next()["value"]["done"] == ["opened", "a1", "a2"]


def test_a_world_that_cannot_be_made() -> None:
    with pytest.raises(HostFailed, match=r"ValueError: cannot reach redis://\*\*\*@host/1"):
        Driven(f"{TOYS}:Failing")
    with pytest.raises(HostFailed, match="has no 'Nobody'"):
        Driven(f"{TOYS}:Nobody")


def test_close_closes_the_world_and_exits() -> None:
    toy = Driven(f"{TOYS}:Toy")
    assert toy.host.close() == 0
    assert [log.text for log in toy.host.take_logs()] == ["closed"]


@pytest.mark.parametrize("held", [False, True])
def test_end_of_input_ends_the_host(held: bool) -> None:
    toy = Driven(f"{TOYS}:Toy")
    if held:
        toy.start("runs.get", "r")
        toy.next()
    toy.host.hang_up()
    assert toy.host._process.wait(5) == 0
    toy.host.kill()


class _Echo(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Answer(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            self.wfile.write(line)


@pytest.fixture
def echo() -> Iterator[int]:
    with _Echo(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("actors", ["A", "AB"])
def test_sockets_of_any_python_world(echo: int, actors: str) -> None:
    """One gate a request, however many writes it takes; two connections still go one at a time."""
    with Driven(f"{TOYS}:Network", actors=actors, options={"port": echo}, ports=[echo]) as driven:
        gates, answer = driven.run("runs.get", "r", stacks=True)
        assert answer["value"] == ["r one", "r two"]
        assert [gate["access"] for gate in gates] == ["unknown", "unknown"]
        assert gates[0]["where"].startswith("toys.py:")
        driven.start("steps.list", {})
        left = driven.next()
        assert driven.host.receive(0.1) is None
        driven.go(left)
        right = driven.next()
        assert driven.host.receive(0.1) is None
        driven.go(right)
        assert driven.next()["value"] == ["left", "right"]
        assert driven.run("runs.get", "r", gated=False)[0] == []


def test_other_ports_are_left_alone(echo: int) -> None:
    with Driven(f"{TOYS}:Network", options={"port": echo}, ports=[1]) as driven:
        assert driven.run("runs.get", "r")[0] == []


def test_files(tmp_path: Path) -> None:
    with Driven(f"{TOYS}:Files", options={"folder": str(tmp_path)}, gates=["fs"]) as driven:
        gates, answer = driven.run("runs.get", "r")
        assert answer["value"] == ["r", ["r"]]
        assert [(gate["label"], gate["access"], gate["keys"]) for gate in gates] == [
            ("open(w) r.tmp", "write", ["r.tmp"]),
            ("write r.tmp", "write", ["r.tmp"]),
            ("replace r", "write", ["r.tmp", "r"]),
            ("open(r) r", "read", ["r"]),
            ("listdir .", "read", []),
        ]
        assert [gate["label"] for gate in gates if gate.get("rest")] == ["write r.tmp"]
        by_number, _ = driven.run("steps.list", {})
        assert [gate["label"] for gate in by_number] == ["open n", "write n", "open f", "write f"]


def test_files_cannot_be_held_for_several_actors(tmp_path: Path) -> None:
    with pytest.raises(HostFailed, match="one actor only"):
        Driven(f"{TOYS}:Files", actors="AB", options={"folder": str(tmp_path)}, gates=["fs"])


def test_a_gate_without_a_host_is_nothing() -> None:
    from conformance.world import gate  # noqa: PLC0415

    async def use() -> str:
        async with gate("read", "read", ["k"]):
            return "done"

    assert asyncio.run(use()) == "done"
