"""Schedules: the order in which gates are released, written as a token.

A token names actors in order of release, a repeat count behind each: ``aA3bB4A2`` is: A begins, three
operations of A, B begins, four of B, two of A. A lower-case letter is a
:class:`~conformance.core.starts.Start`.
Where every actor begins at once, before anything else, the starts are left out: ``A3B4A2`` is ``abA3B4A2``.
What a token leaves open is decided the simplest way: the actor that ran last goes on while it can,
then the first that can.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from conformance.core.starts import Start

#: A token may come from anybody: so many releases are far more than any schedule has.
MOST: Final = 10_000
#: so much of a token is repeated in an error
_SHOWN: Final = 60

if TYPE_CHECKING:
    from conformance.search.strategy import Step

_PART = re.compile(r"([A-Ha-h])(\d*)")
_TOKEN = re.compile(r"(?:[A-Ha-h]\d*)*")


def token(steps: Sequence[Step]) -> str:
    """The token of a schedule that was played."""
    letters: list[str] = []
    at_once = True
    for held, chosen in steps:
        starting = [name for name, gate in held if isinstance(gate, Start)]
        letters.append(chosen.lower() if chosen in starting else chosen)
        at_once = at_once and chosen == (starting or [chosen])[0]
    return encode(letter for letter in letters if not at_once or letter.isupper())


def encode(letters: Iterable[str]) -> str:
    """``["A", "A", "B"]`` -> ``"A2B"``."""
    counted = ((letter, sum(1 for _ in group)) for letter, group in groupby(letters))
    return "".join(letter if count == 1 else f"{letter}{count}" for letter, count in counted)


def decode(token: str) -> list[str]:
    """``"A2B"`` -> ``["A", "A", "B"]``. ``ValueError`` if it is not a token, or longer than :data:`MOST`."""
    shown = token if len(token) <= _SHOWN else f"{token[:_SHOWN]}…"
    if len(token) > 2 * MOST or sum(int(count[:9] or 1) for _, count in _PART.findall(token)) > MOST:
        raise ValueError(f"too long a schedule: {shown!r} (at most {MOST:,} releases)")
    if not _TOKEN.fullmatch(token):
        raise ValueError(
            f"not a schedule: {shown!r} (actors A-H, or a-h where one begins, each with an optional count, "
            "such as A3BA2)"
        )
    return [letter for letter, count in _PART.findall(token) for _ in range(int(count or 1))]
