"""Streams: what was read, against what was written."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.history import Call
from conformance.oracle.streams import misstreams


def _call(
    actor: str, what: str, began: int, ended: int, *args: Any, phase: Any = "race", **value: Any
) -> Call:
    """A call on one stream; its answer is ``value``."""
    return Call(actor, phase, f"stream.{what}", ("s", "run", *args), began, ended, value=value)


def _history(*reads: tuple[int, list[str]], whole: list[str] | None = None, done: bool = True) -> list[Call]:
    """A writes a1 and then a2, B writes b1 between them, then the stream is closed; B writes once more."""
    chunks = ["a1", "b1", "a2"] if whole is None else whole
    calls = [
        _call("A", "write", 1, 2, "a1"),
        _call("B", "write", 3, 4, "b1"),
        _call("A", "write", 5, 6, "a2"),
        _call("-", "close", 7, 8, phase="then"),
        _call("B", "write", 9, 10, "late"),
    ]
    for number, (start, got) in enumerate([(0, chunks), *reads]):
        at = 20 + 2 * number
        calls.append(_call("-", "read", at, at + 1, start, 1, phase="then", chunks=got, done=done))
    return calls


def _rules(calls: list[Call]) -> list[str]:
    return [wrong.rule for wrong in misstreams(calls)]


def test_a_stream_as_it_should_be() -> None:
    reads: tuple[tuple[int, list[str]], ...] = (
        (1, ["b1", "a2"]),
        (-1, ["a2"]),
        (0, ["a1", "b1", "a2"]),
        (3, []),
    )
    snapshot = _call("B", "chunks", 4, 5, chunks=["a1"], done=False)
    assert _rules([*_history(*reads), snapshot]) == []


@pytest.mark.parametrize(
    ("whole", "rule"),
    [
        (["a1", "b1"], "stream.kept"),
        (["a1", "b1", "a2", "who"], "stream.kept"),
        (["a1", "b1", "a2", "a2"], "stream.once"),
        (["a2", "b1", "a1"], "stream.order"),
        (["b1", "a1", "a2"], "stream.real-time"),
        (["a1", "b1", "a2", "late"], "stream.closed"),
    ],
)
def test_what_the_whole_stream_shows(whole: list[str], rule: str) -> None:
    assert rule in _rules(_history(whole=whole))


@pytest.mark.parametrize(
    ("start", "got", "rule"),
    [
        (0, ["a1"], "stream.same"),
        (1, ["a1", "b1", "a2"], "stream.index"),
        (-1, ["a1", "b1", "a2"], "stream.from-end"),
        (1, ["b1", "a2", "late"], "stream.closed"),
    ],
)
def test_what_a_further_read_shows(start: int, got: list[str], rule: str) -> None:
    assert _rules(_history((start, got))) == [rule]


def test_a_reader_that_is_not_told_of_the_end() -> None:
    assert _rules(_history(done=False)) == ["stream.ends"]


def test_a_snapshot_of_what_is_not_the_beginning() -> None:
    snapshot = _call("B", "chunks", 4, 5, chunks=["b1"], done=False)
    assert _rules([*_history(), snapshot]) == ["stream.prefix"]


def test_a_chunk_that_races_with_the_end_may_be_there_or_not() -> None:
    racing = _call("C", "write", 6, 9, "c1")
    assert _rules([*_history(), racing]) == []
    assert _rules([*_history(whole=["a1", "b1", "a2", "c1"]), racing]) == []


def test_nothing_is_said_of_a_stream_that_was_not_read() -> None:
    assert _rules(_history()[:4]) == []
