"""Schedules: the order in which gates are released, written as a token.

A token names actors in order of release, a repeat count behind each: ``A3BA2`` is A, A, A, B, A, A.
What a token leaves open is decided the simplest way: the actor that ran last goes on while it can,
then the first that can.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Final

#: A token may come from anybody: so many releases are far more than any schedule has.
MOST: Final = 10_000
#: so much of a token is repeated in an error
_SHOWN: Final = 60

_PART = re.compile(r"([A-H])(\d*)")
_TOKEN = re.compile(r"(?:[A-H]\d*)*")


def encode(actors: Iterable[str]) -> str:
    """``["A", "A", "B"]`` -> ``"A2B"``."""
    counted = ((actor, sum(1 for _ in group)) for actor, group in groupby(actors))
    return "".join(actor if count == 1 else f"{actor}{count}" for actor, count in counted)


def decode(token: str) -> list[str]:
    """``"A2B"`` -> ``["A", "A", "B"]``. ``ValueError`` if it is not a token, or longer than :data:`MOST`."""
    shown = token if len(token) <= _SHOWN else f"{token[:_SHOWN]}…"
    if len(token) > 2 * MOST or sum(int(count[:9] or 1) for _, count in _PART.findall(token)) > MOST:
        raise ValueError(f"too long a schedule: {shown!r} (at most {MOST:,} releases)")
    if not _TOKEN.fullmatch(token):
        raise ValueError(
            f"not a schedule: {shown!r} (actors A-H, each with an optional count, such as A3BA2)"
        )
    return [actor for actor, count in _PART.findall(token) for _ in range(int(count or 1))]


def switches(token: str) -> int:
    """How often control passes from one actor to another: the size of a schedule."""
    return max(0, len(_PART.findall(token)) - 1)
