"""Calls on streams in a script: the same words as ``js/outcome.mjs`` uses, for they are compared."""

from __future__ import annotations

from typing import Final

from conformance.core.history import Call, History
from conformance.record import streams_in_words as words
from conformance.repro.words import Facts, say

#: What the answer of such a call is held against.
_READS: Final = ("stream.rest", "stream.read")


def asked(call: Call) -> str:
    """The name of a call."""
    actor = {"race": call.actor, "given": "before"}.get(call.phase, "afterwards")
    return f"{actor}: {words.asked(call)}"


def answered(call: Call) -> str:
    """How it was answered: for a reader, what it was given."""
    if call.error is None:
        return words.given(call)
    return f"unexpected error {call.error.name}" if call.answer == "unexpected" else say(call.answer)


def read_in_words(history: History) -> Facts:
    """What the readers were given that read to the end."""
    return {asked(call): answered(call) for call in history.calls if call.op in _READS}
