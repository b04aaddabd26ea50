"""The transition table: entity x event x state -> new state or refusal, as data (spec line 4.x).

One row says: when an event of this type arrives while the run and the entity are in these states,
these outcomes are right. The first outcome is the canonical one (the memory world gives it); the
others are accepted. Rows are tried from the top, the first that fits decides. The same rows are the
memory world, the oracle of the checks, and the table in ``docs/spec.md``.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from conformance.spec.vocabulary import Answer


class Outcome(NamedTuple):
    """An answer, the state it leads to (None: unchanged), and whether it appends to the log."""

    answer: Answer
    to: str | None = None
    logs: bool = False


class Row(NamedTuple):
    """One line of the table. ``run`` and ``entity`` name the states it is for (empty: any).

    ``when`` is a further condition: ``token-held`` (by another hook), ``retry-later`` (retryAfter is
    in the future), ``creates`` (a start that brings the input of its step). ``rule`` is the rule that a
    different answer breaks.
    """

    event: str
    run: tuple[str, ...]
    entity: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    rule: str
    when: str = ""


_ENDED = ("completed", "failed", "cancelled")
_LIVE = ("pending", "running")
_ANY: tuple[str, ...] = ()

_CONFLICT = Outcome("conflict")
_GONE = Outcome("gone")
_MISSING = Outcome("not_found")


def _ok(to: str) -> Outcome:
    return Outcome("ok", to, logs=True)


#: For events of a run the entity *is* the run, so ``entity`` is left empty there.
TABLE: Final[tuple[Row, ...]] = (
    Row("run_created", ("missing",), _ANY, (_ok("pending"),), "run.created-once"),
    Row("run_created", _ANY, _ANY, (_CONFLICT,), "run.created-once"),
    # -- a run that is not there -----------------------------------------------------------------
    Row("*", ("missing",), _ANY, (_MISSING,), "run.exists"),
    # -- runs ------------------------------------------------------------------------------------
    Row("run_started", ("pending",), _ANY, (_ok("running"),), "run.start-idempotent"),
    Row("run_started", ("running",), _ANY, (Outcome("ok"), _CONFLICT), "run.start-idempotent"),
    Row("run_started", _ENDED, _ANY, (_GONE, _CONFLICT), "run.no-start-after-end"),
    Row("run_completed", _LIVE, _ANY, (_ok("completed"),), "run.terminal-once"),
    Row("run_completed", _ENDED, _ANY, (_CONFLICT, _GONE), "run.terminal-once"),
    Row("run_failed", _LIVE, _ANY, (_ok("failed"),), "run.terminal-once"),
    Row("run_failed", _ENDED, _ANY, (_CONFLICT, _GONE), "run.terminal-once"),
    Row("run_cancelled", _LIVE, _ANY, (_ok("cancelled"),), "run.terminal-once"),
    Row("run_cancelled", ("cancelled",), _ANY, (Outcome("ok"), _CONFLICT, _GONE), "run.terminal-once"),
    Row("run_cancelled", _ENDED, _ANY, (_CONFLICT, _GONE), "run.terminal-once"),
    # -- steps -----------------------------------------------------------------------------------
    Row("step_created", _ENDED, _ANY, (_CONFLICT, _GONE), "run.no-creation-after-end"),
    Row("step_created", _LIVE, ("missing",), (_ok("pending"),), "step.created-once"),
    Row("step_created", _LIVE, _ANY, (_CONFLICT,), "step.created-once"),
    # The end of the run may have refused the creation of a step that was queued all the same; only
    # *gone* ends its delivery quietly.
    Row("step_started", _ENDED, ("missing",), (_GONE, _MISSING, _CONFLICT), "step.exists"),
    Row("step_started", _LIVE, ("missing",), (_MISSING,), "step.exists"),
    Row("step_started", _ENDED, _ENDED, (_CONFLICT, _GONE), "step.terminal-once"),
    Row("step_started", _LIVE, _ENDED, (_CONFLICT,), "step.terminal-once"),
    Row("step_started", _ENDED, ("pending",), (_GONE, _CONFLICT), "step.no-start-after-end"),
    # Accepted by every world today; the runtime's own guard is the run's end.
    Row("step_started", _ENDED, ("running",), (_ok("running"), _GONE, _CONFLICT), "step.start-again"),
    Row("step_started", _LIVE, ("pending",), (Outcome("too_early"),), "step.retry-after", "retry-later"),
    Row("step_started", _LIVE, _LIVE, (_ok("running"),), "step.start-again"),
    *(
        row
        for event, to in (
            ("step_completed", "completed"),
            ("step_failed", "failed"),
            ("step_retrying", "pending"),
        )
        for row in (
            Row(event, _ANY, ("missing",), (_MISSING,), "step.exists"),
            Row(event, _ENDED, _ENDED, (_CONFLICT, _GONE), "step.terminal-once"),
            Row(event, _LIVE, _ENDED, (_CONFLICT,), "step.terminal-once"),
            Row(event, _ENDED, ("pending",), (_GONE, _CONFLICT, _ok(to)), "step.terminal-once"),
            # A running step may finish after its run did.
            Row(event, _ENDED, ("running",), (_ok(to), _GONE, _CONFLICT), "step.terminal-once"),
            Row(event, _LIVE, _LIVE, (_ok(to),), "step.terminal-once"),
        )
    ),
    # -- waits -----------------------------------------------------------------------------------
    Row("wait_created", _ENDED, _ANY, (_CONFLICT, _GONE), "run.no-creation-after-end"),
    Row("wait_created", _LIVE, ("missing",), (_ok("waiting"),), "wait.created-once"),
    Row("wait_created", _LIVE, _ANY, (_CONFLICT,), "wait.created-once"),
    Row("wait_completed", _LIVE, ("waiting",), (_ok("completed"),), "wait.completed-once"),
    Row("wait_completed", _ANY, ("completed",), (_CONFLICT, _GONE, _MISSING), "wait.completed-once"),
    # The end of the run released it; nothing reads the log of an ended run again.
    Row(
        "wait_completed", _ENDED, ("waiting",), (_CONFLICT, _GONE, _MISSING, _ok("completed")), "wait.exists"
    ),
    Row("wait_completed", _ANY, ("missing",), (_MISSING, _CONFLICT), "wait.exists"),
    # -- hooks -----------------------------------------------------------------------------------
    Row("hook_created", _ENDED, _ANY, (_CONFLICT, _GONE), "run.no-creation-after-end"),
    Row("hook_created", _LIVE, ("active",), (_CONFLICT,), "hook.created-once"),
    Row(
        "hook_created",
        _LIVE,
        ("disposed",),
        (Outcome("hook_conflict", None, logs=True), _CONFLICT),
        "hook.token-unique",
        "token-held",
    ),
    Row(
        "hook_created",
        _LIVE,
        _ANY,
        (Outcome("hook_conflict", None, logs=True),),
        "hook.token-unique",
        "token-held",
    ),
    Row("hook_created", _LIVE, ("missing",), (_ok("active"),), "hook.token-unique"),
    Row("hook_created", _LIVE, ("disposed",), (_CONFLICT, _ok("active")), "hook.created-once"),
    Row("hook_received", _ANY, ("active",), (_ok("active"),), "hook.received-alive"),
    Row("hook_received", _ANY, _ANY, (_MISSING, _GONE, _CONFLICT), "hook.received-alive"),
    Row("hook_disposed", _ANY, ("active",), (_ok("disposed"),), "hook.disposed-once"),
    Row("hook_disposed", _ANY, _ANY, (_MISSING, _CONFLICT, _GONE), "hook.disposed-once"),
)

#: What line 5.x says besides. A start may bring the input of its step: then it is the creation too, and
#: whoever does not create the step does not run it.
ADDED_5X: Final[tuple[Row, ...]] = (
    Row("step_started", _ENDED, _ANY, (_CONFLICT, _GONE), "run.no-creation-after-end", "creates"),
    Row("step_started", _LIVE, ("missing",), (_ok("running"),), "step.created-once", "creates"),
    Row("step_started", _LIVE, _ANY, (_CONFLICT,), "step.created-once", "creates"),
)


def _index() -> dict[tuple[str, str, str, str], Row]:
    """Every (event, run state, entity state, condition) -> its row, so that a look-up is one dict access."""
    runs = ("missing", *_LIVE, *_ENDED)
    entities = ("missing", "pending", "running", "waiting", "active", "disposed", *_ENDED)
    found: dict[tuple[str, str, str, str], Row] = {}
    for event in dict.fromkeys(row.event for row in TABLE if row.event != "*"):
        for run in runs:
            for entity in entities:
                for when in ("", "token-held", "retry-later", "creates"):
                    for row in (*(ADDED_5X if when == "creates" else ()), *TABLE):
                        if (
                            row.event in (event, "*")
                            and (not row.run or run in row.run)
                            and (not row.entity or entity in row.entity)
                            and row.when in ("", when)
                        ):
                            found[event, run, entity, when] = row
                            break
    return found


INDEX: Final = _index()
EVENT_TYPES: Final = frozenset(event for event, *_ in INDEX)
