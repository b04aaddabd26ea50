"""Scripts of failures with streams: the calls that are made again, and what the readers were given."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.history import Call, History, Phase
from conformance.oracle.observed import observe
from conformance.repro.calls import record
from conformance.repro.stream_words import answered, asked, read_in_words
from conformance.spec.vocabulary import WorldError


def _call(phase: Phase, actor: str, what: str, stream: str, *args: Any, **value: Any) -> Call:
    return Call(actor, phase, f"stream.{what}", (stream, *args), 1, 2, value=value)


def _history() -> History:
    return History(
        calls=[
            _call("given", "-", "open", "aside_1_a", "run", 0, "aside"),
            _call("given", "-", "open", "stream_2_a", "run", 0, "first"),
            _call("race", "A", "write", "stream_2_a", "run", "A1"),
            _call("race", "B", "close", "stream_2_a", "run"),
            _call("then", "-", "rest", "stream_2_a", "first", 1000, chunks=["A1"], done=False),
            _call("then", "-", "read", "stream_2_a", "run", 0, 1000, chunks=[], done=True),
        ]
    )


def test_what_readers_were_given() -> None:
    assert read_in_words(_history()) == {
        "afterwards: stream.rest first": "A1, no end",
        "afterwards: stream.read from 0": "nothing, the end",
    }


def test_a_script_makes_the_calls_again_that_matter() -> None:
    history = _history()
    recording = record(history, observe(history), 2)
    assert recording.names == {"stream_2_a": "stream1"}
    assert [call.says for call in recording.given] == ["before: stream.open first, from 0"]
    assert {name: [call.says for call in calls] for name, calls in recording.race.items()} == {
        "A": ["A: stream.write A1"],
        "B": ["B: stream.close"],
    }
    assert [(call.says, call.answer) for call in recording.after] == list(read_in_words(history).items())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (WorldError("TypeError", "no"), "unexpected error TypeError"),
        (WorldError("X", "gone", status=404), "not found"),
    ],
)
def test_an_error_in_words(error: WorldError, said: str) -> None:
    call = _call("race", "A", "cancel", "s", "first")
    call.error = error
    assert (asked(call), answered(call)) == ("A: stream.cancel first", said)
