"""Values as text for databases that keep text: JSON, with bytes and dates tagged."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any


def dumps(value: Any) -> str:
    """JSON text; ``bytes`` and ``datetime`` become tagged objects."""
    return _encode(value)


def loads(text: str | bytes) -> Any:
    """The reverse of :func:`dumps`."""
    return _decode(text if isinstance(text, str) else text.decode())


def _tag(value: Any) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"$date": value.astimezone(UTC).isoformat(timespec="milliseconds")}
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": base64.b64encode(value).decode()}
    raise TypeError(f"cannot be stored: {type(value).__name__}")


def _untag(value: dict[str, Any]) -> Any:
    if len(value) == 1:
        if isinstance(value.get("$date"), str):
            return datetime.fromisoformat(value["$date"])
        if isinstance(value.get("$bytes"), str):
            return base64.b64decode(value["$bytes"])
    return value


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_tag).encode
_decode = json.JSONDecoder(object_hook=_untag).decode
