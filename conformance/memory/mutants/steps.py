"""Worlds that go wrong with steps: creating, starting and finishing them."""

from __future__ import annotations

from typing import Any, NoReturn

from conformance.memory.mutants.mutant import Mutant, faults, handlers, storage
from conformance.memory.mutants.ways import (
    STEP_ENDS,
    Broken,
    DecidesEarly,
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
    SharesLookUps,
    Swallows,
    Unguarded,
    WinnerRefused,
    refused,
)
from conformance.spec.table import Outcome, Row, index
from conformance.spec.vocabulary import RUN_TERMINAL, Event, too_early


class _LosesAttempts(Broken):
    """Adds one to the attempt it read, and writes it later."""

    def reset(self) -> None:
        super().reset()
        self.read: dict[int, int] = {}

    def look_up(self, run_id: str, event: Event) -> Row:
        if event["eventType"] == "step_started":
            step = self.state.steps.get((run_id, event["correlationId"]))
            self.read.setdefault(id(event), step.attempt if step is not None else 0)
        return super().look_up(run_id, event)

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        try:
            return super().commit(run_id, event, seen)
        finally:
            self.read.pop(id(event), None)

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        super().write(run_id, event, outcome)
        if event["eventType"] == "step_started":
            key = run_id, event["correlationId"]
            self.state.steps[key] = self.state.steps[key]._replace(attempt=self.read[id(event)] + 1)
        return self.result(run_id, event, self.events[run_id][-1])


class _CountsNoAttempt(Broken):
    """Counts an attempt only when the step was pending."""

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        key = run_id, event.get("correlationId") or ""
        before = self.state.steps.get(key)
        result = super().write(run_id, event, outcome)
        if event["eventType"] == "step_started" and before is not None and before.status == "running":
            self.state.steps[key] = self.state.steps[key]._replace(attempt=before.attempt)
            return self.result(run_id, event, result["event"])
        return result


class _CrossesResults(Broken):
    """Keeps the result to be stored where all calls do: who comes in between puts its own there."""

    def reset(self) -> None:
        super().reset()
        self.at_hand: Any = None

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if event["eventType"] == "step_completed":
            self.at_hand = event["eventData"]["result"]
        return await super().events_create(run_id, event)

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        if event["eventType"] == "step_completed":
            event = {**event, "eventData": {**event["eventData"], "result": self.at_hand}}
        return super().write(run_id, event, outcome)


class _ExclusiveStart(Broken):
    """Refuses to start a step that is running, as if at most once were promised."""

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        if event["eventType"] == "step_started":
            step = self.state.steps.get((run_id, event["correlationId"]))
            if step is not None and step.status == "running":
                self.refuse(Outcome("conflict"), row, event)
        return super().carry_out(run_id, event, row)


class _StartsAfterEnd(Broken):
    """Does not look at the run when a step is started."""

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        if event["eventType"] == "step_started" and self.state.runs[run_id].status in RUN_TERMINAL:
            step = self.state.steps.get((run_id, event["correlationId"]))
            return index(4)["step_started", "running", step.status if step is not None else "missing", ""]
        return row


class _SaysMilliseconds(Broken):
    """Says in milliseconds how long a retry has to wait."""

    def refuse(self, outcome: Outcome, row: Row, event: Event) -> NoReturn:
        if outcome.answer == "too_early":
            raise too_early("too early", 24 * 3_600_000)
        super().refuse(outcome, row, event)


class _AsksAnyStep(Broken):
    """Takes an event of a step if any step of its run could take it."""

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        if refused(row) and event["eventType"] in self.wrong and self.holds(run_id, event):
            others = [key for run, key in self.state.steps if run == run_id]
            rows = (
                super(_AsksAnyStep, self).look_up(run_id, {**event, "correlationId": key}) for key in others
            )
            return next((other for other in rows if not refused(other)), row)
        return row


