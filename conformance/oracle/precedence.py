"""Which of the racing calls come before which: orders as bits, one for each racing call."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.oracle.seen import SeenCall

#: For each racing call, in the order of ``Observed.calls``, those that come before it, as bits.
Before = tuple[int, ...]


def own_order(race: Sequence[SeenCall], *, in_order: bool = False) -> Before:
    """Each actor's calls in their order; ``in_order``: nothing raced, so all calls are in their order."""
    return tuple(
        [
            sum(1 << at for at, other in enumerate(race[:number]) if in_order or other.actor == call.actor)
            for number, call in enumerate(race)
        ]
    )


def ready(before: Before, placed: int) -> list[int]:
    """The calls that may take effect next, once those of ``placed`` have."""
    return [
        number for number in range(len(before)) if not placed >> number & 1 and not before[number] & ~placed
    ]


def respects(order: Sequence[int], before: Before) -> bool:
    """Whether an order of calls, by their numbers, puts none before one that it comes after."""
    placed = 0
    for number in order if before else ():
        if before[number] & ~placed:
            return False
        placed |= 1 << number
    return True
