"""Keys that are rows lose nothing: all orders come to what they come to with tables, in fewer schedules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from conformance.api import Actor, Program, Race, Suite, events
from conformance.core.gates import Access, Rows
from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import by_id
from conformance.oracle.seen import Observed
from conformance.provision.open import OpenWorld
from conformance.provision.rows import Described, RowKeys
from conformance.search.strategies.source_sets import SourceSets
from tests.needs import stores

from .brute_force import BruteForce, outcomes

_WORLDS = ("postgres", "mongodb")


async def two_steps(suite: Suite, case: Case) -> Race:
    """Each actor completes a running step of its own, of one run."""
    run = await suite.run()
    steps = [await suite.step(run, started=True) for _ in case.numbers]

    def complete(step: str) -> Program:
        async def program(actor: Actor) -> None:
            await actor.create(run, events.step_completed(step, {"by": actor.name}))

        return program

    return Race([complete(step) for step in steps])


TWO_STEPS = Variant("two-steps", "storage", two_steps)


def variant(name: str) -> Variant:
    """One of scenario 6 or 8, or that of two entities."""
    if name == TWO_STEPS.name:
        return TWO_STEPS
    scenario = by_id("step_created" if name == "one-token-two-runs" else "step_completed")
    [found] = [one for one in scenario.at("storage") if one.name == name]
    return found


@pytest.fixture(params=stores(_WORLDS))
def world(request: pytest.FixtureRequest) -> OpenWorld:
    opened: OpenWorld = request.getfixturevalue(f"{request.param}_driver")
    return opened


def all_orders(opened: OpenWorld, name: str, actors: int = 2) -> tuple[set[Observed], SourceSets]:
    """What all orders come to, by the keys that operations have, and the search that tried them."""
    search = SourceSets()
    found = outcomes(opened, variant(name), actors, search)
    assert search.finished
    return found, search


def by_brute_force(opened: OpenWorld, name: str, patch: pytest.MonkeyPatch) -> set[Observed]:
    """What all orders come to, where only what touches other tables commutes."""

    def tables(_: RowKeys, access: Access, keys: Sequence[str], __: object) -> Described:
        return Described(access, tuple([key if key.startswith("@") else Rows(key) for key in keys]))

    with patch.context() as inner:
        inner.setattr(RowKeys, "__call__", tables)
        return outcomes(opened, variant(name), 2, BruteForce(merge=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["complete-complete", "complete-retry", "one-token-two-runs"])
def test_all_orders_of_one_entity_come_to_the_same(
    world: OpenWorld, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_all_orders(world, name, monkeypatch)


def test_all_orders_of_two_entities_come_to_the_same(
    world: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_all_orders(world, TWO_STEPS.name, monkeypatch)


def comparable(outcomes: set[Observed]) -> set[Observed]:
    """The outcomes without what differs between two schedules of one class.

    That is real time (tests/search/test_real_time.py looks at it), and which of two rows a read without an
    order finds first. PostgreSQL answers such a read by where the rows lie in their pages: usually the row
    written first, but not where the other connection still has space in an earlier page.
    """
    return {one._replace(order=(), owners=_owners(one)) for one in outcomes}


def _owners(one: Observed) -> tuple[tuple[str, str], ...]:
    holders = Counter(token for run in one.runs for _, token in run.hooks)
    return tuple([(token, owner if holders[token] < 2 else "either") for token, owner in one.owners])


def check_all_orders(world: OpenWorld, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = by_brute_force(world, name, monkeypatch)
    found, _ = all_orders(world, name)
    assert comparable(found) == comparable(wanted)
    assert len(comparable(wanted)) > 1
    assert world.rows is not None
    assert not world.rows.why_not


#: a race whose outcomes differ by when a read comes, in each World
_READ_FIRST = {"postgres": "one-token-two-runs", "mongodb": "complete-complete"}


@pytest.mark.parametrize("kind", stores(_WORLDS))
def test_reads_that_miss_what_is_written_are_caught(
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys that are too narrow: then orders are lost, and outcomes with them."""
    world: OpenWorld = request.getfixturevalue(f"{kind}_driver")
    wanted = by_brute_force(world, _READ_FIRST[kind], monkeypatch)
    describe = RowKeys.__call__

    def narrow(self: RowKeys, access: Access, keys: Sequence[str], statements: Any) -> Described:
        found = describe(self, access, keys, statements).keys
        own = (("by", access),)
        return Described(
            access,
            tuple([Rows(key.table, key.where + own) if isinstance(key, Rows) else key for key in found]),
        )

    monkeypatch.setattr(RowKeys, "__call__", narrow)
    assert comparable(all_orders(world, _READ_FIRST[kind])[0]) < comparable(wanted)


@pytest.mark.parametrize("kind", stores(_WORLDS))
def test_fewer_schedules(kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two entities in one table: what commutes is tried in one order."""
    opened: OpenWorld = request.getfixturevalue(f"{kind}_driver")
    by_row = all_orders(opened, "two-steps")[1].known.runs

    def tables(_: RowKeys, access: Access, keys: Sequence[str], __: object) -> Described:
        return Described(access, tuple(keys))

    monkeypatch.setattr(RowKeys, "__call__", tables)
    assert by_row < all_orders(opened, "two-steps")[1].known.runs
