"""What a line of the transition table is made of."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from conformance.spec.vocabulary import Answer

#: A line of the spec: that of the packages 4.x, or that of 5.x.
Line = Literal[4, 5]
LINES: Final[tuple[Line, ...]] = (4, 5)


class Outcome(NamedTuple):
    """An answer, the state it leads to (None: unchanged), and whether it appends to the log.

    ``inert``: the entity stays as it is, and the log may hold the event once more, for every replay passes
    over it.
    """

    answer: Answer
    to: str | None = None
    logs: bool = False
    inert: bool = False


class Row(NamedTuple):
    """One line of the table. ``run`` and ``entity`` name the states it is for (empty: any).

    ``when`` is a further condition: ``token-held`` (by another hook), ``retry-later`` (retryAfter is
    in the future), ``creates`` (a start that brings what is needed to create its step or run), ``resumed``
    (the resumption is known, for this hook) and ``resumed-elsewhere`` (for another one). ``rule`` is the rule
    that a different answer breaks. ``lines`` are the lines of the spec that have this row, ``source`` is who
    says so.
    """

    event: str
    run: tuple[str, ...]
    entity: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    rule: str
    when: str = ""
    lines: tuple[Line, ...] = LINES
    source: str = ""
