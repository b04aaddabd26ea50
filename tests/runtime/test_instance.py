"""Two deliveries at once in one process, as in a worker that handles several messages at a time."""

from __future__ import annotations

from conformance.core.scenario import Case
from conformance.levels.prefix import Prefixes
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.search.play import play
from conformance.search.strategies import Replay

from .conftest import Open
from .play import variant


def test_two_handlers_of_one_process_are_interleaved_and_told_apart(opened: Open) -> None:
    """Each of A's calls, bodies and gates is A's, though B works in the same process in between."""
    world = opened("redis", RuntimeWanted("4.8.9"))
    assert world.instance is not None
    [choose] = Replay("AB" * 100).choosers()
    found = play(Prefixes(world.instance), variant("6/step-message-twice"), Case(), choose, 1)
    history = found.history
    assert not history.broken
    gates = "".join(gate.actor for gate in history.gates)
    assert "ABABABAB" in gates
    for actor in "AB":
        kinds = [
            call.event["eventType"]
            for call in history.calls
            if (call.op, call.phase, call.actor) == ("events.create", "race", actor)
        ]
        assert kinds[0] == "step_started", actor
    assert [body.actor for body in history.bodies if body.phase == "race"] in (
        ["A"],
        ["B"],
        ["A", "B"],
        ["B", "A"],
    )


def test_a_handler_may_wait_for_another_of_its_process_and_go_on_by_itself(opened: Open) -> None:
    """Each creates two steps at once: one call of A waits for B, while another of A comes to its gate."""
    world = opened("redis", RuntimeWanted("4.8.9"))
    assert world.instance is not None
    [choose] = Replay("ABABABABABA2B2A2B2A2B2A2B2").choosers()
    found = play(Prefixes(world.instance), variant("8/suspend-twice"), Case(), choose, 1)
    assert not found.history.broken
    assert {delivery.outcome for delivery in found.history.deliveries if delivery.phase == "race"} == {
        "suspended"
    }
