"""Ids of events that are positions, from spec version 6 on: dense from 1, unique, and in order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from conformance.spec.lines import SLOTS_SINCE
from conformance.spec.vocabulary import Entity, Event

#: A position in its canonical form; ten leading zeros tell it from a ULID.
_SLOT: Final = re.compile(r"evnt_0{10}\d{16}\Z")


def slot(position: int) -> str:
    """The id of the event at a position, from 1."""
    return f"evnt_{position:026d}"


def is_numbered(run: Entity, events: Sequence[Event]) -> bool:
    """Whether the ids of a log have to be positions: its run says so, or one of them is."""
    declared = run.get("specVersion")
    if isinstance(declared, int) and declared >= SLOTS_SINCE:
        return True
    return any(_SLOT.match(event["eventId"]) for event in events)


def misnumbered(run: Entity, events: Sequence[Event]) -> str:
    """What is wrong with the positions of a log, in words; empty when nothing is, or when it has none."""
    if not events or not is_numbered(run, events):
        return ""
    positions = [_position(event) for event in events]
    numbered = [position for position in positions if position is not None]
    if not numbered:
        return "has ids that are not positions"
    if len(numbered) < len(positions):
        return "mixes ids that are positions with others"
    if len(set(numbered)) < len(numbered):
        twice = next(one for one in numbered if numbered.count(one) > 1)
        return f"has position {twice} twice"
    if numbered != sorted(numbered):
        return "lists its events in another order than that of their positions"
    hole = next((want for want, got in enumerate(numbered, 1) if want != got), None)
    return "" if hole is None else f"has no event at position {hole}, and some behind it"


def _position(event: Event) -> int | None:
    identifier: str = event["eventId"]
    return int(identifier.removeprefix("evnt_")) if _SLOT.match(identifier) else None
