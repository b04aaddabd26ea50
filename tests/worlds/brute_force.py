"""Every order of a race on a real driver, and what each comes to."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.core.gates import Operation, operation_of
from conformance.core.scenario import Case, Variant
from conformance.levels.prefix import Prefixes
from conformance.oracle.seen import Observed
from conformance.provision.open import OpenWorld
from conformance.search.play import play
from conformance.search.real_time import spans
from conformance.search.relations import Trace
from conformance.search.strategies import Chooser, Search, Step
from conformance.search.strategies.known import Phase, follow
from tests.search.precedences import derived


class BruteForce(Phase):
    """Every order; with ``merge`` one beginning of each class and of each overlap of calls."""

    def __init__(self, *, merge: bool) -> None:
        super().__init__()
        self.merge = merge
        self._begun: set[tuple[int, tuple[str, ...]]] = set()
        self._steps: list[Step] = []

    def played(self, steps: list[Step]) -> None:
        super().played(steps)
        self._steps = steps

    def choosers(self) -> Iterator[Chooser]:
        waiting = [""]
        while waiting:
            prefix = waiting.pop()
            yield follow(prefix)
            order = self.known.last.order
            for at in range(len(prefix), len(order)):
                for name, gate in self._steps[at].held:
                    if name != order[at] and self._is_new(at, operation_of(gate)):
                        waiting.append(order[:at] + name)

    def _is_new(self, at: int, operation: Operation) -> bool:
        if not self.merge:
            return True
        begun = Trace()
        for event in self.known.last.events[:at]:
            begun.add(event.operation)
        begun.add(operation)
        key = begun.fingerprint, self._overlaps(at, operation)
        if key in self._begun:
            return False
        self._begun.add(key)
        return True

    def _overlaps(self, at: int, operation: Operation) -> tuple[str, ...]:
        """Who had ended when each program began: each makes one call."""
        order = self.known.last.order
        found = []
        for place in [*range(at), at]:
            one = self.known.last.events[place].operation if place < at else operation
            if "@clock" in one.keys:
                ended = sorted({name for name in order[:place] if name not in order[place:]})
                found.append(f"{one.actor} after {ended}")
        return tuple(sorted(found))


def outcomes(
    opened: OpenWorld, variant: Variant, actors: int, phase: Phase | Search, *, derive: bool = False
) -> set[Observed]:
    """What the schedules of a phase come to; with ``derive`` also by the real time of those that they stand
    for."""
    prefixes = Prefixes(opened.driver)
    found = set()
    for number, choose in enumerate(phase.choosers()):
        played = play(prefixes, variant, Case(actors=actors), choose, number)
        phase.played(played.steps)
        seen = played.observe("storage")
        found.add(seen)
        if derive and (trace := phase.fresh) is not None:
            found |= {seen._replace(order=order) for order in derived(trace, spans(played))}
    return found
