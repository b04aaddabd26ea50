"""Names for ids, ranks for moments, and hashable forms of values: the same in every schedule."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Any

from conformance.spec.vocabulary import Event

#: Gives the name of an id, such as ``step1``; ``""`` for none.
Name = Callable[[str | None], str]
#: Gives the hashable form of a value.
Freeze = Callable[[Any], Hashable]

#: Ids of things that have no name here, such as events: a ULID, or a number of a world in memory.
_NAMELESS = re.compile(r"\b([a-z]+)_(?:[0-9A-HJKMNP-TV-Z]{26}|\d{8})\b")
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")


class Names:
    """Stable names for ids: the first step seen is ``step1``, the second ``step2``."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.times: dict[str, int] = {}
        # In process an event and the entity it moved hold one value; it lives as long as its history.
        self.frozen: dict[int, Hashable] = {}

    def freeze(self, value: Any) -> Hashable:
        """:func:`freeze`, once for each value."""
        if value is None or isinstance(value, str):
            return value
        key = id(value)
        frozen = self.frozen.get(key)
        if frozen is None:
            frozen = self.frozen[key] = freeze(value)
        return frozen

    def copy(self) -> Names:
        other = Names()
        other.names, other.counts, other.times = self.names.copy(), self.counts.copy(), self.times.copy()
        return other

    def of(self, identifier: str | None) -> str:
        if identifier is None:
            return ""
        name = self.names.get(identifier)
        if name is None:
            prefix = identifier.partition("_")[0]
            prefix = {"wrun": "run"}.get(prefix, prefix)
            number = self.counts[prefix] = self.counts.get(prefix, 0) + 1
            name = self.names[identifier] = f"{prefix}{number}"
        return name

    def rank(self, moment: Any) -> int:
        """The rank of a moment among the distinct ones seen, -1 for none."""
        if moment is None:
            return -1
        return self.times.setdefault(str(moment), len(self.times))

    def scrub(self, text: str) -> str:
        """A log text with ids replaced by names, those of events by their kind, and without moments."""
        if not text:
            return text
        for identifier, name in self.names.items():
            if identifier in text:
                text = text.replace(identifier, name)
        return _MOMENT.sub("then", _NAMELESS.sub(r"\1", text))


def freeze(value: Any) -> Hashable:
    """A hashable form of a JSON value, in which nothing and null are the same (and 1 and true are not)."""
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, int | float):
        return ("number", value)
    if isinstance(value, dict):
        return ("object", *[(key, freeze(value[key])) for key in sorted(value)])
    if isinstance(value, list | tuple):
        return ("array", *[freeze(item) for item in value])
    return ("other", str(value))


def event_in_words(event: Event, name: Name) -> str:
    """An event by its type and by what it is about: ``step_created step1``."""
    return f"{event['eventType']} {name(event.get('correlationId'))}".rstrip()
