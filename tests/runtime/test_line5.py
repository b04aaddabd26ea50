"""The real runtime of line 5.x over the World in memory whose event ids are positions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from conformance.core.errors import NotSupported
from conformance.core.faults import Fault
from conformance.core.scenario import Case
from conformance.core.scenarios import by_id
from conformance.oracle import check
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import parse
from conformance.provision.open import OpenWorld, open_world

from .play import once, variant, variants

CORE = RuntimeWanted("5.0.0-beta.55")
Memory = Callable[..., OpenWorld]


@pytest.fixture(scope="module")
def memory() -> Iterator[Memory]:
    """``memory(spec="6")``, ``memory(mutant="claim-is-slot")``: with that runtime over it, opened once."""
    opened: dict[tuple[tuple[str, str], ...], OpenWorld] = {}

    def make(**options: str) -> OpenWorld:
        key = tuple(options.items())
        if key not in opened:
            target = replace(parse("memory"), options=options)
            opened[key] = open_world(target, None, f"line5{len(opened)}", runtime=CORE)
        return opened[key]

    yield make
    for world in opened.values():
        world.close()


@pytest.mark.parametrize("name", ["1/first-message-twice", "4/cancel-suspension", "8/even-branches"])
@pytest.mark.parametrize("token", ["", "AB", "A6B9A4", "B5A9B7"])
def test_there_is_nothing_to_find(memory: Memory, name: str, token: str) -> None:
    played = once(memory(spec="6"), variant(name), token)
    assert played.history.broken == ""
    assert [event["eventId"][-2:] for event in played.history.snapshots[0].events[:2]] == ["01", "02"]
    assert check(played.observe("runtime", in_order=not token)) == []


def test_no_handler_waits_for_a_body_that_runs_in_another_process(memory: Memory) -> None:
    """Within its process this runtime runs one body of a step, and whoever comes second waits for it."""
    played = once(memory(spec="6"), variant("6/step-message-twice"), "A2B9A4")
    assert played.history.broken == ""
    bodies = [body.actor for body in played.history.bodies if body.phase == "race"]
    assert bodies == ["A", "B"]


def test_a_handler_that_died_leaves_no_body_to_wait_for(memory: Memory) -> None:
    faulty = next(each for each in by_id("6").faulty("runtime") if each.name == "step-message-twice+faults")
    played = once(memory(spec="6"), faulty, "A9B9", case=Case(faults=(Fault("kill", 3),)))
    assert [(body.actor, body.phase) for body in played.history.bodies[1:]] == [("A", "race"), ("B", "race")]
    assert played.history.snapshots[0].run["status"] == "completed"


def test_deliveries_at_once_do_not_exhaust_the_retries_of_a_step(memory: Memory) -> None:
    """Each of four is an attempt, and one failed before the race so that the step has a message."""
    wanted = variant("6/step-message-twice")
    played = once(memory(spec="6"), wanted, "abcdA3B3C3D3", case=Case(actors=4))
    assert max(body.attempt for body in played.history.bodies) == 5
    assert played.history.snapshots[0].run["status"] == "completed"
    assert check(played.observe("runtime")) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, _ in variants("runtime")])
def test_nor_in_any_variant(memory: Memory, name: str) -> None:
    """With nothing racing."""
    played = once(memory(spec="6"), variant(name))
    assert played.history.broken == ""
    assert check(played.observe("runtime", in_order=True)) == []


def test_a_log_with_holes_is_the_worlds_fault(memory: Memory) -> None:
    """With nothing racing: the runtime takes such a log for a corrupted one."""
    played = once(memory(mutant="slots-with-holes"), variant("6/step-message-twice"))
    found = check(played.observe("runtime", in_order=True))
    assert ("log.slots", "world") in {(one.rule, one.fault) for one in found}
    assert {one.fault for one in found} == {"world"}


def test_a_world_of_line_4_is_refused(memory: Memory) -> None:
    with pytest.raises(NotSupported, match="spec version"):
        once(memory(), variant("6/step-message-twice"))


@pytest.mark.parametrize(("mutant", "rules"), [("", set()), ("batch-backwards", {"batch.one-write"})])
def test_the_runtime_writes_what_a_suspension_makes_in_a_batch(
    memory: Memory, mutant: str, rules: set[str]
) -> None:
    options = {"mutant": mutant} if mutant else {"spec": "6"}
    played = once(memory(**options), variant("8/suspend-twice"), "A9B9")
    together = [call for call in played.history.calls if call.batch != -1]
    assert {call.event["eventType"] for call in together} & {"step_created", "step_started"}
    found = {one.rule for one in check(played.observe("runtime"))}
    assert rules <= found if rules else found == set()
