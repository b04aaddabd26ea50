"""One schedule stands for its class in real time, too: against brute force, over traces and over Worlds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.core.gates import Operation
from conformance.core.scenario import Case, Level, Variant
from conformance.core.scenarios import by_id
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.prefix import Prefixes
from conformance.memory.mutants import MUTANTS
from conformance.oracle import Observed, explain
from conformance.search.judge import Judge
from conformance.search.play import Played, play
from conformance.search.real_time import Order, Span, spans
from conformance.search.relations import Trace
from conformance.search.strategies import Chooser, Step
from conformance.search.strategies.known import Phase, follow
from conformance.search.strategies.source_sets import SourceSets
from tests.search.precedences import derived, largest, within
from tests.search.test_relations import _SCHEDULES, related, traced

# -- of traces --------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(_SCHEDULES.filter(lambda operations: len(operations) <= 7), st.data())
def test_the_precedences_of_a_class_are_those_of_all_its_schedules(
    operations: list[Operation], data: st.DataObject
) -> None:
    mine = defaultdict(list)
    for place, operation in enumerate(operations):
        mine[operation.actor].append(place)
    calls = []
    for places in mine.values():
        # Calls of one actor, each from where the one before it ended.
        ends = sorted({places[-1], *data.draw(st.sets(st.sampled_from(places), max_size=2))})
        calls += [Span(begun, (ended,)) for begun, ended in zip([places[0], *ends], ends, strict=False)]
    every = set()
    for order in _extensions(operations):
        at = {place: number for number, place in enumerate(order)}
        every.add(
            tuple(
                sum(
                    1 << number
                    for number, other in enumerate(calls)
                    if other is not call and at[other.ended[0]] <= at[call.begun]
                )
                for call in calls
            )
        )
    found = derived(traced(operations), calls)
    assert set(found) == largest(every)


def _extensions(operations: list[Operation]) -> Iterator[list[int]]:
    """Every schedule of the class, as places in the one that is given."""
    waiting: list[list[int]] = [[]]
    while waiting:
        order = waiting.pop()
        if len(order) == len(operations):
            yield order
        for place, operation in enumerate(operations):
            before = [one for one in range(place) if related(operations[one], operation)]
            if place not in order and set(before) <= set(order):
                waiting.append([*order, place])


# -- of Worlds --------------------------------------------------------------------------------------


def _variant(scenario: str, name: str, level: Level = "storage") -> Variant:
    return next(one for one in by_id(scenario).at(level) if one.name == name)


def _every(variant: Variant, actors: int) -> dict[Observed, set[Order]]:
    """Every schedule: what it comes to, and the precedences with which it does."""
    prefixes, left = Prefixes(InProcessDriver()), [""]
    found: dict[Observed, set[Order]] = defaultdict(set)
    while left:
        prefix = left.pop()
        one = play(prefixes, variant, Case(actors=actors), follow(prefix), 1)
        seen = one.observe(variant.level)
        found[seen._replace(order=(), winners=())].add(seen.order)
        order = "".join(step.chosen for step in one.steps)
        for at in range(len(prefix), len(order)):
            left += [order[:at] + name for name, _ in one.steps[at].held if name != order[at]]
    return {outcome: largest(orders) for outcome, orders in found.items()}


def _classes(variant: Variant, actors: int) -> Iterator[tuple[Played, Trace]]:
    """One schedule of each class."""
    prefixes, orders = Prefixes(InProcessDriver()), SourceSets()
    for choose in orders.choosers():
        one = play(prefixes, variant, Case(actors=actors), choose, 1)
        orders.played(one.steps)
        if (trace := orders.fresh) is not None:
            yield one, trace
    assert orders.finished


_RACES = [
    ("step_started", "create-start", "storage", 3),
    ("step_created", "one-token-two-runs", "handlers", 2),
]


@pytest.mark.parametrize(("scenario", "name", "level", "actors"), _RACES)
def test_the_real_time_of_all_orders_is_that_of_brute_force(
    scenario: str, name: str, level: Level, actors: int
) -> None:
    variant = _variant(scenario, name, level)
    prefixes = Prefixes(InProcessDriver())
    found: dict[Observed, set[Order]] = defaultdict(set)
    as_played: dict[Observed, set[Order]] = defaultdict(set)
    for one, trace in _classes(variant, actors):
        seen = one.observe(level)
        outcome = seen._replace(order=(), winners=())
        as_played[outcome].add(seen.order)
        for order, schedule in derived(trace, spans(one)).items():
            found[outcome].add(order)
            if not within(order, seen.order):
                again = play(prefixes, variant, Case(actors=actors), follow(schedule), 1).observe(level)
                assert again == seen._replace(order=order)
    wanted = _every(variant, actors)
    assert {outcome: largest(orders) for outcome, orders in found.items()} == wanted
    assert as_played.keys() == wanted.keys()


class _One(Phase):
    """One schedule, as if the others of its class were left out."""

    def __init__(self, schedule: str) -> None:
        super().__init__()
        self.schedule = schedule

    def choosers(self) -> Iterator[Chooser]:
        yield follow(self.schedule)

    def played(self, steps: list[Step]) -> None:
        super().played(steps)
        assert self.known.last.order == self.schedule


def test_a_rule_that_only_another_schedule_of_the_class_breaks_is_found() -> None:
    """B gets what C saw before A created the step: wrong only if B began when A had its answer."""
    judge = Judge(InProcessDriver(MUTANTS["step-start-shares-look-ups"].world))
    overlapping = _One("CCABAABBC")
    assert judge.explore(_variant("step_started", "create-start"), Case(actors=3), overlapping)
    [failure] = judge.trials.failures.values()
    assert failure.finding.rule == "step.start-again"
    assert failure.played.token == "cCaA2bB2C"
    assert explain(failure.played.observe("storage")._replace(order=(), winners=())) == [], (
        "nothing but time is wrong"
    )
    assert overlapping.known.runs == 1
    assert judge.trials.evidence.schedules == 2


def test_a_world_that_is_right_has_nothing_more_played() -> None:
    judge = Judge(InProcessDriver())
    orders = SourceSets()
    assert judge.explore(_variant("step_created", "one-token-two-runs"), Case(actors=3), orders)
    assert judge.trials.failures == {}
    assert judge.trials.evidence.schedules == orders.known.runs
