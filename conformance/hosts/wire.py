"""Lines of JSON, with tags for what JSON lacks: bytes and dates (``docs/host-protocol.md``).

Dates become timezone-aware :class:`datetime.datetime` with millisecond precision, bytes ``bytes``.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import msgspec

_parse = msgspec.json.Decoder().decode
_write = msgspec.json.Encoder().encode

#: A line longer than this is a host failure.
MAX_LINE = 64 * 1024 * 1024


def iso(moment: datetime) -> str:
    """``2026-11-22T13:08:00.123Z``; a naive datetime is taken as UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.strftime("%Y-%m-%dT%H:%M:%S.") + f"{aware.microsecond // 1000:03d}Z"


def encode_value(value: Any) -> Any:
    """Replace bytes and dates by their tags, and wrap a dict that has a key beginning with ``$``."""
    if isinstance(value, dict):
        plain = {key: encode_value(item) for key, item in value.items()}
        return {"$object": plain} if any(key.startswith("$") for key in plain) else plain
    if isinstance(value, list | tuple):
        return [encode_value(item) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, datetime):
        return {"$date": iso(value)}
    return value


def decode_value(value: Any) -> Any:
    """The reverse of :func:`encode_value`."""
    if isinstance(value, list):
        return [decode_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        if isinstance(value.get("$bytes"), str):
            return base64.b64decode(value["$bytes"])
        if isinstance(value.get("$date"), str):
            return datetime.fromisoformat(value["$date"].replace("Z", "+00:00"))
        if isinstance(value.get("$object"), dict):
            value = value["$object"]
    return {key: decode_value(item) for key, item in value.items()}


def dumps(message: dict[str, Any]) -> bytes:
    """A message as one line. Its ``args``, ``options`` and the like may hold bytes and dates."""
    return _write({key: encode_value(item) for key, item in message.items()}) + b"\n"


def loads(line: bytes | bytearray | memoryview) -> dict[str, Any]:
    """One line as a message. Raises ``ValueError`` when it is not a JSON object with a ``type``."""
    message = _parse(line)
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ValueError("not a message")
    if b'"$' in bytes(line):
        return {key: decode_value(item) for key, item in message.items()}
    return message
