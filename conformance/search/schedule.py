"""Schedules: the order in which gates are released, written as a token.

A token names actors in order of release, a repeat count behind each: ``aA3bB4A2`` is: A begins, three
operations of A, B begins, four of B, two of A. A letter from ``a`` to ``h`` is where an actor begins or takes
a message, one from ``i`` to ``p`` is where A to H queues one (:mod:`conformance.core.starts`).
Where every actor begins at once, before anything else, the starts are left out: ``A3B4A2`` is ``abA3B4A2``.
Where every message is queued as soon as it can be, that is left out, too.
What a token leaves open is decided the simplest way: the actor that ran last goes on while it can,
then the first that can.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from conformance.core.gates import Gate
from conformance.core.starts import Send, Start
from conformance.drivers.driver import ACTORS

#: A token may come from anybody: so many releases are far more than any schedule has.
MOST: Final = 10_000
#: so much of a token is repeated in an error
_SHOWN: Final = 60

if TYPE_CHECKING:
    from conformance.search.strategy import Step

#: Where actors A to H begin or take a message, and where they queue one.
STARTS: Final = "abcdefgh"
SENDS: Final = "ijklmnop"
_PART = re.compile(r"([A-Ha-p])(\d*)")
_TOKEN = re.compile(r"(?:[A-Ha-p]\d*)*")


def token(steps: Sequence[Step]) -> str:
    """The token of a schedule that was played."""
    letters: list[str] = []
    queued = begun = True
    for held, chosen in steps:
        sending = [name for name, gate in held if isinstance(gate, Send)]
        queued = queued and chosen == (sending or [chosen])[0]
        letters.append(letter(chosen, next(gate for name, gate in held if name == chosen)))
    for held, chosen in steps:
        gates = [gate for _, gate in held]
        if not queued or not any(isinstance(gate, Send) for gate in gates):
            starting = [name for name, gate in held if begins(gate)]
            begun = begun and chosen == (starting or [chosen])[0]
    return encode(
        each for each in letters if not (begun and each in STARTS) and not (queued and each in SENDS)
    )


def begins(gate: Gate | None) -> bool:
    """Whether a program begins here, or takes its next message."""
    return isinstance(gate, Start) and not isinstance(gate, Send)


def letter(name: str, gate: Gate | None) -> str:
    """How a token says that this actor is released at this gate."""
    at = ACTORS.index(name)
    return SENDS[at] if isinstance(gate, Send) else STARTS[at] if isinstance(gate, Start) else name


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
            f"not a schedule: {shown!r} (actors A-H, a-h where one begins, i-p where one queues a message, "
            "each with an optional count, such as A3BA2)"
        )
    return [letter for letter, count in _PART.findall(token) for _ in range(int(count or 1))]
