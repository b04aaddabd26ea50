"""Worlds that go wrong with waits."""

from __future__ import annotations

from conformance.memory.mutants.mutant import Mutant, handlers, storage
from conformance.memory.mutants.ways import (
    Forgets,
    Loud,
    Misnames,
    NotAtomic,
    Raises,
    Swallows,
    Unguarded,
    WinnerRefused,
)

MUTANTS = (
    Mutant(
        "wait-unguarded",
        "Completes a wait that is completed, again and again.",
        storage(5, "wait.completed-once", "continuation.twice") + handlers(5, "log.replays"),
        Unguarded.of("wait_completed"),
    ),
    Mutant(
        "wait-not-atomic",
        "Reads that a wait is open and completes it later, though another has by then.",
        storage(5, "wait.completed-once", "continuation.twice")
        + handlers(5, "log.replays", "run.ends-as-control"),
        NotAtomic.of("wait_completed"),
    ),
    Mutant(
        "wait-swallowed",
        "Answers the loser of two ends of a wait with success, and writes nothing.",
        storage(5, "wait.completed-once", "continuation.twice") + handlers(5, "wait.completed-once"),
        Swallows.of("wait_completed"),
    ),
    Mutant(
        "wait-raises",
        "Lets a raw error out when a wait is completed again.",
        storage(5, "error.classifiable", "logs.failed-delivery") + handlers(5, "logs.failed-delivery"),
        Raises.of("wait_completed"),
    ),
    Mutant(
        "wait-not-found",
        "Says that a completed wait does not exist.",
        storage(5, "continuation.lost") + handlers(5, "logs.failed-delivery"),
        Misnames.of("wait_completed"),
    ),
    Mutant(
        "wait-loud",
        "Logs an error when a wait is completed again.",
        storage(5, "logs.error-line") + handlers(5, "logs.error-line"),
        Loud.of("wait_completed"),
    ),
    Mutant(
        "wait-forgotten",
        "Completes a wait and adds no event to the log: every replay finds it open.",
        storage(5, "log.agrees-with-answers") + handlers(5, "log.agrees-with-answers"),
        Forgets.of("wait_completed"),
    ),
    Mutant(
        "wait-winner-refused",
        "Under contention refuses the handler that completed a wait, as if another one had.",
        storage(5, "wait.completed-once") + handlers(5, "wait.completed-once"),
        WinnerRefused.of("wait_completed"),
    ),
    Mutant(
        "wait-created-again",
        "Creates a wait anew, so that one that is over is open again.",
        storage(8, "wait.created-once") + handlers(8, "wait.created-once", "log.replays"),
        Unguarded.of("wait_created"),
    ),
    Mutant(
        "wait-creation-raises",
        "Lets the error of a unique index out when a wait exists already.",
        storage(8, "error.classifiable") + handlers(8, "logs.failed-delivery"),
        Raises.of("wait_created"),
    ),
)
