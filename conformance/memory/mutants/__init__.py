"""Broken variants of the memory world and of the handlers: the proof that the suite bites.

``pytest --world=memory --world-option mutant=NAME`` judges one of them. ``docs/mutants.md`` lists them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final

from conformance.core.errors import ConformanceError
from conformance.memory.mutants import (
    answers,
    expiry,
    half_done,
    handlers,
    hooks,
    line_5,
    live_readers,
    log,
    missing,
    moments,
    reads,
    retention,
    runs,
    slots,
    steps,
    streams,
    waits,
    whole,
)
from conformance.memory.mutants.mutant import Caught, Mutant
from conformance.memory.numbered import NumberedWorld
from conformance.memory.world import MemoryWorld
from conformance.spec.lines import SLOTS_SINCE

__all__ = ["MUTANTS", "Caught", "Mutant", "asked_for", "find_mutant", "world_of"]

_PARTS: Final = (
    whole,
    runs,
    steps,
    waits,
    hooks,
    missing,
    retention,
    expiry,
    log,
    reads,
    moments,
    slots,
    line_5,
    answers,
    half_done,
    streams,
    live_readers,
    handlers,
)
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
        if key not in ("mutant", "spec"):
            hint = f"It has two: --world-option mutant=NAME, and spec={SLOTS_SINCE} for a World of line 5.x."
            raise ConformanceError(f"The memory world has no option {key!r}.", hint)
    if str(options.get("spec", SLOTS_SINCE)) != str(SLOTS_SINCE):
        raise ConformanceError(
            f"The memory world has no spec version {options['spec']}.",
            f"It has {SLOTS_SINCE}, and without the option that of line 4.x.",
        )
    if "mutant" in options and "spec" in options:
        raise ConformanceError("A mutant has its spec version.", "Give one of the options mutant and spec.")
    return find_mutant(str(options["mutant"])) if "mutant" in options else None


def world_of(options: Mapping[str, object]) -> Callable[[], MemoryWorld]:
    """What makes the world that a target's options name. Raises :class:`ConformanceError`."""
    mutant = asked_for(options)
    if mutant is not None:
        return mutant.world
    return NumberedWorld if "spec" in options else MemoryWorld
