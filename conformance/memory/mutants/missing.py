"""Worlds that take events for what is not there: not yet, no longer, or never."""

from __future__ import annotations

from typing import Any

from conformance.memory.mutants.mutant import Mutant, storage
from conformance.memory.mutants.ways import Broken, NotAtomic, Unguarded
from conformance.spec.table import Row, index
from conformance.spec.vocabulary import Event


class _Appears(Broken):
    """Takes an event for an entity that was never created, and makes the entity of it."""

    def look_up(self, run_id: str, event: Event) -> Row:
        kind: str = event["eventType"]
        if self.concerns(event) and run_id in self.state.runs and not self.holds(run_id, event):
            return index(4)[kind, "running", "waiting" if kind == "wait_completed" else "pending", ""]
        return super().look_up(run_id, event)


class _RunAppears(Broken):
    """Answers the start of a run that does not exist as if it ran, and stores nothing."""

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        if event["eventType"] == "run_started" and run_id not in self.state.runs:
            return {"run": {"runId": run_id, "status": "running", "startedAt": self.tick()}}
        return super().commit(run_id, event, seen)


class _RetriesAtOnce(Broken):
    """Does not look at the clock when a step is started."""

    def look_up(self, run_id: str, event: Event) -> Row:
        return self.state.look_up(run_id, event)


MUTANTS = (
    Mutant(
        "run-created-again",
        "Creates a run that exists once more.",
        storage(1, "run.created-once"),
        Unguarded.of("run_created"),
    ),
    Mutant(
        "run-creation-not-atomic",
        "Reads that there is no such run and creates it later, though another has by then.",
        storage(1, "run.created-once"),
        NotAtomic.of("run_created"),
    ),
    Mutant(
        "run-appears",
        "Starts a run that was never created.",
        storage(1, "run.exists"),
        _RunAppears,
    ),
    Mutant(
        "step-appears",
        "Starts a step that was never created.",
        storage(7, "step.exists"),
        _Appears.of("step_started"),
    ),
    Mutant(
        "wait-appears",
        "Completes a wait that was never created.",
        storage(5, "wait.exists"),
        _Appears.of("wait_completed"),
    ),
    Mutant(
        "retried-at-once",
        "Starts a step again whose time to be tried again has not come.",
        storage(7, "step.retry-after"),
        _RetriesAtOnce,
    ),
    Mutant(
        "received-late",
        "Takes a payload for a hook that is gone, or whose run has ended.",
        storage(4, "hook.received-alive"),
        Unguarded.of("hook_received"),
    ),
    Mutant(
        "received-not-atomic",
        "Reads that a hook is alive and takes its payload later, though it is gone by then.",
        storage(4, "log.replays"),
        NotAtomic.of("hook_received"),
    ),
)
