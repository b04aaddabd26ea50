"""Worlds that take a transition in two operations: right in every race, and half done when a process dies."""

from __future__ import annotations

from typing import Any

from conformance.core.gates import Gate
from conformance.memory.mutants.mutant import Mutant, faults
from conformance.memory.mutants.ways import RUN_ENDS, Broken, LogsLater
from conformance.spec.machine import Hook
from conformance.spec.table import Outcome
from conformance.spec.vocabulary import Event, WorldError


class _Resends(Broken):
    """Reads the answer of the service in a second operation, and when that breaks sends everything again."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        try:
            result = await super().events_create(run_id, event)
            if self.concerns(event):
                await Gate(f"answer to {event['eventType']}", "read", self.touches(run_id or "", event))
        except WorldError as error:
            if error.name != "ConnectionError" or not self.concerns(event):
                raise
            return await super().events_create(run_id, event)
        return result


class _ReleasesLater(Broken):
    """Ends the run, and releases its hooks in an operation of its own."""

    def reset(self) -> None:
        super().reset()
        #: hooks of runs that have ended, not released yet
        self.unreleased: dict[str, dict[str, Hook]] = {}

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        result = await super().events_create(run_id, event)
        if run_id in self.unreleased:
            await Gate(f"release hooks of {run_id}", "write")
            for key, hook in self.unreleased.pop(run_id, {}).items():
                self.state.hooks[key] = hook
        return result

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        before = {key: hook for key, hook in self.state.hooks.items() if hook.run_id == run_id}
        result = super().write(run_id, event, outcome)
        if self.concerns(event):
            self.unreleased[run_id] = {key: self.state.hooks[key] for key in before}
            self.state.hooks.update(before)
        return result


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
        _Resends.of("step_completed", "step_failed"),
    ),
    Mutant(
        "releases-later",
        "Ends a run, and releases its hooks in a second operation: who dies in between leaves them alive.",
        faults(4, "hook.released-at-end"),
        _ReleasesLater.of(*RUN_ENDS),
    ),
)
