"""Schedules: the order in which gates are released, written as a token.

A token names lanes in order of release, a repeat count behind each: ``A3BA2`` is A, A, A, B, A, A.
What a token leaves open is decided the simplest way: the lane that ran last goes on while it can,
then the first that can.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

_PART = re.compile(r"([A-H])(\d*)")
_TOKEN = re.compile(r"(?:[A-H]\d*)*")


def encode(lanes: Iterable[str]) -> str:
    """``["A", "A", "B"]`` -> ``"A2B"``."""
    counted = ((lane, sum(1 for _ in group)) for lane, group in groupby(lanes))
    return "".join(lane if count == 1 else f"{lane}{count}" for lane, count in counted)


def decode(token: str) -> list[str]:
    """``"A2B"`` -> ``["A", "A", "B"]``. ``ValueError`` if it is not a token."""
    if not _TOKEN.fullmatch(token):
        raise ValueError(f"not a schedule: {token!r} (lanes A-H, each with an optional count, such as A3BA2)")
    return [lane for lane, count in _PART.findall(token) for _ in range(int(count or 1))]


def switches(token: str) -> int:
    """How often control passes from one lane to another: the size of a schedule."""
    return max(0, len(_PART.findall(token)) - 1)
