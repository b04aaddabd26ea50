"""Worlds that go wrong with every event in the same way."""

from __future__ import annotations

from conformance.memory.mutants.mutant import Mutant, handlers, storage
from conformance.memory.mutants.ways import Loud, NotAtomic, Raises, Unguarded
from conformance.spec.table import event_types

_ALL = sorted(event_types(4) - {"run_created", "hook_received"})

MUTANTS = (
    Mutant(
        "no-guard",
        "Looks at no state: takes every event, as if it came first and in time.",
        storage(1, "run.started-at-once")
        + storage(2, "run.terminal-once", "continuation.twice")
        + storage(3, "run.terminal-once")
        + storage(4, "run.no-creation-after-end")
        + storage(5, "wait.completed-once", "continuation.twice")
        + storage(6, "step.terminal-once", "continuation.twice")
        + storage(7, "step.terminal-once")
        + storage(8, "step.created-once")
        + handlers(2, "run.terminal-once"),
        Unguarded.of(*_ALL),
    ),
    Mutant(
        "late-guard",
        "Looks at the state when it reads, and not when it writes.",
        storage(1, "run.started-at-once")
        + storage(2, "run.terminal-once")
        + storage(3, "run.terminal-once")
        + storage(4, "hook.released-at-end")
        + storage(5, "wait.completed-once")
        + storage(6, "step.terminal-once")
        + storage(7, "step.status-agrees")
        + storage(8, "step.created-once")
        + handlers(6, "step.terminal-once"),
        NotAtomic.of(*_ALL),
    ),
    Mutant(
        "raw-refusal",
        "Refuses with the driver's own error, whatever the reason.",
        storage(2, "error.classifiable", "logs.failed-delivery")
        + storage(3, "error.classifiable")
        + storage(4, "error.classifiable")
        + storage(5, "error.classifiable")
        + storage(6, "error.classifiable")
        + storage(7, "error.classifiable")
        + storage(8, "error.classifiable", "logs.failed-delivery")
        + handlers(5, "logs.failed-delivery"),
        Raises.of(*_ALL),
    ),
    Mutant(
        "noisy",
        "Logs every refusal as an error.",
        storage(2, "logs.error-line")
        + storage(3, "logs.error-line")
        + storage(4, "logs.error-line")
        + storage(5, "logs.error-line")
        + storage(6, "logs.error-line")
        + storage(7, "logs.error-line")
        + storage(8, "logs.error-line")
        + handlers(2, "logs.error-line"),
        Loud.of(*_ALL),
    ),
)
