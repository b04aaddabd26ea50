"""Worlds that go wrong with runs: starting them, ending them, and what their end must bring with it."""

from __future__ import annotations

from typing import Any

from conformance.memory.mutants.mutant import Mutant, handlers, storage
from conformance.memory.mutants.ways import (
    RUN_ENDS,
    Broken,
    Forgets,
    LogsRefused,
    Loud,
    Misnames,
    MisnamesGone,
    NotAtomic,
    OnlyLogs,
    Overwrites,
    OverwritesEvent,
    Raises,
    Swallows,
    Unguarded,
    WinnerRefused,
)
from conformance.spec.table import Outcome, Row
from conformance.spec.vocabulary import RUN_TERMINAL, Entity, Event, WorldError


class _RefusesSecond(Broken):
    """Refuses to start a run that is running."""

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        if event["eventType"] == "run_started" and row.run == ("running",):
            self.refuse(Outcome("conflict"), row, event)
        return super().carry_out(run_id, event, row)


class _SecondGone(_RefusesSecond, MisnamesGone):
    """… because it is finished, it says."""


class _SecondRaises(_RefusesSecond, Raises):
    """… with the error of a unique index."""


class _SecondLoud(_RefusesSecond, Loud):
    """… and logs an error."""


class _NobodyStarts(_RefusesSecond, WinnerRefused):
    """… and tells the first one, under contention, that it was the second."""


class _LogsEveryStart(Broken):
    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        if event["eventType"] == "run_started" and row.run == ("running",):
            return self.result(run_id, event, self.append(run_id, event, self.tick()))
        return super().carry_out(run_id, event, row)


class _LogsEveryCancellation(Broken):
    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        if event["eventType"] == "run_cancelled" and row.run == ("cancelled",):
            return self.result(run_id, event, self.append(run_id, event, self.tick()))
        return super().carry_out(run_id, event, row)


class _ReleasesWhatItRead(Broken):
    """Releases those hooks that were there when it read, and writes later."""

    def reset(self) -> None:
        super().reset()
        self.read: dict[int, set[str]] = {}

    def look_up(self, run_id: str, event: Event) -> Row:
        self.read.setdefault(id(event), set(self.state.hooks))
        return super().look_up(run_id, event)

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        try:
            return super().commit(run_id, event, seen)
        finally:
            del self.read[id(event)]

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        missed = {
            key: hook
            for key, hook in self.state.hooks.items()
            if hook.status == "active" and key not in self.read[id(event)]
        }
        result = super().write(run_id, event, outcome)
        if event["eventType"] in RUN_ENDS:
            self.state.hooks.update(missed)
            self.state.tokens.update({hook.token: key for key, hook in missed.items()})
        return result


class _Unreadable(Broken):
    async def runs_get(self, run_id: str) -> Entity:
        run = await super().runs_get(run_id)
        if run["status"] in RUN_TERMINAL:
            raise WorldError("ZodError", "Expected date, received null at completedAt")
        return run


class _KeepsTokens(Broken):
    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        tokens = dict(self.state.tokens)
        result = super().write(run_id, event, outcome)
        if event["eventType"] in RUN_ENDS:
            self.state.tokens = tokens
        return result


class _KeepsHooks(_KeepsTokens):
    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        hooks = dict(self.state.hooks)
        result = super().write(run_id, event, outcome)
        if event["eventType"] in RUN_ENDS:
            self.state.hooks = hooks
        return result


