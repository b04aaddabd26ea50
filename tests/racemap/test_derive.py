"""What the table says of every pair of operations: where order counts, and where it cannot."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from conformance.racemap import derive
from conformance.racemap.derive import pairs
from conformance.racemap.operations import READS, RELATIONS, Op, Relation, operations
from conformance.racemap.variants import RACE_MAP, variants_of
from conformance.spec.table import event_types

PLACES = {pair.name: {place.name for place in pair.places} for pair in pairs()}


def test_every_event_and_every_read_meets_every_other() -> None:
    names = {op.name for op in operations()}
    assert {op.move.event for op in operations() if op.move is not None} == event_types(4)
    assert set(READS) < names
    met = {frozenset((pair.one.name, pair.other.name)) for pair in pairs()}
    assert met == {frozenset(each) for each in product(names, repeat=2)}


def test_two_reads_and_two_steps_cannot_conflict() -> None:
    assert not PLACES["runs.get~events.list"]
    assert "step_created~step_created:other" not in PLACES
    assert not PLACES["wait_created~hook_received"]


@pytest.mark.parametrize(
    ("pair", "place"),
    [
        ("run_created~run_created", "missing"),
        ("run_completed~run_cancelled", "pending"),
        ("run_completed~run_cancelled", "running"),
        ("run_cancelled~hook_received", "running+hook-active"),
        ("hook_received~hook_disposed", "running+hook-active"),
        ("run_completed~hook_created:other-run",
         "running+hook-active+other-hook-missing+other-run-running"),
        ("hook_created~hook_created:other", "running+hook-missing+other-hook-missing"),
        ("run_failed~step_started", "running+step-pending-later"),
    ],
)  # fmt: skip
def test_where_order_counts(pair: str, place: str) -> None:
    assert place in PLACES[pair]


def test_a_state_in_which_both_are_refused_is_none_to_race_from() -> None:
    """Two ends of a run that has ended: both are refused, in whatever order."""
    assert not any(name.startswith("completed") for name in PLACES["run_completed~run_failed"])


def test_every_class_of_states_has_a_place_of_its_own() -> None:
    for pair in pairs():
        states = derive._states(pair.one.kind, pair.other.kind, pair.relation) if pair.places else ()
        signatures = {derive._signature(pair.one, pair.other, pair.relation, one.state) for one in states}
        classes = len(signatures - {None})
        assert len(pair.places) >= classes, pair.name
        assert len({place.name for place in pair.places}) == len(pair.places)


def test_the_states_of_a_class_are_counted() -> None:
    whole = Counter(pair.name for pair in pairs(whole=True) for _ in pair.places)
    assert all(whole[pair.name] >= len(pair.places) for pair in pairs())
    assert sum(whole.values()) > 2 * sum(len(pair.places) for pair in pairs())


def test_what_has_nothing_in_common_never_conflicts() -> None:
    """The shortcut that leaves such pairs out, against the machine: no state is found for one of them."""
    ops = [op for op in operations() if not op.reads and op.kind in ("step", "wait", "run")]
    for one, other, relation in product(ops, ops, RELATIONS):
        if derive._meet(one, other, relation) or relation == "other-run":
            continue
        if (one.kind == "run" or other.kind == "run") and relation == "other":
            continue  # a run has no other of itself
        assert not _conflicts(one, other, relation), (one.name, other.name, relation)


def _conflicts(one: Op, other: Op, relation: Relation) -> bool:
    states = derive._states(one.kind, other.kind, relation)
    return any(derive._signature(one, other, relation, reached.state) for reached in states)


def test_every_place_is_a_variant_that_can_be_named() -> None:
    every = {variant.name for variant in RACE_MAP.every("storage")}
    mine = [variant.name for pair in pairs() for variant in variants_of(pair)]
    assert len(mine) == len(set(mine))
    assert set(mine) < every
    assert not any(set(name) & set("/?") for name in every)
