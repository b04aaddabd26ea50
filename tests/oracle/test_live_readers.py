"""Live readers: what a reader was given that was there while others wrote."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.history import Call
from conformance.oracle.streams import misstreams
from conformance.oracle.streams_seen import SeenStream
from conformance.spec.vocabulary import WorldError


def _call(actor: str, what: str, began: int, ended: int, *args: Any, **value: Any) -> Call:
    """A call on one stream; its answer is ``value``."""
    return Call(actor, "race", f"stream.{what}", ("s", *args), began, ended, value=value)


#: B writes b1, and b2 while C closes.
_WRITES = [
    _call("B", "write", 11, 12, "run", "b1"),
    _call("B", "write", 13, 16, "run", "b2"),
    _call("C", "close", 15, 18, "run"),
]


def _seen(
    got: list[str],
    *,
    start: int = 0,
    whole: tuple[str, ...] = ("given", "b1", "b2"),
    done: bool = True,
    at: int = 2,
    more: tuple[Call, ...] = (),
) -> list[SeenStream]:
    """What is wrong when a reader that came ``at`` then is given these, and a later one the whole stream."""
    calls = [
        _call("-", "write", 0, 1, "run", "given"),
        _call("A", "open", at, at + 1, "run", start, "first"),
        *_WRITES,
        *more,
        _call("-", "rest", 20, 21, "first", 1000, chunks=got, done=done),
        _call("-", "read", 22, 23, "run", 0, 1000, chunks=list(whole), done=True),
    ]
    return list(misstreams(calls))


def _rules(*args: Any, **more: Any) -> list[str]:
    return [seen.rule for seen in _seen(*args, **more)]


@pytest.mark.parametrize(
    ("start", "got"),
    [(0, ["given", "b1", "b2"]), (1, ["b1", "b2"]), (2, ["b2"]), (3, []), (-1, ["given", "b1", "b2"])],
)
def test_as_it_should_be(start: int, got: list[str]) -> None:
    assert _rules(got, start=start) == []


@pytest.mark.parametrize(
    ("got", "rule"),
    [
        (["given", "b2"], "stream.live-kept"),
        (["b1", "b2"], "stream.live-kept"),
        (["given", "b1", "b2", "who"], "stream.live-kept"),
        (["given", "b1", "b1", "b2"], "stream.live-once"),
        (["given", "b2", "b1"], "stream.live-order"),
        (["given", "b1"], "stream.live-late"),
    ],
)
def test_a_reader_from_the_beginning(got: list[str], rule: str) -> None:
    assert _rules(got) == [rule]


def test_a_reader_from_an_index_that_is_not_written_yet() -> None:
    [seen] = _seen(["b1", "b2"], start=2)
    assert seen.rule == "stream.live-index"
    assert seen.text == "a live reader from 2 on gets chunk b1, which has index 1 of [given, b1, b2]"


def test_it_says_when_the_missing_chunk_was_written() -> None:
    assert [_seen(["given", "b2"], at=at)[0].text.partition(";")[0] for at in (2, 11, 14)] == [
        "a live reader never gets chunk b1, which was written while it was there",
        "a live reader never gets chunk b1, which was written while it came",
        "a live reader never gets chunk b1, which was written before it was there",
    ]


def test_a_chunk_behind_the_end() -> None:
    late = _call("B", "write", 19, 20, "run", "late")
    assert _rules(["given", "b1", "b2", "late"], more=(late,)) == ["stream.closed"]


def test_a_reader_that_is_not_told_of_the_end() -> None:
    assert _rules(["given", "b1", "b2"], done=False) == ["stream.live-ends"]


@pytest.mark.parametrize(("start", "rule"), [(0, "stream.live-ends"), (-1, "stream.from-end")])
def test_a_reader_that_gets_an_error(start: int, rule: str) -> None:
    failed = _call("-", "rest", 18, 19, "first", 1000)
    failed.error = WorldError("TypeError", "no chunk")
    opened = _call("A", "open", 2, 3, "run", start, "first")
    read = _call("-", "read", 22, 23, "run", 0, 1000, chunks=["b1", "b2"], done=True)
    [seen] = misstreams([opened, *_WRITES, failed, read])
    assert seen.rule == rule
    assert "TypeError: no chunk" in seen.text


def test_a_reader_from_the_end_counts_what_was_there() -> None:
    """As it came the stream had one chunk; or one or two, when the second was being written."""
    assert _rules(["b2"], start=-1) == ["stream.from-end"]
    assert _rules(["b2"], start=-1, at=12) == ["stream.from-end"]
    assert _rules(["b1", "b2"], start=-1, at=12) == []
    assert _rules(["b2"], start=-1, at=14) == []


def test_nothing_is_said_of_readers_that_did_not_come_or_did_not_read_on() -> None:
    whole = _call("-", "read", 22, 23, "run", 0, 1000, chunks=["b1", "b2"], done=True)
    opened = _call("A", "open", 2, 3, "run", 0, "first")
    assert list(misstreams([opened, *_WRITES, whole])) == []
    rest = _call("-", "rest", 20, 21, "first", 1000, chunks=[], done=True)
    assert list(misstreams([*_WRITES, rest, whole])) == []
