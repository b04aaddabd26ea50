"""Worlds that take a transition in two operations: right in every race, and half done when a process dies."""

from __future__ import annotations

from conformance.memory.mutants.mutant import Mutant, faults
from conformance.memory.mutants.operator_ways import ReleasesLater, Resends
from conformance.memory.mutants.ways import RUN_ENDS, LogsLater

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
)
