"""Broken variants of the memory world and of the handlers: the proof that the suite bites.

``pytest --world=memory --world-option mutant=NAME`` judges one of them. ``docs/mutants.md`` lists them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from conformance.core.errors import ConformanceError
from conformance.memory.mutants import (
    answers,
    half_done,
    handlers,
    hooks,
    log,
    missing,
    runs,
    slots,
    steps,
    waits,
    whole,
)
from conformance.memory.mutants.mutant import Caught, Mutant

__all__ = ["MUTANTS", "Caught", "Mutant", "asked_for", "find_mutant"]

_PARTS: Final = (whole, runs, steps, waits, hooks, missing, log, slots, answers, half_done, handlers)
MUTANTS: Final[dict[str, Mutant]] = {mutant.name: mutant for part in _PARTS for mutant in part.MUTANTS}


def find_mutant(name: str) -> Mutant:
    """The mutant of that name. Raises :class:`ConformanceError` when there is none."""
    plain = name.lower().replace("_", "-")
    if plain in MUTANTS:
        return MUTANTS[plain]
    if ":" in plain:
        from conformance.memory.mutants.operators import operators  # noqa: PLC0415 - hundreds, seldom asked for

        made = {mutant.name: mutant for mutant in operators()}
        if plain in made:
            return made[plain]
    close = get_close_matches(plain, MUTANTS, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(close)}?" if close else "docs/mutants.md lists them all."
    raise ConformanceError(f"The memory world has no mutant {name!r}.", hint)


def asked_for(options: Mapping[str, object]) -> Mutant | None:
    """The mutant that a target's options name, if they do. Raises :class:`ConformanceError`."""
    for key in options:
        if key != "mutant":
            raise ConformanceError(
                f"The memory world has no option {key!r}.", "It has one: --world-option mutant=NAME."
            )
    return find_mutant(str(options["mutant"])) if "mutant" in options else None
