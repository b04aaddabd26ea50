"""Worlds that take a transition in two operations: right in every race, and half done when a process dies."""

from __future__ import annotations

from conformance.memory.mutants.mutant import Mutant, faults
from conformance.memory.mutants.operator_ways import ReleasesLater, Resends
from conformance.memory.mutants.ways import RUN_ENDS, LogsLater
from conformance.spec.table import Row, index
from conformance.spec.vocabulary import Event


class _MeetsOwnToken(LogsLater):
    """Tells who creates a hook again that its token is taken, be it by that very hook."""

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        is_own = event["eventType"] == "hook_created" and row.entity == ("active",)
        return index(4)["hook_created", "running", "missing", "token-held"] if is_own else row


MUTANTS = (
    Mutant(
        "logs-later",
        "Ends a step, and adds that to the log in a second operation: who dies in between leaves it out.",
        faults(6, "log.folds", "log.repeat-needs-event", "run.no-hang")
        + faults(7, "log.folds", "run.no-hang"),
        LogsLater.of("step_completed", "step_failed"),
    ),
    Mutant(
        "resends",
        "Sends the end of a step again when its answer is lost, and answers that another has finished it.",
        faults(6, "run.no-hang"),
        Resends.of("step_completed", "step_failed"),
    ),
    Mutant(
        "releases-later",
        "Ends a run, and releases its hooks in a second operation: who dies in between leaves them alive.",
        faults(4, "hook.released-at-end"),
        ReleasesLater.of(*RUN_ENDS),
    ),
    Mutant(
        "meets-own-token",
        "Takes a token, and logs the hook in a second operation: after a death it is told that its token is "
        "taken.",
        faults(4, "log.repeat-needs-event", "run.ends-as-control"),
        _MeetsOwnToken.of("hook_created"),
    ),
)
