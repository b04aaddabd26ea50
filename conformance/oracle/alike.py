"""In what little two texts differ that a database may take for one."""

from __future__ import annotations

import unicodedata

from conformance.oracle.names import Name


def alike(one: str, other: str) -> str:
    """What differs: case, accents, blanks at the end; empty when it is more, or nothing."""
    if one == other:
        return ""
    differing = []
    if one.rstrip() != one or other.rstrip() != other:
        differing.append("blanks at the end")
        one, other = one.rstrip(), other.rstrip()
    if one != other and one.casefold() != other.casefold():
        differing.append("accents")
        one, other = _bare(one), _bare(other)
    if one != other:
        differing.append("case")
        one, other = one.casefold(), other.casefold()
    return " and ".join(differing) if one == other else ""


def only(one: str, other: str, name: Name) -> str:
    """In words, of two tokens, with where they begin to differ; empty when they differ in more."""
    differing = alike(one, other)
    if not differing:
        return ""
    return (
        f"{name(one)} and {name(other)} differ in {differing} only, from character {_same(one, other) + 1} on"
    )


def _same(one: str, other: str) -> int:
    """How many characters they have in common before they differ."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _bare(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
