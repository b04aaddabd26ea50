"""The real runtime over the references of both lines, by the relay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import pytest

from conformance.core.scenario import Case
from conformance.levels.prefix import Prefixes
from conformance.oracle import check
from conformance.provision.catalog.find import load
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import parse
from conformance.provision.open import OpenWorld, open_world
from conformance.provision.services.service import Service
from conformance.search.play import play
from conformance.search.strategies.stale_reads import StaleReads
from tests.needs import stores
from tests.runtime.play import flow_variant, once, variant

from .stores import ALL, STORES

_LINE_5 = (("1/first-message-twice", "A6B9A4"), ("8/unread-payload", "AB"), ("8/even-branches", "aA7B9A5"))
#: Each actor stops after it has read the log. In the first, 4.6.1 binds one id to two things if the branches
#: are uneven; in the second, the published World of PostgreSQL hides an event.
_LINE_4 = (
    ("8/even-branches", "aA4aA3bB4bB3A2aA4aA3aA3aA3aA5B4bB2ba"),
    ("8/even-branches", "aA7bB8bB8bB8bB3AaA3aA3aA3aA8ab"),
)


@pytest.fixture(name="over")
def _over(service: Callable[[str], Service]) -> Callable[..., OpenWorld]:
    """``over("redis", "4.8.9", spec="6")``: that release over that reference. The caller closes it."""

    def over(name: str, release: str, **options: str) -> OpenWorld:
        server = service(name) if load(name).service is not None else None
        target = replace(parse(f"{name}:reference"), options=options)
        return open_world(target, server, f"runtime{name}", runtime=RuntimeWanted(release))

    return over


@pytest.mark.parametrize("name", stores(sorted(ALL), slow=("local", "mongodb", "postgres", "redis")))
def test_there_is_nothing_to_find(name: str, over: Callable[..., OpenWorld]) -> None:
    opened = over(name, "5.0.0-beta.55", spec="6")
    try:
        for wanted, token in _LINE_5:
            played = once(opened, variant(wanted), token)
            assert played.history.broken == ""
            [log] = [snapshot.events for snapshot in played.history.snapshots]
            assert [event["eventId"][-2:] for event in log[:2]] == ["01", "02"]
            assert check(played.observe("runtime")) == []
    finally:
        opened.close()


@pytest.mark.parametrize("name", stores(sorted(STORES), slow=("mongodb", "postgres", "redis")))
def test_even_branches_live_where_every_read_is_a_prefix(name: str, over: Callable[..., OpenWorld]) -> None:
    """Those of two published Worlds do not (``tests/worlds/test_flows_of_databases.py``)."""
    opened = over(name, "4.8.9")
    try:
        for wanted, token in _LINE_4:
            played = once(opened, variant(wanted), token)
            assert played.history.broken == ""
            assert played.history.snapshots[0].run["status"] == "completed"
            assert check(played.observe("runtime")) == []
    finally:
        opened.close()


@pytest.mark.slow
def test_a_run_dies_over_a_reference_as_it_does_in_memory(over: Callable[..., OpenWorld]) -> None:
    """A call takes several operations there, and they are called otherwise."""
    opened = over("turso", "4.8.9")
    prefixes, case = Prefixes(opened.driver), Case(flow="unread-payload")
    try:
        schedules = islice(StaleReads().choosers(), 6)
        played = (play(prefixes, flow_variant(), case, choose, 1) for choose in schedules)
        assert any(each.history.snapshots[0].run["status"] == "failed" for each in played)
    finally:
        opened.close()
