"""What users let workflows carry: JSON values at the edges of their domain.

The runtime stores every input, result, output, payload and metadata as bytes (from spec version 2 on): the
text of the value, or encrypted bytes. A World never sees the value, so what is tried is that bytes come back
as they were. Messages of errors and tokens are handed over as texts.
"""

from __future__ import annotations

import base64
from typing import Any, Final


def _bytes(value: bytes) -> dict[str, str]:
    return {"$bytes": base64.b64encode(value).decode("ascii")}


#: Each a JSON value; ``{"$bytes": …}`` stands for bytes, ``{"$repeat": [one, times]}`` for many of a text or
#: of bytes.
PAYLOADS: Final[tuple[Any, ...]] = (
    "x",
    None,
    False,
    0,
    -0.0,
    "",
    [],
    {},
    2**53 - 1,
    2**53 + 1,
    -(2**63),
    10**30,
    0.1 + 0.2,
    1.2345678901234567e-300,
    "\u00e9\u4e2d\U0001f600 \u2028 $set 'quoted' \"twice\" \\",
    {"$set": {"a.b": 1}, "__proto__": {"polluted": True}, "constructor": None, "": 1},
    [[[[[[[[{"deep": [1, [2, [3]]]}]]]]]]]],
    {"date": "2026-01-01T00:00:00.000Z", "$date": "2026-01-01T00:00:00.000Z"},
    "a\x00b",
    {"$repeat": ["long ", 20_000]},
    _bytes(bytes(range(256))),
    _bytes(b""),
    _bytes(b"encr\x00\xff\xfe"),
    {"$repeat": [_bytes(b"\xff"), 70_000]},
)
