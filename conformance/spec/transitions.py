"""The rows of the transition table, of all lines of the spec.

Where the lines differ, each has rows of its own, one beside the other. A row of 5.x is about what its
documentation says and its packages do; positions in the log and reports are no transitions, and have rules.
"""

from __future__ import annotations

from typing import Final

from conformance.spec.rows import Outcome, Row

_ENDED = ("completed", "failed", "cancelled")
_LIVE = ("pending", "running")
_ANY: tuple[str, ...] = ()

_CONFLICT = Outcome("conflict")
_GONE = Outcome("gone")
_MISSING = Outcome("not_found")
#: Committed once more, and passed over by every replay.
_INERT = Outcome("ok", inert=True)

_DOCS = "docs, event sourcing"
_REVIEW = "#1418"
_LOCAL_4 = "world-local 4.4.1, storage/events-storage"
_LOCAL_5 = "world-local 5.0.0-beta.46, storage/events-storage"
_EXECUTOR_5 = "core 5.0.0-beta.55, runtime/step-executor"
_EVENTS_5 = "world 5.0.0-beta.37, src/events"
_INERT_5 = "core 5.0.0-beta.55, event-sourcing.mdx, Duplicate events; #3381"


def _ok(to: str) -> Outcome:
    return Outcome("ok", to, logs=True)


def _runs() -> tuple[Row, ...]:
    lost = (_ok("running"), _MISSING)
    return (
        Row("run_created", ("missing",), _ANY, (_ok("pending"),), "run.created-once", source=_DOCS),
        Row("run_created", _ANY, _ANY, (_CONFLICT,), "run.created-once", source=_DOCS),
        Row("run_started", ("missing",), _ANY, lost, "run.exists", "creates", (4,), _LOCAL_4),
        Row("run_started", ("missing",), _ANY, lost[:1], "run.exists", "creates", (5,), _LOCAL_5),
        # -- a run that is not there -------------------------------------------------------------
        Row("run_started", ("missing",), _ANY, (_MISSING,), "run.exists", source=_DOCS),
        # Nobody goes on with a run that its start did not give.
        Row("*", ("missing",), _ANY, (_MISSING,), "run.unknown", source=_DOCS),
        # -- runs --------------------------------------------------------------------------------
        Row("run_started", ("pending",), _ANY, (_ok("running"),), "run.start-idempotent", source=_REVIEW),
        # A conflict tells the loser of two starts to stop; whoever continues a run later must not get it.
        Row(
            "run_started",
            ("running",),
            _ANY,
            (Outcome("ok"), _CONFLICT),
            "run.start-idempotent",
            source=_REVIEW,
        ),
        Row("run_started", _ENDED, _ANY, (_GONE, _CONFLICT), "run.no-start-after-end", source=_REVIEW),
        *(
            row
            for event, to in (
                ("run_completed", "completed"),
                ("run_failed", "failed"),
                ("run_cancelled", "cancelled"),
            )
            for row in _run_end(event, to)
        ),
        Row("attr_set", _ENDED, _ANY, (_CONFLICT,), "attribute.live-run", "", (5,), _LOCAL_5),
        Row("attr_set", _LIVE, ("missing",), (_ok("set"),), "attribute.live-run", "", (5,), _EVENTS_5),
        Row("attr_set", _LIVE, ("set",), (_CONFLICT, _INERT), "attribute.merged", "", (5,), "#3849"),
    )


def _run_end(event: str, to: str) -> tuple[Row, ...]:
    rule = "run.terminal-once"
    again = Row(
        event, ("cancelled",), _ANY, (Outcome("ok"), _CONFLICT, _GONE), rule, source="docs, cancellation"
    )
    return (
        Row(event, _LIVE, _ANY, (_ok(to),), rule, source=_DOCS),
        *((again,) if to == "cancelled" else ()),
        Row(event, _ENDED, _ANY, (_CONFLICT, _GONE), rule, source=_REVIEW),
    )


