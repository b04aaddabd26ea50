"""Schedules in which an hour passes, and schedules that happen within one millisecond."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from conformance.core.faults import Fault
from conformance.core.scenario import Variant
from conformance.search.budget import Limits
from conformance.search.judging import spread
from conformance.search.strategies.known import Known, follow
from conformance.search.strategies.sequential import in_turn
from conformance.search.trials import Trials

#: So many schedules of each kind are part of every pass: where the time is up before, it is shallow.
_ENOUGH: Final = 6


def pass_time(trials: Trials, variant: Variant, limits: Limits, known: Known) -> None:
    """An hour passes while one actor is in the middle of its calls, or after them, and another begins:
    whatever a World holds for some time only, a lease or a mark, is over by then."""
    if not limits.jumps or trials.evidence.inconclusive:
        return
    case = limits.cases[0]
    control = trials.control(variant, case)
    for number, (count, prefix) in enumerate(spread(_switches(known), limits.jumps)):
        if trials.is_late:
            trials.evidence.cut_short |= number < _ENOUGH
            return
        late = replace(case, faults=(Fault("jump", count),))
        played, _ = trials.try_one(variant, late, follow(prefix), control, "control")
        trials.evidence.jumped += bool(played.history.faults)


def stand_still(trials: Trials, variant: Variant, limits: Limits, known: Known) -> None:
    """All happens within one millisecond. Events have the same time then, and ids that begin with the time
    are told apart by what follows it."""
    if not limits.stills or not trials.driver.can_stand_still or known.along("") is None:
        return
    case = limits.cases[0]
    control = trials.control(variant, case)
    within = replace(case, faults=(Fault("still", 0),))
    prefixes = _prefixes(variant, known, limits.stills - 2)
    for number, choose in enumerate((in_turn("AB"), in_turn("BA"), *map(follow, prefixes))):
        if trials.is_late or trials.evidence.inconclusive:
            trials.evidence.cut_short |= number < _ENOUGH
            return
        trials.try_one(variant, within, choose, control, "control")
        trials.evidence.still += 1


def _prefixes(variant: Variant, known: Known, most: int) -> list[str]:
    """What follows on the schedules in which nothing races: such as switch once. Handlers, whose schedules
    take longer, first play the one that had most conflicts."""
    richest = [known.richest] if variant.level != "storage" and most > 0 else []
    return richest + [prefix for _, prefix in spread(_switches(known), most - len(richest))]


def _switches(known: Known) -> list[tuple[int, str]]:
    """Schedules in which one actor waits after some of its operations until the other has ended: how many
    operations these are, and the actors up to there."""
    first = known.along("")
    if first is None:
        return []
    found: list[tuple[int, str]] = []
    for name, other in ("AB", "BA"):
        # Who comes first does more than who is refused. The beginning of a program is released before
        # its operations.
        alone = known.along(name) or first
        counts = range(1, alone.order.count(name))
        found += [(count, name * (count + 1) + other) for count in counts]
    return found
