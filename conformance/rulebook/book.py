"""What is kept of each rule beside its sentence: in words, with the places in the runtime and the fixes."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from conformance.rulebook.drawn import Shown

_HERE: Final = Path(__file__).parent
#: Where a page is, seen from the root of the project.
FOLDER: Final = "docs/rules"
#: The databases that a fix is given for, as headings.
STORES: Final = {"sql": "SQL", "redis": "Redis", "mongodb": "MongoDB", "files": "Files"}


class Place(NamedTuple):
    """A line of ``@workflow/core`` that needs a rule, and what happens there."""

    release: str
    file: str
    line: int
    holds: str
    says: str


class Recipe(NamedTuple):
    """How rules of a kind are kept: in words, and for each store in words with parts of the references.
    ``note`` is about the references."""

    title: str
    says: str
    stores: dict[str, tuple[str, tuple[str, ...]]]
    note: str = ""


class Words(NamedTuple):
    """A rule in words. ``history``, ``shown_by``: where no mutant is played, by hand, and tests."""

    means: str
    why: str
    places: tuple[Place, ...]
    recipes: tuple[Recipe, ...]
    history: str
    shown_by: str


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))


@cache
def places() -> dict[str, Place]:
    """The places in the runtime, by name."""
    return {name: Place(**fields) for name, fields in _read("runtime.toml").items()}


@cache
def recipes() -> dict[str, Recipe]:
    """The fixes, by name."""
    found = {}
    for name, fields in _read("fixes.toml").items():
        stores = {store: (fields[store]["says"], tuple(fields[store].get("code", ()))) for store in STORES}
        found[name] = Recipe(fields["title"], fields["says"], stores, fields.get("note", ""))
    return found


@cache
def words() -> dict[str, Words]:
    """Each rule in words, by its id. Raises ``KeyError`` for a place or a fix that is not there."""
    found = {}
    for file in sorted((_HERE / "texts").glob("*.toml")):
        for rule, fields in _read(f"texts/{file.name}").items():
            found[rule] = Words(
                fields["means"].strip(),
                fields["why"].strip(),
                tuple(places()[name] for name in fields["runtime"]),
                tuple(recipes()[name] for name in fields["fix"]),
                fields.get("history", ""),
                fields.get("shown_by", ""),
            )
    return found


@cache
def shown() -> dict[str, Shown]:
    """The shortest history that breaks a rule, by its id."""
    return {rule: Shown(**fields) for rule, fields in _read("shown.toml").items()}
