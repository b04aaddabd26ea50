"""Lines of JSON, with tags for what JSON lacks: bytes and dates (``docs/host-protocol.md``).

Dates become timezone-aware :class:`datetime.datetime` with millisecond precision, bytes ``bytes``.
"""

from __future__ import annotations

import base64
from binascii import a2b_base64
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

_decoder = msgspec.json.Decoder()
_parse, _parse_lines = _decoder.decode, _decoder.decode_lines
_write = msgspec.json.Encoder().encode

#: A line longer than this is a host failure.
MAX_LINE: Final = 64 * 1024 * 1024


def iso(moment: datetime) -> str:
    """``2026-11-22T13:08:00.123Z``; a naive datetime is taken as UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.strftime("%Y-%m-%dT%H:%M:%S.") + f"{aware.microsecond // 1000:03d}Z"


#: Values that are the same on both sides: most of a message, so nothing is called for them.
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_LISTS: Final = (list, tuple)
_BYTES: Final = (bytes, bytearray, memoryview)


def encode_value(value: Any) -> Any:
    """Replace bytes and dates by their tags, and wrap a dict that has a key beginning with ``$``."""
    if isinstance(value, dict):
        plain = {key: item if type(item) in _PLAIN else encode_value(item) for key, item in value.items()}
        for key in plain:
            if key[:1] == "$":
                return {"$object": plain}
        return plain
    if isinstance(value, _LISTS):
        return [item if type(item) in _PLAIN else encode_value(item) for item in value]
    if isinstance(value, _BYTES):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, datetime):
        return {"$date": iso(value)}
    return value


def decode_value(value: Any) -> Any:
    """The reverse of :func:`encode_value`, on a freshly parsed value: it is changed in place."""
    kind = type(value)  # what was parsed is a list or a dict itself
    if kind is list:
        for index, item in enumerate(value):
            if type(item) not in _PLAIN:
                value[index] = decode_value(item)
        return value
    if kind is not dict:
        return value
    if len(value) == 1:
        [(tag, content)] = value.items()
        if type(content) is str:
            if tag == "$date":
                return datetime.fromisoformat(content)
            if tag == "$bytes":
                return a2b_base64(content)
        elif tag == "$object" and type(content) is dict:
            value = content
    for key, item in value.items():
        if type(item) not in _PLAIN:
            value[key] = decode_value(item)
    return value


def dumps(message: dict[str, Any]) -> bytes:
    """A message as one line. Its ``args``, ``options`` and the like may hold bytes and dates."""
    plain = {key: item if type(item) in _PLAIN else encode_value(item) for key, item in message.items()}
    return _write(plain) + b"\n"


#: What the engine relies on in each message of a host (the schemas say the rest).
_FIELDS: Final[dict[str, frozenset[str]]] = {
    "opening": frozenset({"id", "doing"}),
    "opened": frozenset({"id", "name", "version", "platform"}),
    "failed": frozenset({"id", "error"}),
    "gate": frozenset({"gate", "call", "actor", "label", "access", "keys"}),
    "result": frozenset({"id", "value"}),
    "error": frozenset({"id", "error"}),
    "log": frozenset({"text"}),
    "operation_begun": frozenset({"call", "number", "op", "args"}),
    "operation_ended": frozenset({"call", "number"}),
    "message_queued": frozenset({"call", "queue", "payload", "options"}),
    "step_begun": frozenset({"call", "runId", "stepId", "attempt"}),
    "relay_call": frozenset({"call", "number", "op", "args"}),
    "relay_resumed": frozenset({"call", "number"}),
    "waits": frozenset({"call"}),
    "delivery_begun": frozenset({"delivery", "path", "queue", "messageId", "attempt", "payload", "at"}),
    "delivery_ended": frozenset({"path", "messageId", "attempt", "status"}),
    "event_asked": frozenset({"runId", "eventType", "at"}),
    "step_ran": frozenset({"runId", "stepId", "name", "attempt", "at"}),
    "done": frozenset({"id"}),
    "refused": frozenset({"address"}),
}
_NONE: Final[frozenset[str]] = frozenset()


def loads(line: bytes) -> dict[str, Any]:
    """One line as a message of a host. Raises ``ValueError``, saying what is wrong with it."""
    try:
        message = _parse(line)
    except msgspec.DecodeError:
        message = None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ValueError(f"wrote something that is not a message: {line[:80].decode('utf-8', 'replace')!r}")
    fields = _FIELDS.get(message["type"], _NONE)
    if not fields <= message.keys():
        missing = fields - message.keys()
        raise ValueError(f"sent a {message['type']} message without {', '.join(sorted(missing))}")
    if b'"$' in line and not _is_bare(message):
        _decode(message)
    return message


def _is_bare(message: dict[str, Any]) -> bool:
    """Whether a message holds no value of a World: a gate without statements, which are most of all."""
    return message["type"] == "gate" and "statements" not in message


def _decode(message: dict[str, Any]) -> None:
    for key, item in message.items():
        if type(item) not in _PLAIN:
            message[key] = decode_value(item)


def loads_all(lines: bytes) -> list[dict[str, Any]] | None:
    """Whole lines, each as :func:`loads` reads it, in less time. None when one of them is no message: that
    function says why."""
    try:
        messages: list[Any] = _parse_lines(lines)
        if len(messages) != lines.count(b"\n"):
            return None
        tagged = b'"$' in lines
        for message in messages:
            kind = message.get("type") if type(message) is dict else None
            if type(kind) is not str or not _FIELDS.get(kind, _NONE) <= message.keys():
                return None
            if tagged and not _is_bare(message):
                _decode(message)
    except ValueError:
        return None
    return messages
