"""How much of a place of the map is tried, by budget: two actors to the depth that a pass takes."""

from __future__ import annotations

from conformance.core.scenario import Case
from conformance.search.budget import BudgetName, Limits

#: Schedules of one place at most, at budget ``default``; a tree of two operations is far smaller.
_MOST = 2_000


def limits(budget: BudgetName, *, speed: int, seconds: float | None = None, crowd: bool = True) -> Limits:
    """The limits for a place. ``speed`` and ``seconds`` as for :meth:`Budget.limits`. ``crowd``: three actors
    make sense, where the budget has them.

    Nothing is generated and nothing runs free: the map has a place for what they would vary.
    """
    if budget == "quick":
        return Limits((Case(),), searched=8, generated=0, free=0, replays=5, seconds=seconds)
    if budget == "default":
        return Limits(
            (Case(),), searched=1, generated=0, free=0, reach="pass", most=_MOST * speed, seconds=seconds
        )
    return Limits(
        (Case(), Case(actors=3)) if crowd else (Case(),),
        searched=1,
        generated=0,
        free=0,
        reach="deep",
        reach_crowd="pass",
        most=10 * _MOST * speed,
        seconds=seconds,
    )
