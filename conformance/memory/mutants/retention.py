"""Worlds that remove what is still needed."""

from __future__ import annotations

from typing import Any

from conformance.memory.mutants.mutant import Mutant, storage
from conformance.memory.mutants.ways import Broken
from conformance.spec.vocabulary import Event


class _SweepsLiveRuns(Broken):
    """Removes a run with all that belongs to it when two callers are busy with it, over or not."""

    def reset(self) -> None:
        super().reset()
        self.busy: dict[str, int] = {}

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None:
            return await super().events_create(run_id, event)
        self.busy[run_id] = self.busy.get(run_id, 0) + 1
        try:
            return await super().events_create(run_id, event)
        finally:
            if self.busy[run_id] > 1 and self.concerns(event):
                self._sweep(run_id)
            self.busy[run_id] -= 1

    def _sweep(self, run_id: str) -> None:
        self.runs.pop(run_id, None)
        self.events.pop(run_id, None)
        self.state.runs.pop(run_id, None)
        for entities in (self.state.steps, self.state.waits):
            for key in [key for key in entities if key[0] == run_id]:
                del entities[key]


class _ForgetsSteps(Broken):
    """Removes a step from its table when its run has ended, though the run can still be read."""

    def write(self, run_id: str, event: Event, outcome: Any) -> dict[str, Any]:
        result = super().write(run_id, event, outcome)
        if self.concerns(event):
            for key in [key for key in self.state.steps if key[0] == run_id]:
                del self.state.steps[key]
        return result


MUTANTS = (
    Mutant(
        "sweeps-live-runs",
        "Removes a run that is not over when two callers are busy with it.",
        storage(6, "run.readable") + storage(7, "run.readable"),
        _SweepsLiveRuns.of("step_completed", "step_started"),
    ),
    Mutant(
        "sweeps-steps",
        "Removes the steps of a run as soon as it ends.",
        storage(7, "step.status-agrees"),
        _ForgetsSteps.of("run_completed", "run_cancelled", "run_failed"),
    ),
)
