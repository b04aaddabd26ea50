"""What the table says of every pair of operations: where order counts, and where it cannot."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.core.scenario import Case
from conformance.plugin import map_items
from conformance.racemap import derive
from conformance.racemap.derive import pairs
from conformance.racemap.find import variant_of
from conformance.racemap.limits import limits
from conformance.racemap.live_readers import live_variants
from conformance.racemap.operations import READS, RELATIONS, Op, Relation, operations
from conformance.racemap.source import recipe_of
from conformance.racemap.variants import RACE_MAP, both, variants_of
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


def test_a_place_is_raced_in_one_instance_too() -> None:
    name = "run_cancelled~hook_received@running+hook-active"
    found = variant_of(RACE_MAP, "storage", f"{name}+instance")
    apart = variant_of(RACE_MAP, "storage", name)
    assert found is not None
    assert apart is not None
    assert (found.instance, apart.instance) == (True, False)
    assert recipe_of(RACE_MAP, found, Case()) == recipe_of(RACE_MAP, apart, Case())
    assert limits("thorough", speed=1).cases == (Case(), Case(actors=3))
    assert limits("thorough", speed=1, crowd=False).cases == (Case(),)


@pytest.mark.parametrize(("budget", "raced"), [("default", 0), ("thorough", 1)])
def test_with_thorough_pairs_are_judged_in_one_instance(
    budget: str, raced: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_items, "has_instance", lambda *_: True)
    session: Any = SimpleNamespace(budget=SimpleNamespace(name=budget), code=lambda _: object())
    [apart] = [
        one for pair in pairs() if pair.name == "wait_created~wait_created" for one in variants_of(pair)
    ]
    judged = map_items._judged(session, session, [apart, both(apart)])
    assert [variant.name for variant in judged.together] == [f"{apart.name}+instance"] * raced


def test_what_is_in_the_memory_of_a_world_is_raced_in_one_instance_with_every_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A reader of a stream is: by its mark, not by its name."""
    monkeypatch.setattr(map_items, "has_instance", lambda *_: True)
    session: Any = SimpleNamespace(budget=SimpleNamespace(name="quick"), code=lambda _: object())
    live = next(live_variants())
    marked, unmarked = replace(live, name="marked"), replace(live, name="unmarked", in_memory=False)
    judged = map_items._judged(session, session, [live, marked, unmarked])
    assert [variant.name for variant in judged.together] == [f"{live.name}+instance", "marked+instance"]
