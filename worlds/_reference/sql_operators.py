"""Operators over the statements of the SQL reference worlds: what a statement loses, part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from . import sql
from .mutants import Mutant
from .operators import EVENTS, generic, made

_KEY: Final = re.compile(r"^\w+ = :(run|id)$")
_WHERE: Final = re.compile(r" WHERE (.*?)(?= ON CONFLICT| RETURNING|$)")
_SET: Final = re.compile(r" SET (.*?)(?= WHERE)")
_NOTHING: Final = " ON CONFLICT DO NOTHING"
#: Keys of the tables: what they are, and what each becomes.
_KEYS: Final = {
    "key-dropped:runs": ("run_id text PRIMARY KEY", "run_id text"),
    "key-dropped:steps": (",\n  PRIMARY KEY (run_id, step_id)", ""),
    "key-dropped:waits": (", PRIMARY KEY (run_id, wait_id)", ""),
    "key-dropped:hooks": (", PRIMARY KEY (run_id, hook_id)", ""),
    "key-dropped:tokens": ("UNIQUE INDEX IF NOT EXISTS hooks_live_token", "INDEX IF NOT EXISTS hooks_token"),
    "key-narrowed:steps": ("PRIMARY KEY (run_id, step_id)", "PRIMARY KEY (step_id)"),
    "key-narrowed:waits": ("PRIMARY KEY (run_id, wait_id)", "PRIMARY KEY (wait_id)"),
    "key-narrowed:hooks": ("PRIMARY KEY (run_id, hook_id)", "PRIMARY KEY (hook_id)"),
    "key-widened:tokens": ("hooks_live_token ON hooks (token)", "hooks_live_token ON hooks (run_id, token)"),
}


def made_ones() -> Iterator[Mutant]:
    """All mutants by machine of a SQL reference world."""
    yield from generic()
    for name, (old, new) in _KEYS.items():
        operator, _, place = name.partition(":")
        yield made(operator, place, f"the schema has {_short(new) or 'nothing'} for {_short(old)}")
    for kind in EVENTS:
        for operator, place, part, _ in _losses(kind):
            yield made(operator, place, f"{kind} is taken without {part}", kind)


def without(broken: Mutant, kind: str, statement: str) -> str:
    """The statement of an event, without the part that a mutant lacks."""
    for operator, place, _, text in _losses(kind) if kind in EVENTS else ():
        if broken.does(operator, place):
            return text
    return statement


def schema_of(broken: Mutant, schema: str) -> str:
    """The schema with the key that a mutant has changed."""
    old, new = _KEYS.get(broken.name, ("", ""))
    assert not old or old in schema, f"the schema has changed: {old}"
    return schema.replace(old, new) if old else schema


def _losses(kind: str) -> Iterator[tuple[str, str, str, str]]:
    """``(operator, place, what is lost, the statement without it)`` for every part of a statement."""
    text = sql.MOVES[kind]
    where = _WHERE.search(text.replace("FROM runs r WHERE r.run_id", "FROM runs r@WHERE r.run_id"))
    if where is not None:
        parts = _split(where[1].replace("@", " "), " AND ")
        for at, part in enumerate(parts):
            rest = parts[:at] + parts[at + 1 :]
            lost = text.replace(" AND ".join(parts), " AND ".join(rest) or "true")
            operator = "key-narrowed" if _KEY.match(part) else "guard-part"
            yield operator, f"{kind}.{at + 1}", part, lost
    if _NOTHING in text:
        yield "guard-part", f"{kind}.conflict", "its ON CONFLICT", text.replace(_NOTHING, "")
    assigned = _SET.search(text)
    if assigned is not None:
        parts = _split(assigned[1], ", ")
        for at, part in enumerate(parts):
            rest = parts[:at] + parts[at + 1 :]
            yield "write-dropped", f"{kind}.{at + 1}", part, text.replace(", ".join(parts), ", ".join(rest))


def _split(text: str, mark: str) -> list[str]:
    """The parts between marks that are in no parentheses."""
    parts, depth, last = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth and text.startswith(mark, at) and at >= last:
            parts.append(text[last:at])
            last = at + len(mark)
    return [*parts, text[last:]]


def _short(text: str) -> str:
    return " ".join(text.strip(", \n").split())
