"""Broken handlers (:mod:`conformance.handlers.mutants`) over a correct world."""

from __future__ import annotations

from typing import Any, Final

from conformance.handlers.mutants import MUTANTS as POLICIES
from conformance.memory.mutants.mutant import Caught, Mutant, handlers
from conformance.memory.world import MemoryWorld
from conformance.spec.table import Outcome, Row
from conformance.spec.vocabulary import Event


class LosesStart(MemoryWorld):
    """A correct world: whoever saw a pending run and comes second is refused, which the spec accepts."""

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        row = self.look_up(run_id, event)
        if event["eventType"] == "run_started" and row is not seen and row.run == ("running",):
            self.refuse(Outcome("conflict"), row, event)
        return super().commit(run_id, event, seen)


_CAUGHT: Final[dict[str, tuple[Caught, ...]]] = {
    "fails_run_on_conflict": handlers(1, "run.ends-as-control"),
    "late_start_raised": handlers(1, "logs.failed-delivery") + handlers(2, "logs.failed-delivery"),
    "completion_conflict_raised": handlers(2, "logs.failed-delivery"),
    "failure_conflict_raised": handlers(3, "logs.failed-delivery"),
    "body_despite_gone": handlers(4, "body.after-end"),
    "gone_step_raised": handlers(4, "logs.failed-delivery"),
    "wait_conflict_raised": handlers(5, "logs.failed-delivery"),
    "lost_continuation": handlers(6, "continuation.lost", "run.no-hang") + handlers(7, "continuation.lost"),
    "second_continuation": handlers(6, "continuation.twice"),
    "continues_on_conflict": handlers(6, "continuation.twice"),
    "step_conflict_raised": handlers(6, "logs.failed-delivery"),
    "no_requeue": handlers(7, "run.no-hang"),
    "body_despite_conflict": handlers(7, "body.after-end"),
    "keyless_steps": handlers(8, "continuation.twice"),
    "creation_conflict_raised": handlers(4, "logs.failed-delivery") + handlers(8, "logs.failed-delivery"),
    "drops_rest": handlers(8, "continuation.lost"),
    "hook_conflict_sleeps": handlers(8, "run.no-hang"),
    "loud_loser": tuple(
        caught for number in (2, 3, 4, 5, 6, 8) for caught in handlers(number, "logs.error-line")
    ),
}

MUTANTS = tuple(
    Mutant(
        broken.name.replace("_", "-"),
        broken.about,
        _CAUGHT[broken.name],
        LosesStart if broken.name == "fails_run_on_conflict" else MemoryWorld,
        broken.policy,
    )
    for broken in POLICIES.values()
)
