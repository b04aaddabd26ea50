"""Schedules: the order in which gates are released, written as a token.

A token names actors in order of release, a repeat count behind each: ``aA3bB4A2`` is: A begins, three
operations of A, B begins, four of B, two of A. A letter from ``a`` to ``h`` is where an actor begins or takes
a message, one from ``i`` to ``p`` is where A to H queues one (:mod:`conformance.core.starts`), and one from
``q`` to ``x`` is where A to H goes on with what its operation before began (:attr:`Gate.rest`).
Where every actor begins at once, before anything else, the starts are left out: ``A3B4A2`` is ``abA3B4A2``.
Where every message is queued as soon as it can be, that is left out, too, and so is the rest of an operation
where it comes at once.
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

#: Where actors A to H begin or take a message, where they queue one, and where they go on with what they
#: began.
STARTS: Final = "abcdefgh"
SENDS: Final = "ijklmnop"
RESTS: Final = "qrstuvwx"
#: What a token leaves out where it happens as soon as it can, whoever else could go on; in this order.
AT_ONCE: Final = (SENDS, RESTS, STARTS)
_PART = re.compile(r"([A-Ha-x])(\d*)")
_TOKEN = re.compile(r"(?:[A-Ha-x]\d*)*")


def token(steps: Sequence[Step]) -> str:
    """The token of a schedule that was played."""
    letters = [letter(chosen, next(gate for name, gate in held if name == chosen)) for held, chosen in steps]
    left_out: list[str] = []
    for kind in AT_ONCE:
        if _at_once(steps, kind, left_out):
            left_out.append(kind)
    return encode(each for each in letters if not any(each in kind for kind in left_out))


def _at_once(steps: Sequence[Step], kind: str, earlier: Sequence[str]) -> bool:
    """Whether everything of a kind happened as soon as it could, what is of the kinds ``earlier`` apart."""
    for held, chosen in steps:
        letters = {name: letter(name, gate) for name, gate in held}
        if any(each in other for each in letters.values() for other in earlier):
            continue
        due = next((name for name, each in letters.items() if each in kind), chosen)
        if chosen != due:
            return False
    return True


def letter(name: str, gate: Gate | None) -> str:
    """How a token says that this actor is released at this gate."""
    at = ACTORS.index(name)
    if isinstance(gate, Send):
        return SENDS[at]
    if isinstance(gate, Start):
        return STARTS[at]
    return RESTS[at] if gate is not None and gate.rest else name


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
            "q-x where one goes on with what it began, each with an optional count, such as A3BA2)"
        )
    return [letter for letter, count in _PART.findall(token) for _ in range(int(count or 1))]