def _steps() -> tuple[Row, ...]:
    end = "run.no-creation-after-end"
    return (
        # A start may bring the input of its step. Then it is the creation too, and whoever does not create
        # the step does not run it.
        Row("step_started", _ENDED, _ANY, (_CONFLICT, _GONE), end, "creates", (5,), _LOCAL_5),
        Row(
            "step_started",
            _LIVE,
            ("missing",),
            (_ok("running"),),
            "step.created-once",
            "creates",
            (5,),
            _EVENTS_5,
        ),
        Row("step_started", _LIVE, _ANY, (_CONFLICT,), "step.created-once", "creates", (5,), _EVENTS_5),
        # The handler that creates does not expect *gone*: its delivery would fail.
        Row("step_created", _ENDED, _ANY, (_CONFLICT,), end, source=_REVIEW),
        Row("step_created", _LIVE, ("missing",), (_ok("pending"),), "step.created-once", source=_DOCS),
        Row("step_created", _LIVE, _LIVE, (_CONFLICT, _INERT), "step.created-once", "", (5,), _INERT_5),
        Row("step_created", _LIVE, _ANY, (_CONFLICT,), "step.created-once", source=_REVIEW),
        # The end of the run may have refused the creation of a step that was queued all the same; *not
        # found* would fail its delivery.
        Row("step_started", _ENDED, ("missing",), (_GONE, _CONFLICT), "step.exists", source=_LOCAL_4),
        Row("step_started", _LIVE, ("missing",), (_MISSING,), "step.exists", source=_DOCS),
        Row("step_started", _ENDED, _ENDED, (_CONFLICT, _GONE), "step.terminal-once", source=_REVIEW),
        Row("step_started", _LIVE, _ENDED, (_CONFLICT,), "step.terminal-once", source=_REVIEW),
        Row(
            "step_started",
            _ENDED,
            ("pending",),
            (_GONE, _CONFLICT),
            "step.no-start-after-end",
            source=_REVIEW,
        ),
        # Accepted by every world of 4.x; the runtime's own guard is the run's end.
        Row(
            "step_started",
            _ENDED,
            ("running",),
            (_ok("running"), _GONE, _CONFLICT),
            "step.start-again",
            "",
            (4,),
            _LOCAL_4,
        ),
        Row(
            "step_started",
            _ENDED,
            ("running",),
            (_GONE, _CONFLICT),
            "step.no-restart-after-end",
            "",
            (5,),
            _LOCAL_5,
        ),
        Row(
            "step_started",
            _LIVE,
            ("pending",),
            (Outcome("too_early"),),
            "step.retry-after",
            "retry-later",
            source=_DOCS,
        ),
        Row("step_started", _LIVE, _LIVE, (_ok("running"),), "step.start-again", source=_REVIEW),
        *(
            row
            for event, to in (
                ("step_completed", "completed"),
                ("step_failed", "failed"),
                ("step_retrying", "pending"),
            )
            for row in _step_end(event, to)
        ),
    )


def _step_end(event: str, to: str) -> tuple[Row, ...]:
    rule = "step.terminal-once"
    rows = (
        Row(event, _ANY, ("missing",), (_MISSING,), "step.exists", source=_DOCS),
        Row(event, _ENDED, _ENDED, (_CONFLICT,), rule, source=_REVIEW),
        Row(event, _LIVE, _ENDED, (_CONFLICT,), rule, source=_REVIEW),
        # The runtime ends a step that it has started. A pending one it fails only when a message was
        # delivered too often, and takes either refusal then; a retry that another handler asked for
        # meanwhile is as rare.
        Row(event, _ENDED, ("pending",), (_CONFLICT, _ok(to), _GONE), rule, source=_LOCAL_4),
        # A running step may finish after its run did.
        Row(event, _ENDED, ("running",), (_ok(to), _CONFLICT), rule, source=_REVIEW),
        Row(event, _LIVE, _LIVE, (_ok(to),), rule, source=_DOCS),
    )
    return tuple(each for row in rows for each in _told_gone(row))


