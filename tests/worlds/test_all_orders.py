"""All orders are all orders: on the published Redis World every class is played, as by brute force."""

from __future__ import annotations

from collections import defaultdict

import pytest

from conformance.core.gates import Gate, Operation
from conformance.core.scenario import Variant
from conformance.core.scenarios import by_id
from conformance.drivers.identity import Names
from conformance.oracle import Observed
from conformance.provision.open import OpenWorld
from conformance.search.real_time import Order
from conformance.search.strategies import Step
from conformance.search.strategies.source_sets import SourceSets
from tests.search.precedences import largest

from .brute_force import BruteForce, outcomes


def variant(name: str, scenario: str = "step_completed") -> Variant:
    """One of level storage."""
    [found] = [one for one in by_id(scenario).at("storage") if one.name == name]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["complete-complete", "complete-fail", "complete-retry"])
def test_two_actors(redis_driver: OpenWorld, name: str) -> None:
    everything, search = BruteForce(merge=False), SourceSets()
    wanted = outcomes(redis_driver, variant(name), 2, everything)
    assert outcomes(redis_driver, variant(name), 2, search) == wanted
    assert search.finished
    assert search.known.coverage.classes == everything.known.coverage.classes
    assert len(wanted) > 2


@pytest.mark.slow
def test_three_actors(redis_driver: OpenWorld) -> None:
    """One schedule of each class, and what its real time can be: as if every overlap had been played.

    Of waits: a call has fewer operations than one of steps, so all 300 orders take seconds, not minutes.
    """
    race = variant("complete-complete", "wait_completed")
    everything, search = BruteForce(merge=True), SourceSets()
    wanted = outcomes(redis_driver, race, 3, everything)
    found = outcomes(redis_driver, race, 3, search, derive=True)
    assert len(search.known.coverage.classes) > 30
    assert with_order(found) == with_order(wanted)
    assert search.finished
    assert search.known.coverage.classes == everything.known.coverage.classes


def with_order(found: set[Observed]) -> dict[Observed, set[Order]]:
    """What came out, and the largest precedences of calls with which it did."""
    orders: dict[Observed, set[Order]] = defaultdict(set)
    for one in found:
        orders[one._replace(order=(), winners=())].add(one.order)
    return {outcome: largest(some) for outcome, some in orders.items()}


class _Counted(SourceSets):
    """It counts its schedules."""

    schedules = 0

    def played(self, steps: list[Step]) -> None:
        self.schedules += 1
        super().played(steps)


def test_ids_as_they_are_are_never_all_orders(
    redis_driver: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without names nothing of one schedule seems to depend on anything of another, so too much would be
    asleep. No operation is the same in another schedule, so nobody is told that this was everything."""
    named = SourceSets()
    outcomes(redis_driver, variant("complete-complete"), 2, named)
    assert named.finished
    classes = len(named.known.coverage.classes)

    def raw(_: Names, actor: str, gate: Gate) -> Operation:
        return Operation(actor, gate.label, 0, gate.access, frozenset(gate.keys))

    monkeypatch.setattr(Names, "operation", raw)
    search = _Counted()
    outcomes(redis_driver, variant("complete-complete"), 2, search)
    assert search.schedules < classes  # each schedule is of one class, so some were never played
    assert not search.finished
