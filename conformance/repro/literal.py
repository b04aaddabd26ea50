"""Values as JavaScript source, in which ids are looked up: the world mints others in every run."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conformance.drivers.process.wire import iso

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_WIDTH = 100


def text(value: str) -> str:
    """A string literal."""
    if "'" in value or "\\" in value or not value.isprintable():
        return json.dumps(value)
    return f"'{value}'"


def key(name: str) -> str:
    """A property's name in an object literal."""
    return name if _IDENTIFIER.fullmatch(name) else text(name)


@dataclass(frozen=True, slots=True)
class Stored:
    """A value that is sent in the form in which the runtime stores it."""

    value: Any


class Literals:
    """Writes values; ``names`` are the short names of ids: ``{"wrun_01KE…": "run1"}``.

    ``prefix`` is what the keys of the store begin with, of no interest to people.
    """

    def __init__(self, names: Mapping[str, str] | None = None, prefix: str = "") -> None:
        self.names = dict(names or {})
        self._prefix = prefix
        longest = sorted(self.names, key=len, reverse=True)
        self._ids = re.compile("|".join(map(re.escape, longest))) if longest else None

    def write(self, value: Any, indent: int = 0) -> str:
        """``value`` as source; what is too long for a line has a line for each item."""
        if isinstance(value, dict):
            items = [f"{key(str(name))}: {self.write(item, indent + 2)}" for name, item in value.items()]
            return _list("{", items, "}", indent, " ")
        if isinstance(value, list | tuple):
            return _list("[", [self.write(item, indent + 2) for item in value], "]", indent)
        if isinstance(value, str):
            return self._string(value)
        if isinstance(value, Stored):
            return f"asStored({self.write(value.value, indent)})"
        return _scalar(value)

    def named(self, value: str) -> str:
        """``value`` with its ids replaced by their names, for people."""
        short = value.replace(self._prefix, "") if self._prefix else value
        return self._ids.sub(lambda found: self.names[found[0]], short) if self._ids else short

    def _string(self, value: str) -> str:
        if value in self.names:
            return self._lookup(value)
        if self._ids is None or not self._ids.search(value):
            return text(value)
        parts = self._ids.split(value)
        found = self._ids.findall(value)
        made = _template(parts[0])
        for identifier, part in zip(found, parts[1:], strict=True):
            made += f"${{{self._lookup(identifier)}}}{_template(part)}"
        return f"`{made}`"

    def _lookup(self, identifier: str) -> str:
        name = self.names[identifier]
        return f"id.{name}" if _IDENTIFIER.fullmatch(name) else f"id[{text(name)}]"


def _scalar(value: Any) -> str:
    if isinstance(value, bytes):
        return f"Buffer.from('{base64.b64encode(value).decode()}', 'base64')"
    return f"new Date('{iso(value)}')" if isinstance(value, datetime) else json.dumps(value)


def _template(part: str) -> str:
    return json.dumps(part)[1:-1].replace('\\"', '"').replace("`", "\\`").replace("${", "\\${")


def _list(start: str, items: list[str], end: str, indent: int, pad: str = "") -> str:
    if not items:
        return start + end
    line = f"{start}{pad}{', '.join(items)}{pad}{end}"
    if len(line) + indent <= _WIDTH and "\n" not in line:
        return line
    space = " " * (indent + 2)
    return f"{start}\n" + "".join(f"{space}{item},\n" for item in items) + " " * indent + end
