"""What a request on the wire is, for people: the first words of a Redis, MongoDB or SQL command."""

from __future__ import annotations

import re
from typing import Any

_SQL = re.compile(
    rb"\b(SELECT|INSERT|UPDATE|DELETE|WITH|BEGIN|COMMIT|ROLLBACK|CREATE|MERGE|CALL)\b[^\x00]{0,60}",
    re.IGNORECASE,
)
_MONGO_OPCODE = b"\xdd\x07\x00\x00"
_LONGEST = 80
#: names of prepared statements; drivers make them unique in a process
_statements: dict[bytes, str] = {}


def label_of(data: bytes, peer: Any) -> tuple[str, str, tuple[str, ...]]:
    """``(label, access, keys)`` of the bytes of a request; keys are never known here."""
    data = bytes(data)
    label = _redis(data) or _mongo(data) or _sql(data)
    return (label or f"{len(data)} bytes to {_name(peer)}", "unknown", ())


def _redis(data: bytes) -> str | None:
    if not re.match(rb"\*\d+\r\n\$", data):
        return None
    parts = data.split(b"\r\n")
    words = [part.decode(errors="replace") for part in parts[2 : 2 + 2 * min(int(parts[0][1:]), 2) : 2]]
    return " ".join(words)[:_LONGEST]


def _mongo(data: bytes) -> str | None:
    if data[12:16] != _MONGO_OPCODE:
        return None
    # header 16, flags 4, section kind 1, document length 4, element type 1, then the command's name
    name, _, rest = data[26:].partition(b"\0")
    collection = rest[4:].partition(b"\0")[0] if data[25:26] == b"\x02" else b""
    return f"{name.decode(errors='replace')} {collection.decode(errors='replace')}".strip()[:_LONGEST]


def _sql(data: bytes) -> str | None:
    """PostgreSQL sends a statement's text once and its name from then on; others send the text."""
    found = _SQL.search(data[:4096])
    text = None if found is None else " ".join(found[0].decode(errors="replace").split())[:_LONGEST]
    kind, body = data[:1], data[5:]
    if kind == b"P" and text is not None:  # Parse: name, text
        _statements[body.partition(b"\0")[0]] = text
    elif kind == b"B":  # Bind: portal, name
        return _statements.get(body.partition(b"\0")[2].partition(b"\0")[0])
    return text


def _name(peer: Any) -> str:
    return f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else str(peer or "socket")
