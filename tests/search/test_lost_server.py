"""A server that is lost while a schedule is played: its last errors prove nothing about the World."""

from __future__ import annotations

from typing import Any

from conformance.core.gates import Gate
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.world import MemoryWorld
from conformance.spec.vocabulary import Event, WorldError
from tests.search.judged import judged

GONE = "terminating connection due to unexpected postmaster exit"


class Lost(MemoryWorld):
    """Its server is gone from the first end of a run on."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = False

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        await Gate("write")
        self.gone |= event["eventType"] == "run_completed"
        if self.gone:
            raise WorldError("Error", GONE)
        return await super().events_create(run_id, event)


class NothingKept(InProcessDriver):
    """Makes the prefix of each schedule again, as hosts do."""

    def save(self) -> object:
        return None


def test_an_error_of_a_server_that_is_gone_from_then_on_is_no_failure_of_the_world() -> None:
    found = judged(NothingKept(Lost))
    assert {verdict.outcome for verdict in found.values()} == {"inconclusive"}
    assert f"the prefix was refused: Error: {GONE}" in found["convergence"].reason
