"""Short names for ids, so that lanes and logs can be read: ``step_01KE01DES4APXF4HMH5C4214Q5`` is ``step1``.

The engine gives its own names with the evidence (they are the ones its reasons use). An id it gave no
name is cut to its end. Nothing that is fed back to the engine is touched.
"""

from __future__ import annotations

import re
from typing import Any, Final

_LONG_ID: Final = re.compile(r"\b([a-z]{2,8})_[0-9A-HJKMNP-TV-Z]{22}([0-9A-HJKMNP-TV-Z]{4})\b")
_LISTS: Final = ("lanes", "events", "errors", "logs")
#: Fields that hold no ids, or the id that a reader may want whole.
_KEPT: Final = frozenset({"id", "kind", "where", "lane", "level", "origin", "type"})
_MOST_NAMES: Final = 400


def shorten(evidence: dict[str, Any]) -> None:
    """Replace ids in the lists of an evidence (as builtins) by their names, in place."""
    names: dict[str, str] = evidence.get("names", {})
    chosen = sorted((name for name in names if len(name) > 3), key=len, reverse=True)[:_MOST_NAMES]
    known = re.compile("|".join(re.escape(name) for name in chosen)) if chosen else None

    def text(value: str) -> str:
        if known is not None:
            value = known.sub(lambda match: names[match[0]], value)
        return _LONG_ID.sub(r"\1_…\2", value)

    def walk(data: Any) -> Any:
        if isinstance(data, str):
            return text(data)
        if isinstance(data, dict):
            return {key: walk(value) for key, value in data.items()}
        if isinstance(data, list):
            return [walk(value) for value in data]
        return data

    for name in _LISTS:
        for entry in evidence.get(name, []):
            for key, value in entry.items():
                if key not in _KEPT:
                    entry[key] = walk(value)
