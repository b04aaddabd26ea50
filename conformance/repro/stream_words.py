"""Operations on streams in words: the same words as ``js/outcome.mjs`` uses, for they are compared."""

from __future__ import annotations

from typing import Final

from conformance.core.history import Call, History
from conformance.repro.words import Facts, say

#: What the answer of such a call is held against.
_READS: Final = ("stream.rest", "stream.read")


def is_of_stream(call: Call) -> bool:
    """Whether a call is about a stream."""
    return call.op.startswith("stream.")


def asked(call: Call) -> str:
    """The name of a call."""
    actor = {"race": call.actor, "given": "before"}.get(call.phase, "afterwards")
    match call.op:
        case "stream.write":
            more = call.args[2]
        case "stream.open":
            more = f"{call.args[3]}, from {call.args[2]}"
        case "stream.read":
            more = f"from {call.args[2]}"
        case "stream.poll" | "stream.rest" | "stream.cancel":
            more = call.args[1]
        case _:
            more = ""
    return f"{actor}: {call.op} {more}".rstrip()


def given_in_words(call: Call) -> str:
    """How a call was answered: for a reader, what it was given."""
    if call.error is not None:
        answer = call.error.answer
        return f"unexpected error {call.error.name}" if answer == "unexpected" else say(answer)
    if not isinstance(call.value, dict) or "chunks" not in call.value:
        return say("ok")
    end = "the end" if call.value["done"] else "no end"
    return f"{', '.join(call.value['chunks']) or 'nothing'}, {end}"


def read_in_words(history: History) -> Facts:
    """What the readers were given that read to the end."""
    return {asked(call): given_in_words(call) for call in history.calls if call.op in _READS}


def stream_names(history: History) -> dict[str, str]:
    """Short names of the streams that somebody does something with after the prefix."""
    used = [call.args[0] for call in history.calls if is_of_stream(call) and call.phase != "given"]
    return {name: f"stream{number}" for number, name in enumerate(dict.fromkeys(used), 1)}
