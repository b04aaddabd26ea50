"""In which order places are tried, so that the time that there is shows the most.

A kind of place is a kind of fault at an operation of one label, within one call of the World. One of each
comes first, then the second of each, and so on: those that nothing like them was tried of. Among these the
kinds of faults take turns.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from conformance.core.faults import Fault, FaultKind
from conformance.search.fault_places import Places

#: How many turns a kind of fault has for one of the others. A process that is killed leaves what the World
#: had half done: every place of it may show something else.
_TURNS: Final[dict[FaultKind, int]] = {"kill": 4, "cut": 2, "lose": 2}


class Planned(NamedTuple):
    """A fault to be tried, in the schedule of that number."""

    order: int
    fault: Fault


def by_novelty(schedules: Sequence[Places]) -> list[Planned]:
    """All places of schedules in which nothing went wrong."""
    seen: Counter[tuple[FaultKind, str]] = Counter()
    rounds: defaultdict[int, defaultdict[FaultKind, list[Planned]]] = defaultdict(lambda: defaultdict(list))
    for order, places in enumerate(schedules):
        for kind, found in places.items():
            for place, site in found.items():
                rounds[seen[kind, site]][kind].append(Planned(order, Fault(kind, place)))
                seen[kind, site] += 1
    return [planned for nth in sorted(rounds) for planned in _in_turns(rounds[nth])]


def _in_turns(kinds: dict[FaultKind, list[Planned]]) -> list[Planned]:
    """Those of all kinds, in turns; of each kind first such as are far apart."""
    turns = [
        ((number + 1) / _TURNS.get(kind, 1), nth, planned)
        for nth, (kind, found) in enumerate(kinds.items())
        for number, planned in enumerate(_apart(found))
    ]
    return [planned for _, _, planned in sorted(turns)]


def _apart(found: list[Planned]) -> list[Planned]:
    """However many of them are taken from the beginning, these lie about evenly over all."""
    digits = len(found).bit_length()
    return [found[at] for at in sorted(range(len(found)), key=lambda at: f"{at:0{digits}b}"[::-1])]
