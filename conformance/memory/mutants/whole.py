"""Worlds that go wrong with every event in the same way."""

from __future__ import annotations

from conformance.memory.mutants.mutant import Mutant, handlers, storage
from conformance.memory.mutants.ways import Broken, Loud, NotAtomic, Raises, Unguarded
from conformance.spec.table import event_types
from conformance.spec.vocabulary import Event


class _KeepsUpdated(Broken):
    """Writes ``updatedAt`` once, when an entity is created."""

    def _keep(self, run_id: str, event: Event, now: int) -> None:
        which = (event["eventType"].partition("_")[0], run_id, event.get("correlationId") or "")
        before = self.kept.get(which, {})
        super()._keep(run_id, event, now)
        if self.concerns(event) and "updatedAt" in before:
            self.kept[which] = {**self.kept[which], "updatedAt": self.time_of_change(before["updatedAt"])}

    def time_of_change(self, before: int) -> int:
        """What is written as the time of a change, in ms, where it was ``before``."""
        return before


class _UpdatedGoesBack(_KeepsUpdated):
    """Sets ``updatedAt`` by a clock that is late."""

    def time_of_change(self, before: int) -> int:
        return before - 1


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
    Mutant(
        "updated-kept",
        "Leaves updatedAt at the time of the creation, whatever happens to a run, a step or a wait.",
        storage(0, "stored.whole"),
        _KeepsUpdated.of(*_ALL),
    ),
    Mutant(
        "updated-goes-back",
        "Sets updatedAt by the clock of a machine that is late.",
        storage(0, "stored.whole"),
        _UpdatedGoesBack.of(*_ALL),
    ),
)
