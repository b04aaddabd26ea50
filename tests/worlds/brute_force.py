"""Every order of a race on a real driver, and what each comes to."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.core.gates import Operation, operation_of
from conformance.core.scenario import Case, Variant
from conformance.levels.prefix import Prefixes
from conformance.oracle.observed import Observed
from conformance.provision.open import OpenWorld
from conformance.search.play import play
from conformance.search.relations import Trace
from conformance.search.strategies import Chooser, Search, Step
from conformance.search.strategies.known import Phase, follow


class BruteForce(Phase):
    """Every order; with ``merge`` one beginning of each class."""

    def __init__(self, *, merge: bool) -> None:
        super().__init__()
        self.merge = merge
        self._begun: set[int] = set()
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
        begun = Trace(list(self.known.last.actors))
        for event in self.known.last.events[:at]:
            begun.add(event.operation)
        begun.add(operation)
        if begun.fingerprint in self._begun:
            return False
        self._begun.add(begun.fingerprint)
        return True


def outcomes(opened: OpenWorld, variant: Variant, actors: int, phase: Phase | Search) -> set[Observed]:
    """What the schedules of a phase come to."""
    prefixes = Prefixes(opened.driver)
    found = set()
    for number, choose in enumerate(phase.choosers()):
        played = play(prefixes, variant, Case(actors=actors), choose, number)
        phase.played(played.steps)
        found.add(played.observe("storage"))
    return found
