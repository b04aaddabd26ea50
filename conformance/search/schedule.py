"""Schedules: the order in which gates are released, written as a token.

A token names actors in order of release, a repeat count behind each: ``A3BA2`` is A, A, A, B, A, A.
What a token leaves open is decided the simplest way: the actor that ran last goes on while it can,
then the first that can.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

_PART = re.compile(r"([A-H])(\d*)")
_TOKEN = re.compile(r"(?:[A-H]\d*)*")


def encode(actors: Iterable[str]) -> str:
    """``["A", "A", "B"]`` -> ``"A2B"``."""
    counted = ((actor, sum(1 for _ in group)) for actor, group in groupby(actors))
    return "".join(actor if count == 1 else f"{actor}{count}" for actor, count in counted)


def decode(token: str) -> list[str]:
    """``"A2B"`` -> ``["A", "A", "B"]``. ``ValueError`` if it is not a token."""
    if not _TOKEN.fullmatch(token):
        raise ValueError(
            f"not a schedule: {token!r} (actors A-H, each with an optional count, such as A3BA2)"
        )
    return [actor for actor, count in _PART.findall(token) for _ in range(int(count or 1))]


def switches(token: str) -> int:
    """How often control passes from one actor to another: the size of a schedule."""
    return max(0, len(_PART.findall(token)) - 1)
