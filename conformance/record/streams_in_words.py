"""Operations on streams in words: what was asked, and what a reader was given."""

from __future__ import annotations

from conformance.core.history import Call, History


def is_of_stream(call: Call) -> bool:
    """Whether a call is about a stream."""
    return call.op.startswith("stream.")


def asked(call: Call) -> str:
    """The operation, and what tells it from others on its stream: ``stream.write B1``."""
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
    return f"{call.op} {more}".rstrip()


def given(call: Call) -> str:
    """What a call that succeeded was answered: for a reader its chunks, and whether it came to the end."""
    if not isinstance(call.value, dict) or "chunks" not in call.value:
        return "success"
    end = "the end" if call.value["done"] else "no end"
    return f"{', '.join(call.value['chunks']) or 'nothing'}, {end}"


def stream_names(history: History) -> dict[str, str]:
    """Short names of the streams that somebody does something with after the prefix."""
    used = [call.args[0] for call in history.calls if is_of_stream(call) and call.phase != "given"]
    return {name: f"stream{number}" for number, name in enumerate(dict.fromkeys(used), 1)}