MUTANTS = (
    # -- finishing ------------------------------------------------------------------------------------
    Mutant(
        "step-end-unguarded",
        "Finishes a step that is finished, again and again.",
        storage(6, "step.terminal-once", "continuation.twice")
        + handlers(6, "step.terminal-once", "continuation.twice", "log.replays"),
        Unguarded.of(*STEP_ENDS),
    ),
    Mutant(
        "step-end-not-atomic",
        "Reads that a step is running and finishes it later, though another has finished it by then.",
        storage(6, "step.terminal-once", "continuation.twice")
        + handlers(6, "step.terminal-once", "continuation.twice", "run.ends-as-control"),
        NotAtomic.of(*STEP_ENDS, "step_retrying"),
    ),
    Mutant(
        "step-end-decided-early",
        "Decides whether a step may finish as the call begins, by a cache, and writes later.",
        storage(6, "step.terminal-once", "continuation.twice") + handlers(6, "step.terminal-once"),
        DecidesEarly.of(*STEP_ENDS, "step_retrying"),
    ),
    Mutant(
        "step-end-swallowed",
        "Answers the loser of two ends of a step with success, and writes nothing.",
        storage(6, "step.terminal-once", "continuation.twice") + handlers(6, "continuation.twice"),
        Swallows.of(*STEP_ENDS, "step_retrying"),
    ),
    Mutant(
        "step-end-raises",
        "Lets a raw error out when a finished step is finished again.",
        storage(6, "error.classifiable", "logs.failed-delivery") + handlers(6, "logs.failed-delivery"),
        Raises.of(*STEP_ENDS, "step_retrying"),
    ),
    Mutant(
        "step-end-not-found",
        "Says that a finished step does not exist when it is finished again.",
        storage(6, "step.terminal-once") + handlers(6, "logs.failed-delivery"),
        Misnames.of(*STEP_ENDS, "step_retrying"),
    ),
    Mutant(
        "step-end-gone",
        "Says that the run is finished when a finished step is finished again.",
        storage(6, "step.terminal-once") + handlers(6, "logs.failed-delivery"),
        MisnamesGone.of(*STEP_ENDS, "step_retrying"),
    ),
    Mutant(
        "step-end-loud",
        "Logs an error when a finished step is finished again.",
        storage(6, "logs.error-line") + handlers(6, "logs.error-line"),
        Loud.of(*STEP_ENDS, "step_retrying"),
    ),
    Mutant(
        "step-end-forgotten",
        "Finishes a step and adds no event to the log.",
        storage(6, "log.agrees-with-answers", "log.folds") + handlers(6, "log.agrees-with-answers"),
        Forgets.of(*STEP_ENDS),
    ),
    Mutant(
        "step-end-only-logged",
        "Adds the event that finishes a step to the log, and leaves the step running.",
        storage(6, "step.terminal-once", "log.folds") + handlers(6, "log.folds"),
        OnlyLogs.of(*STEP_ENDS),
    ),
    Mutant(
        "result-overwritten",
        "Refuses the second step_completed, and keeps its result.",
        storage(6, "step.status-agrees") + handlers(6, "step.status-agrees"),
        Overwrites.of("step_completed"),
    ),
    Mutant(
        "result-event-overwritten",
        "Refuses the second step_completed, and puts its result into the event of the first.",
        storage(6, "log.folds") + handlers(6, "log.folds"),
        OverwritesEvent.of("step_completed"),
    ),
    Mutant(
        "refused-step-end-logged",
        "Refuses the second end of a step, and keeps its event.",
        storage(6, "log.agrees-with-answers") + handlers(6, "log.replays"),
        LogsRefused.of(*STEP_ENDS),
    ),
    Mutant(
        "step-winner-refused",
        "Under contention refuses the handler that finished a step, as if another one had: nobody continues.",
        storage(6, "continuation.lost") + handlers(6, "run.no-hang"),
        WinnerRefused.of(*STEP_ENDS),
    ),
    Mutant(
        "retry-revives",
        "Takes step_retrying for a finished step, which is pending again.",
        storage(6, "step.terminal-once", "log.folds"),
        Unguarded.of("step_retrying"),
    ),
    # -- starting -------------------------------------------------------------------------------------
    Mutant(
        "attempt-lost",
        "Adds one to the attempt it read and writes it later: of two starts one is not counted.",
        storage(7, "step.attempt-exact") + handlers(7, "step.attempt-exact", "body.as-control"),
        _LosesAttempts,
    ),
    Mutant(
        "restart-not-counted",
        "Counts a start as an attempt only when the step was pending.",
        storage(7, "step.attempt-exact") + handlers(7, "step.attempt-exact"),
        _CountsNoAttempt,
    ),
    Mutant(
        "start-exclusive",
        "Refuses to start a step that is running: after a crash nobody can.",
        storage(7, "step.start-again") + handlers(7, "step.start-again") + faults(6, "run.no-hang"),
        _ExclusiveStart,
    ),
    Mutant(
        "finished-step-starts",
        "Starts a step that is finished: it is running again.",
        storage(7, "step.terminal-once", "log.folds") + handlers(7, "step.terminal-once"),
        Unguarded.of("step_started"),
    ),
    Mutant(
        "step-start-not-atomic",
        "Reads that a step is running and starts it again later, though it has finished by then.",
        storage(7, "step.status-agrees", "log.folds") + handlers(7, "step.terminal-once"),
        NotAtomic.of("step_started"),
    ),
    Mutant(
        "step-starts-after-end",
        "Starts a pending step of a run that has ended, so its body runs.",
        storage(7, "step.no-start-after-end") + handlers(4, "body.after-end", "step.no-start-after-end"),
        _StartsAfterEnd,
    ),
    Mutant(
        "step-start-shares-look-ups",
        "Gives a start what another start under way has seen, though the step was created since then.",
        storage(7, "step.start-again"),
        SharesLookUps.of("step_started"),
    ),
    Mutant(
        "step-start-raises",
        "Lets a raw error out when a step can no longer be started.",
        storage(7, "error.classifiable", "logs.failed-delivery") + handlers(7, "logs.failed-delivery"),
        Raises.of("step_started"),
    ),
    Mutant(
        "step-start-forgotten",
        "Starts a step and adds no event to the log.",
        storage(7, "log.agrees-with-answers") + handlers(7, "log.agrees-with-answers"),
        Forgets.of("step_started"),
    ),
    Mutant(
        "step-results-crossed",
        "Keeps the result to be stored where all calls do: who comes in between puts its own there.",
        storage(6, "data.kept"),
        _CrossesResults,
    ),
    Mutant(
        "retry-in-milliseconds",
        "Says how many milliseconds a retry that is too early has to wait, where seconds are due.",
        storage(0, "step.retry-after"),
        _SaysMilliseconds,
    ),
    Mutant(
        "step-of-another",
        "Looks for any step of the run that the event could be about, and moves the one that it is about.",
        storage(0, "step.terminal-once", "step.retry-after"),
        _AsksAnyStep.of("step_started", "step_completed", "step_failed", "step_retrying"),
    ),
    # -- creating -------------------------------------------------------------------------------------
    Mutant(
        "step-created-again",
        "Creates a step anew, with the loser's data, whatever has become of the first one.",
        storage(8, "step.created-once") + handlers(8, "step.created-once"),
        Unguarded.of("step_created"),
    ),
    Mutant(
        "creation-not-atomic",
        "Reads that there is no such step or wait and creates it later, though another has by then.",
        storage(8, "step.created-once", "wait.created-once") + handlers(8, "step.created-once"),
        NotAtomic.of("step_created", "wait_created"),
    ),
    Mutant(
        "step-creation-swallowed",
        "Answers the second creation of a step with success, and writes nothing.",
        storage(8, "step.created-once") + handlers(8, "step.created-once"),
        Swallows.of("step_created"),
    ),
    Mutant(
        "creation-winner-refused",
        "Under contention refuses the handler that created a step or wait, as if another one had.",
        storage(8, "creation.winner-told") + handlers(8, "creation.winner-told"),
        WinnerRefused.of("step_created", "wait_created"),
    ),
    Mutant(
        "step-creation-gone",
        "Says that the run is finished when a step exists already.",
        storage(8, "step.created-once") + handlers(8, "logs.failed-delivery"),
        MisnamesGone.of("step_created"),
    ),
    Mutant(
        "step-creation-raises",
        "Lets the error of a unique index out when a step exists already.",
        storage(8, "error.classifiable") + handlers(8, "logs.failed-delivery"),
        Raises.of("step_created"),
    ),
    Mutant(
        "step-creation-loud",
        "Logs an error when a step exists already.",
        storage(8, "logs.error-line") + handlers(8, "logs.error-line"),
        Loud.of("step_created", "wait_created"),
    ),
)
