"""Mutants with which nothing is wrong, and why: a line each, argued by what the runtime does."""

from __future__ import annotations

import re
from typing import Final

from conformance.cli._score import Score

_ANY_REFUSAL: Final = "The table accepts any of these refusals, for the handlers take them all as one."

#: A world, where it is so in one only; a pattern that fits names of mutants; why nothing is wrong with them.
_EQUIVALENT: Final[tuple[tuple[str, str, str], ...]] = (
    ("", r"not-found:hook-(disposed|received)", _ANY_REFUSAL),
    ("", r"gone:(hook-(disposed|received)|run-(cancelled|completed|failed))", _ANY_REFUSAL),
    ("", r"only-logged:hook-received", "A payload moves no entity: there is nothing but the event."),
)


def why_equivalent(one: Score) -> str:
    """Why nothing is wrong with a mutant; nothing when there is no such line."""
    for world, pattern, why in _EQUIVALENT:
        if world in ("", one.world) and re.fullmatch(pattern, one.mutant):
            return why
    return ""