def _told_gone(row: Row) -> tuple[Row, ...]:
    """The handlers of 5.x expect that step_completed is refused as gone; of no other end, and not in 4.x."""
    if row.event != "step_completed" or row.run != _ENDED or _GONE in row.outcomes:
        return (row,)
    of_5 = row._replace(outcomes=(*row.outcomes, _GONE), lines=(5,), source=_EXECUTOR_5)
    return row._replace(lines=(4,)), of_5


def _waits() -> tuple[Row, ...]:
    return (
        Row("wait_created", _ENDED, _ANY, (_CONFLICT,), "run.no-creation-after-end", source=_REVIEW),
        Row("wait_created", _LIVE, ("missing",), (_ok("waiting"),), "wait.created-once", source=_DOCS),
        Row("wait_created", _LIVE, _ANY, (_CONFLICT,), "wait.created-once", "", (4,), _REVIEW),
        Row("wait_created", _LIVE, _ANY, (_CONFLICT, _INERT), "wait.created-once", "", (5,), _INERT_5),
        Row("wait_completed", _LIVE, ("waiting",), (_ok("completed"),), "wait.completed-once", source=_DOCS),
        Row("wait_completed", _ANY, ("completed",), (_CONFLICT,), "wait.completed-once", source=_REVIEW),
        # The end of the run released it; nothing reads the log of an ended run again.
        Row(
            "wait_completed",
            _ENDED,
            ("waiting",),
            (_CONFLICT, _ok("completed")),
            "wait.exists",
            source=_LOCAL_4,
        ),
        Row("wait_completed", _ANY, ("missing",), (_MISSING,), "wait.exists", source=_DOCS),
    )


def _hooks() -> tuple[Row, ...]:
    taken = Outcome("hook_conflict", None, logs=True)
    unique, once, resumed = "hook.token-unique", "hook.created-once", "hook.resume-once"
    return (
        Row("hook_created", _ENDED, _ANY, (_CONFLICT, _GONE), "run.no-creation-after-end", source=_REVIEW),
        Row("hook_created", _LIVE, ("active",), (_CONFLICT,), once, "", (4,), _REVIEW),
        Row("hook_created", _LIVE, ("active",), (_CONFLICT, _INERT), once, "", (5,), _INERT_5),
        Row("hook_created", _LIVE, ("disposed",), (taken, _CONFLICT), unique, "token-held", source=_DOCS),
        Row("hook_created", _LIVE, _ANY, (taken,), unique, "token-held", source=_DOCS),
        Row("hook_created", _LIVE, ("missing",), (_ok("active"),), unique, source=_DOCS),
        Row("hook_created", _LIVE, ("disposed",), (_CONFLICT, _ok("active")), once, source=_LOCAL_4),
        # Where a World declares hookResumeDedup, one resumption is one event, whoever brings it again.
        Row("hook_received", _ANY, _ANY, (Outcome("ok"),), resumed, "resumed", (5,), "#3230"),
        Row("hook_received", _ANY, _ANY, (_CONFLICT,), resumed, "resumed-elsewhere", (5,), _LOCAL_5),
        Row("hook_received", _ANY, ("active",), (_ok("active"),), "hook.received-alive", source=_DOCS),
        Row(
            "hook_received", _ANY, _ANY, (_MISSING, _GONE, _CONFLICT), "hook.received-alive", source=_LOCAL_4
        ),
        Row("hook_disposed", _ANY, ("active",), (_ok("disposed"),), "hook.disposed-once", source=_DOCS),
        Row("hook_disposed", _ANY, _ANY, (_MISSING, _CONFLICT, _GONE), "hook.disposed-once", source=_REVIEW),
    )


#: For events of a run the entity *is* the run, so ``entity`` is left empty there.
ROWS: Final[tuple[Row, ...]] = (*_runs(), *_steps(), *_waits(), *_hooks())
