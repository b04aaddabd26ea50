"""Where a fault is tried: a place is left out only when another one leaves the World as it does."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from conformance.core.faults import RACE_FAULTS, Fault, FaultKind
from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import by_id
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.prefix import Prefixes
from conformance.memory.mutants import find_mutant
from conformance.oracle.seen import SeenRun
from conformance.search.budget import BUDGETS
from conformance.search.fault_judge import FaultJudge
from conformance.search.fault_places import places_of
from conformance.search.play import Played, play
from conformance.search.strategies import NewcomerFirst, Replay, Sequential
from tests.search.test_faults import STEP, variant

_VARIANTS = [one for number in range(1, 9) for one in by_id(str(number)).faulty("handlers")]
_GROUPS: tuple[set[FaultKind], ...] = ({"kill", "die"}, {"cut", "lose"})


def _outcomes(one: Variant, mutant: str, token: str, faults: Iterable[Fault]) -> set[object]:
    """What is stored in the end, with each of the faults that come to happen."""
    prefixes = Prefixes(InProcessDriver(find_mutant(mutant).world))
    found: set[object] = set()
    for fault in faults:
        [choose] = Replay(token).choosers()
        played = play(prefixes, one, Case(faults=(fault,)), choose, 1)
        seen = played.observe("handlers")
        if seen.faults:
            # Neither names, which depend on whose answer came, nor step bodies, which may run again.
            found.add((tuple(map(_shape, seen.runs)), bool(seen.unreadable), bool(seen.stuck), seen.quiet))
    return found


def _shape(run: SeenRun) -> object:
    steps = sorted((step.status, step.attempt) for step in run.steps)
    return run.status, tuple([kind for kind, _ in run.events]), tuple(steps), len(run.hooks)


def _plain(one: Variant, mutant: str, token: str) -> Played:
    [choose] = Replay(token).choosers() if token else (next(Sequential().choosers()),)
    return play(Prefixes(InProcessDriver(find_mutant(mutant).world)), one, Case(), choose, 1)


# One mutant each, in turn: they leave different halves behind.
@pytest.mark.parametrize("one", _VARIANTS, ids=lambda one: one.name)
def test_what_is_left_out_leaves_the_world_as_what_is_tried(one: Variant) -> None:
    mutant = "logs-later" if _VARIANTS.index(one) % 2 else "no-guard"
    for order in ("", "AB" * 100):
        plain = _plain(one, mutant, order)
        places = places_of(plain, RACE_FAULTS)
        for group in _GROUPS:
            every = [Fault(kind, place) for kind in group for place in range(plain.operations)]
            tried = [Fault(kind, place) for kind in group for place in places[kind]]
            assert len(tried) < len(every)
            assert _outcomes(one, mutant, plain.token, every) <= _outcomes(one, mutant, plain.token, tried)


def test_only_a_message_in_hand_comes_again_and_time_passes_anywhere() -> None:
    plain = _plain(variant("run_failed", "fail-and-cancel"), "no-guard", "")
    places = places_of(plain, RACE_FAULTS)
    outside = {place for place in range(plain.operations) if place not in places["again"]}
    assert outside
    assert outside & {*places["kill"], *places["die"]}
    assert [*places["jump"]] == list(range(plain.operations))


def test_who_gets_a_message_that_another_still_works_on_runs_before_that_one_goes_on() -> None:
    plain = _plain(STEP, "no-guard", "")
    [choose] = Replay(plain.token).choosers()
    first = NewcomerFirst(choose, frozenset("AB"))
    driver = InProcessDriver()
    case = Case(faults=(Fault("again", 1),))
    raced = [step.chosen for step in play(Prefixes(driver), STEP, case, first, 1).steps]
    there = raced.index("C")
    assert set(raced[:there]) == {"A"}
    assert raced[there:].index("A") == raced.count("C")


def test_every_place_is_tried_in_memory_at_the_usual_budget() -> None:
    limits = BUDGETS["default"].limits(STEP, speed=InProcessDriver().speed)
    evidence = FaultJudge(InProcessDriver()).judge(STEP, limits, [])[0].evidence
    assert evidence.places == evidence.places_tried > 30
    assert evidence.depth == "pass"
