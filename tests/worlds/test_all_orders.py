"""All orders are all orders: on the published Redis World every class is played, as by brute force."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.core.gates import Gate, Operation, operation_of
from conformance.core.scenario import Case
from conformance.core.scenarios import by_id
from conformance.drivers.identity import Names
from conformance.levels.prefix import Prefixes
from conformance.oracle.observed import Observed
from conformance.provision.open import OpenWorld
from conformance.search.play import play
from conformance.search.relations import Trace
from conformance.search.strategies import Chooser, Search, Step
from conformance.search.strategies.known import Phase, follow
from conformance.search.strategies.source_sets import SourceSets
from conformance.search.strategy import Step


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


def outcomes(driver: OpenWorld, name: str, actors: int, phase: Phase | Search) -> set[Observed]:
    """What every schedule of a phase comes to."""
    [variant] = [one for one in by_id("step_completed").at("storage") if one.name == name]
    prefixes = Prefixes(driver.driver)
    found = set()
    for number, choose in enumerate(phase.choosers()):
        played = play(prefixes, variant, Case(actors=actors), choose, number)
        phase.played(played.steps)
        found.add(played.observe("storage"))
    return found


@pytest.mark.parametrize("name", ["complete-complete", "complete-retry"])
def test_two_actors(redis_driver: OpenWorld, name: str) -> None:
    everything, search = BruteForce(merge=False), SourceSets()
    wanted = outcomes(redis_driver, name, 2, everything)
    assert outcomes(redis_driver, name, 2, search) == wanted
    assert search.finished
    assert search.known.coverage.classes == everything.known.coverage.classes
    assert len(wanted) > 2


@pytest.mark.slow
def test_three_actors(redis_driver: OpenWorld) -> None:
    everything, search = BruteForce(merge=True), SourceSets()
    wanted = outcomes(redis_driver, "complete-complete", 3, everything)
    assert outcomes(redis_driver, "complete-complete", 3, search) == wanted
    assert search.finished
    assert search.known.coverage.classes == everything.known.coverage.classes


class _Counted(SourceSets):
    """It counts its schedules."""

    schedules = 0

    def played(self, steps: list[Step]) -> None:
        self.schedules += 1
        super().played(steps)


def test_ids_as_they_are_lose_orders(redis_driver: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without names nothing of one schedule seems to depend on anything of another: too much is asleep."""
    named = SourceSets()
    outcomes(redis_driver, "complete-complete", 2, named)
    classes = len(named.known.coverage.classes)

    def raw(_: Names, actor: str, gate: Gate) -> Operation:
        return Operation(actor, gate.label, 0, gate.access, frozenset(gate.keys))

    monkeypatch.setattr(Names, "operation", raw)
    played: list[object] = []
    search = SourceSets()
    monkeypatch.setattr(
        search, "played", lambda steps: (played.append(steps), SourceSets.played(search, steps))
    )
    outcomes(redis_driver, "complete-complete", 2, search)
    assert search.finished
    assert len(played) < classes  # each schedule is of one class, so some were never played
