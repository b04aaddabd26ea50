"""Values as the real runtime stores them: ``devl`` and the JSON of ``devalue``, as bytes.

Arguments, results, payloads and outputs go through the world in this form, in 5.x errors too. The engine
reads them back when they pass, so that checks, replays and reports see at every level the same plain values.
What cannot be read is left as it is: a world that damaged it must show. Events that the suite makes by itself
are put into that form: a world may store bytes alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from conformance.spec.lines import BYTES_SINCE, line_of, stamp
from conformance.spec.rows import Line
from conformance.spec.vocabulary import Event

_PREFIX: Final = b"devl"
#: devalue's numbers for values that JSON lacks; the workflows here use only the first.
_SPECIAL: Final[dict[int, Any]] = {
    -1: None,
    -2: None,
    -3: float("nan"),
    -4: float("inf"),
    -5: float("-inf"),
    -6: -0.0,
}

#: What of an event the runtime stores in its own form, in each line of the spec.
_FIELDS: Final[dict[Line, frozenset[str]]] = {
    4: frozenset({"input", "output", "result", "payload", "metadata"}),
    5: frozenset({"input", "output", "result", "payload", "metadata", "error"}),
}


_written: Final = json.JSONEncoder(separators=(",", ":")).encode

#: Kinds of values that are stored as they are: most of an answer.
_AS_IS: Final = frozenset({str, int, float, bool, type(None), datetime})


#: The same few values are stored in every schedule: text of a value -> its stored form.
_stored: Final[dict[str, bytes]] = {}
_MOST: Final = 256
_LONGEST: Final = 1000


class _UnreadableError(Exception):
    """Not devalue, or a kind of value that the workflows here never store."""


def plain(value: Any) -> Any:
    """``value`` (of any shape) with every stored value in it read back."""
    if isinstance(value, dict):
        if value.get("eventType") == "hook_received":
            value = _received(value)
        return {key: item if type(item) in _AS_IS else plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [item if type(item) in _AS_IS else plain(item) for item in value]
    if isinstance(value, bytes) and value.startswith(_PREFIX):
        try:
            return _read(_parsed(value))
        except (_UnreadableError, ValueError, IndexError, TypeError, RecursionError):
            return value
    return value


def _received(event: dict[str, Any]) -> dict[str, Any]:
    """The event of a payload. Where a World does not say the ``specVersion`` of a hook, the runtime takes it
    for one of version 1 (``isLegacySpecVersion`` in its ``resume-hook.js``) and writes devalue's list with no
    bytes around it; ``hydrateStepReturnValue`` in its ``serialization.js`` reads both forms."""
    data = event.get("eventData")
    payload = data.get("payload") if isinstance(data, dict) else None
    if not isinstance(payload, list) or not payload or stamp(event.get("specVersion")) < BYTES_SINCE:
        return event
    try:
        return {**event, "eventData": {**event["eventData"], "payload": _read(payload)}}
    except (_UnreadableError, ValueError, IndexError, TypeError, RecursionError):
        return event


@lru_cache(maxsize=256)
def _parsed(value: bytes) -> Any:
    """What stands behind the prefix. The same few values pass again and again."""
    return json.loads(value[len(_PREFIX) :])


def as_stored(event: Event, write: Callable[[Any], Any] | None = None) -> Event:
    """An event of the suite's own with its values in the form that the runtime gives them in the line of its
    ``specVersion``; before version 2 they are plain. ``write`` puts a value into that form."""
    data = event.get("eventData")
    version = stamp(event.get("specVersion"))
    if not data or version < BYTES_SINCE:
        return event
    fields = _FIELDS[line_of(version)]
    put = write or stored
    return {**event, "eventData": {key: put(item) if key in fields else item for key, item in data.items()}}


def stored(value: Any) -> bytes:
    """A JSON value in the runtime's form. Bytes are in that form already."""
    if isinstance(value, bytes):
        return value
    text = repr(value)  # of JSON values it is the same for equal values of equal kinds only
    known = _stored.get(text)
    if known is None:
        flat: list[Any] = []
        _flatten(value, flat)
        known = _PREFIX + _written(flat).encode()
        if len(_stored) == _MOST:
            _stored.clear()
        if len(text) <= _LONGEST:
            _stored[text] = known
    return known


def _flatten(value: Any, flat: list[Any]) -> int:
    place = len(flat)
    flat.append(value)
    if isinstance(value, dict):
        flat[place] = {key: _flatten(item, flat) for key, item in value.items()}
    elif isinstance(value, list | tuple):
        flat[place] = [_flatten(item, flat) for item in value]
    return place


def _read(flat: Any) -> Any:
    """devalue's flat list: its first entry is the value, numbers inside containers are places in the list."""
    if isinstance(flat, int):
        return _special(flat)
    return _at(flat, 0)


def _at(flat: list[Any], place: int) -> Any:
    if place < 0:
        return _special(place)
    item = flat[place]
    if isinstance(item, list):
        if item and isinstance(item[0], str):
            raise _UnreadableError
        return [_at(flat, each) for each in item]
    if isinstance(item, dict):
        # A property that is undefined is not a property to JSON.
        return {key: _at(flat, each) for key, each in item.items() if each != -1}
    return item


def _special(number: int) -> Any:
    if number not in _SPECIAL:
        raise _UnreadableError
    return _SPECIAL[number]
