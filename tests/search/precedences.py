"""Which calls of a class can come one after another, for tests."""

from __future__ import annotations

from conformance.search.real_time import Order, Precedences, Span
from conformance.search.relations import Trace


def largest(orders: set[Order]) -> set[Order]:
    """Those that no other one contains: what is right by one of these is right by all."""
    return {one for one in orders if not any(one != other and within(one, other) for other in orders)}


def within(one: Order, other: Order) -> bool:
    return all(some & ~more == 0 for some, more in zip(one, other, strict=True))


def derived(trace: Trace, of: list[Span]) -> dict[Order, str]:
    """The largest precedences of a class, and a schedule for each."""
    asked: list[Order] = []

    def breaks(order: Order) -> bool:
        asked.append(order)
        return True

    found = {}
    for schedule in Precedences(trace, of).breaking(breaks):
        found[asked[-1]] = schedule
    return {order: found[order] for order in largest(set(found))}