MUTANTS = (
    # -- starting -------------------------------------------------------------------------------------
    Mutant(
        "start-unguarded",
        "Takes every run_started as the first: a new startedAt each time, and finished runs run again.",
        storage(1, "run.started-at-once", "run.terminal-stays")
        + storage(2, "run.no-start-after-end")
        + handlers(1, "run.started-at-once"),
        Unguarded.of("run_started"),
    ),
    Mutant(
        "start-not-atomic",
        "Reads that a run is pending and makes it running later, whatever has become of it by then.",
        storage(1, "run.started-at-once", "run.terminal-stays")
        + handlers(1, "log.replays", "run.started-at-once"),
        NotAtomic.of("run_started"),
    ),
    Mutant(
        "second-start-gone",
        "Tells the second starter of a running run that the run is finished.",
        storage(1, "run.start-idempotent") + handlers(1, "run.start-idempotent"),
        _SecondGone.of("run_started"),
    ),
    Mutant(
        "second-start-raises",
        "Lets the error of a unique index out when a run is started a second time.",
        storage(1, "error.classifiable", "logs.failed-delivery") + handlers(1, "logs.failed-delivery"),
        _SecondRaises.of("run_started"),
    ),
    Mutant(
        "second-start-loud",
        "Refuses the second start of a run with a conflict, and logs it as an error.",
        storage(1, "logs.error-line") + handlers(1, "logs.error-line"),
        _SecondLoud.of("run_started"),
    ),
    Mutant(
        "nobody-starts",
        "Starts a run under contention, and refuses everyone who asked for it: nobody carries it on.",
        storage(1, "continuation.lost", "run.start-idempotent") + handlers(1, "run.no-hang"),
        _NobodyStarts.of("run_started"),
    ),
    Mutant(
        "start-forgotten",
        "Starts a run and adds no event to the log.",
        storage(1, "log.agrees-with-answers", "log.folds"),
        Forgets.of("run_started"),
    ),
    Mutant(
        "start-logged-again",
        "Starts a run once, and adds an event for every start.",
        storage(1, "run.started-event-once") + handlers(1, "run.started-event-once"),
        _LogsEveryStart,
    ),
    # -- ending ---------------------------------------------------------------------------------------
    Mutant(
        "run-end-unguarded",
        "Ends a run that has ended, again and again.",
        storage(2, "run.terminal-once", "continuation.twice")
        + storage(3, "run.terminal-once", "log.folds")
        + handlers(2, "run.terminal-once")
        + handlers(3, "run.terminal-once"),
        Unguarded.of(*RUN_ENDS),
    ),
    Mutant(
        "run-end-not-atomic",
        "Reads that a run is running and ends it later, though another has ended it by then.",
        storage(2, "run.terminal-once", "continuation.twice")
        + storage(3, "run.terminal-once")
        + handlers(2, "run.terminal-once")
        + handlers(3, "run.terminal-once"),
        NotAtomic.of(*RUN_ENDS),
    ),
    Mutant(
        "run-end-swallowed",
        "Answers the loser of two ends of a run with success, and writes nothing.",
        storage(2, "run.terminal-once", "continuation.twice")
        + storage(3, "run.terminal-once")
        + handlers(2, "run.terminal-once"),
        Swallows.of(*RUN_ENDS),
    ),
    Mutant(
        "run-end-raises",
        "Lets a raw error out when a finished run is ended again.",
        storage(2, "error.classifiable", "logs.failed-delivery")
        + storage(3, "error.classifiable")
        + handlers(2, "logs.failed-delivery"),
        Raises.of(*RUN_ENDS),
    ),
    Mutant(
        "run-end-not-found",
        "Says that a finished run does not exist when it is ended again.",
        storage(2, "run.terminal-once") + handlers(2, "logs.failed-delivery"),
        Misnames.of(*RUN_ENDS),
    ),
    Mutant(
        "run-end-loud",
        "Logs an error when a finished run is ended again.",
        storage(2, "logs.error-line") + storage(3, "logs.error-line") + handlers(3, "logs.error-line"),
        Loud.of(*RUN_ENDS),
    ),
    Mutant(
        "output-overwritten",
        "Refuses the second run_completed, and keeps its output.",
        storage(2, "run.status-agrees"),
        Overwrites.of("run_completed"),
    ),
    Mutant(
        "output-event-overwritten",
        "Refuses the second run_completed, and puts its output into the event of the first.",
        storage(2, "log.folds"),
        OverwritesEvent.of("run_completed"),
    ),
    Mutant(
        "refused-run-end-logged",
        "Refuses the second end of a run, and keeps its event.",
        storage(2, "log.agrees-with-answers") + storage(3, "log.agrees-with-answers"),
        LogsRefused.of(*RUN_ENDS),
    ),
    Mutant(
        "run-end-forgotten",
        "Ends a run and adds no event to the log.",
        storage(2, "log.agrees-with-answers", "log.folds") + handlers(2, "log.agrees-with-answers"),
        Forgets.of(*RUN_ENDS),
    ),
    Mutant(
        "run-end-only-logged",
        "Adds the event that ends a run to the log, and leaves the run running.",
        storage(2, "run.terminal-once", "log.folds") + handlers(2, "log.folds"),
        OnlyLogs.of(*RUN_ENDS),
    ),
    Mutant(
        "failure-wins",
        "Takes run_failed for a run that has ended already.",
        storage(3, "run.terminal-once", "log.folds") + handlers(3, "run.terminal-once"),
        Unguarded.of("run_failed"),
    ),
    Mutant(
        "cancellation-wins",
        "Takes run_cancelled for a run that has ended already.",
        storage(3, "run.terminal-once", "log.folds") + handlers(3, "run.terminal-once"),
        Unguarded.of("run_cancelled"),
    ),
    Mutant(
        "failure-not-atomic",
        "Reads that a run is running and fails it later, though another has ended it by then.",
        storage(3, "run.terminal-once", "log.folds") + handlers(3, "run.terminal-once"),
        NotAtomic.of("run_failed"),
    ),
    Mutant(
        "cancellation-logged-again",
        "Cancels a run once, and adds an event for every cancellation.",
        handlers(3, "run.cancelled-event-once"),
        _LogsEveryCancellation,
    ),
    Mutant(
        "end-unreadable",
        "Stores an ended run in a way in which it cannot be read again.",
        storage(2, "run.readable") + storage(3, "run.readable") + handlers(2, "run.readable"),
        _Unreadable,
    ),
    # -- what the end of a run must bring with it ------------------------------------------------------
    Mutant(
        "hooks-kept",
        "Leaves the hooks of a finished run alive, and their tokens taken.",
        storage(4, "hook.released-at-end", "hook.token-free-at-end") + handlers(4, "hook.released-at-end"),
        _KeepsHooks,
    ),
    Mutant(
        "release-not-atomic",
        "Reads the hooks of a run, ends it later, and leaves alive what was made in between.",
        storage(4, "hook.released-at-end", "hook.token-free-at-end"),
        _ReleasesWhatItRead,
    ),
    Mutant(
        "tokens-kept",
        "Releases the hooks of a finished run, and leaves their tokens taken.",
        storage(4, "hook.token-free-at-end") + handlers(4, "hook.token-free-at-end"),
        _KeepsTokens,
    ),
    Mutant(
        "late-creation",
        "Creates steps, waits and hooks on a finished run.",
        storage(4, "run.no-creation-after-end", "hook.released-at-end")
        + handlers(4, "run.no-creation-after-end"),
        Unguarded.of("step_created", "wait_created", "hook_created"),
    ),
    Mutant(
        "late-creation-raises",
        "Lets a raw error out when a step, wait or hook is created on a finished run.",
        storage(4, "error.classifiable", "logs.failed-delivery") + handlers(4, "logs.failed-delivery"),
        Raises.of("step_created", "wait_created", "hook_created"),
    ),
)
