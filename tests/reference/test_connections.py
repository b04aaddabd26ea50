"""Connections that break: a run lives on, and what breaks belongs to the schedule in which it broke."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from conformance.core.faults import Fault
from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import by_id
from conformance.oracle import check
from conformance.provision.catalog.find import load
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import parse
from conformance.provision.open import OpenWorld, open_world
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service
from tests.needs import stores
from tests.runtime.play import once, variant


@contextmanager
def over(name: str, server: Service | None) -> Iterator[OpenWorld]:
    """Line 5.x of the runtime over that reference."""
    target = replace(parse(f"{name}:reference"), options={"spec": "6"})
    opened = open_world(target, server, f"connections{name}", runtime=RuntimeWanted("5.0.0-beta.55"))
    try:
        yield opened
    finally:
        opened.close()


def faulty(name: str) -> Variant:
    """The variant with that id, with faults."""
    number, _, wanted = name.partition("/")
    return next(one for one in by_id(number).faulty("runtime") if one.name == f"{wanted}+faults")


@pytest.mark.slow
@pytest.mark.parametrize("name", stores(["mongodb", "postgres", "redis", "turso"]))
def test_a_connection_that_breaks_does_not_fail_a_run(name: str, service: Callable[[str], Service]) -> None:
    """The runtime has the message delivered again if the World says what it is (vercel/workflow#2445)."""
    wanted = faulty("2/only-message-twice")
    with over(name, service(name) if load(name).service is not None else None) as opened:
        places = range(1, sum(step.chosen == "A" for step in once(opened, wanted, "aA9bB").steps))
        for place in places:
            played = once(opened, wanted, "aA9bB", case=Case(faults=(Fault("cut", place),)))
            assert [fault.kind for fault in played.history.faults] == ["cut"]
            assert [snapshot.run["status"] for snapshot in played.history.snapshots] == ["completed"]
            assert check(played.observe("runtime")) == []
        assert len(places) >= 2


@pytest.mark.slow
def test_a_restart_leaves_no_dead_connection_to_the_next_schedule() -> None:
    """Nor to its own reads: whoever had no part in it would find out, and the World be blamed."""
    spec = load("redis").service
    assert spec is not None
    server = start_service(spec, force="embedded")
    try:
        with over("redis", server) as opened:
            three, two = Case(actors=3), Case(faults=(Fault("restart", 3),))
            assert once(opened, variant("2/only-message-twice"), "abcABC", case=three).history.quiet
            restarted = once(opened, faulty("2/only-message-twice"), "aAbB", case=two).history
            assert [fault.kind for fault in restarted.faults] == ["restart"]
            assert not restarted.unreadable
            played = once(opened, variant("2/only-message-twice"), "cC9abAB", case=three)
            assert [str(call.error) for call in played.history.calls if call.answer == "unexpected"] == []
    finally:
        server.stop()
