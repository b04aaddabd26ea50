"""A handler of the real runtime dies and its process lives on: nothing waits for what it would have done."""

from __future__ import annotations

from conformance.core.faults import Fault
from conformance.core.scenario import Case
from conformance.core.scenarios import by_id
from conformance.provision.catalog import runtimes
from conformance.provision.catalog.runtimes import RuntimeWanted

from .conftest import Open
from .play import once


def test_a_handler_may_die_while_it_queues_a_message_beside_an_operation(opened: Open) -> None:
    """The branches of this flow go on side by side: one creates a step while the other queues its message."""
    variant = next(one for one in by_id("8").faulty("runtime") if one.name == "even-branches+faults")
    memory = opened("memory", RuntimeWanted(runtimes.default()))
    for place in (8, 4, 0):
        played = once(memory, variant, case=Case(faults=(Fault("die", place),)))
        assert [fault.kind for fault in played.history.faults] == ["die"]
        assert not played.history.broken
        assert [snapshot.run["status"] for snapshot in played.history.snapshots if snapshot.run] == [
            "completed"
        ]
