"""Live readers: held as they come; what is done for them at intervals is done as their time passes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .driver import Driven

_TOY = str(Path(__file__).parent / "toys" / "streams.mjs")
_RUN = "run1"


@pytest.fixture
def hosts() -> Iterator[list[Driven]]:
    started: list[Driven] = []
    yield started
    for driven in started:
        driven.host.close()


def _host(hosts: list[Driven], folder: Path, waits: str = "interval", *, actors: str = "A") -> Driven:
    options = {"folder": str(folder), "waits": waits}
    world = {"module": _TOY, "options": options, "gates": ["fs"], "warm": 0, "shared": True}
    hosts.append(Driven(world, actors=actors))
    return hosts[-1]


def _labels(gates: list[dict[str, Any]], folder: Path) -> list[str]:
    return [gate["label"].replace(str(folder), "the folder") for gate in gates]


def _open(host: Driven, **how: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    return host.run("stream.open", "s", _RUN, 0, "one", **how)


def test_a_reader_is_held_as_it_comes_and_answered_when_it_has_loaded(
    hosts: list[Driven], tmp_path: Path
) -> None:
    (tmp_path / "a").write_text("a")
    gates, answer = _open(_host(hosts, tmp_path))
    assert _labels(gates, tmp_path) == ["reader of s", "readdir the folder", "readFile a"]
    assert (gates[0]["access"], gates[0]["keys"]) == ("unknown", [])
    assert answer["value"] == {}


@pytest.mark.parametrize("waits", ["interval", "timeout", "promise", "source"])
def test_it_polls_when_its_time_passes_and_not_by_the_clock(
    hosts: list[Driven], tmp_path: Path, waits: str
) -> None:
    host = _host(hosts, tmp_path, waits)
    _open(host)
    host.value("stream.write", "s", _RUN, "a")
    time.sleep(0.25)
    assert host.value("toy.seen")["turns"] == 1
    gates, _ = host.run("stream.poll", "s", "one")
    assert _labels(gates, tmp_path) == ["readdir the folder", "readFile a"]
    gates, _ = host.run("stream.poll", "s", "one")
    assert _labels(gates, tmp_path) == ["readdir the folder"]
    host.value("stream.write", "s", _RUN, "b")
    host.value("stream.close", "s", _RUN)
    assert host.value("stream.rest", "s", "one", 5_000) == {"chunks": ["a", "b"], "done": True}


def test_a_reader_that_gets_nothing_more_is_left_after_a_while(hosts: list[Driven], tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    host = _host(hosts, tmp_path)
    _open(host)
    began = time.monotonic()
    assert host.value("stream.rest", "s", "one", 200) == {"chunks": ["a"], "done": False}
    assert 0.15 < time.monotonic() - began < 2
    seen = host.value("toy.seen")
    assert seen["cancelled"] == 1
    assert seen["turns"] > 20, "much time passes for it meanwhile"


def test_a_time_limit_is_no_polling(hosts: list[Driven], tmp_path: Path) -> None:
    host = _host(hosts, tmp_path, "limit")
    _open(host)
    assert host.run("stream.poll", "s", "one")[0] == []
    assert host.value("stream.rest", "s", "one", 100)["done"] is False


def test_a_reader_goes(hosts: list[Driven], tmp_path: Path) -> None:
    host = _host(hosts, tmp_path)
    _open(host, gated=False)
    host.value("stream.cancel", "s", "one")
    assert host.value("toy.seen")["cancelled"] == 1
    _, answer = host.run("stream.rest", "s", "one", 100)
    assert answer["error"]["message"] == "no reader one of s is open here"


def test_no_reader_outlives_its_schedule(hosts: list[Driven], tmp_path: Path) -> None:
    host = _host(hosts, tmp_path)
    _open(host)
    host.host.reset(2, 1_800_000_100_000)
    assert host.value("toy.seen")["cancelled"] == 1
    _, answer = host.run("stream.poll", "s", "one")
    assert answer["type"] == "error"


def test_in_one_process_what_readers_do_commutes_with_nothing(hosts: list[Driven], tmp_path: Path) -> None:
    """And what writers do there commutes with no other writer: readers are told in that order."""
    host = _host(hosts, tmp_path, actors="AB")
    gates, _ = _open(host, actor="A")
    assert [(gate["access"], gate["keys"]) for gate in gates] == [("unknown", [])] * 2
    gates, _ = host.run("stream.write", "s", _RUN, "b", actor="B")
    assert {gate["label"]: gate["keys"][-1] for gate in gates} == {
        "open b": "@readers s",
        "write b": "@readers s",
    }
    gates, _ = host.run("stream.poll", "s", "one", actor="A")
    assert [(gate["access"], gate["keys"]) for gate in gates] == [("unknown", [])] * 2
