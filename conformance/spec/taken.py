"""Where the runtime takes each refusal, as data: what no handler takes is no right answer.

Files are those of ``@workflow/core``, 4.8.9 for line 4 and 5.0.0-beta.55 for line 5. Any other refusal
fails the delivery of the handler that gets it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from conformance.spec.rows import Line
from conformance.spec.vocabulary import Answer

#: The release that citations of a line are from.
RELEASES: Final[dict[Line, str]] = {4: "4.8.9", 5: "5.0.0-beta.55"}


class Taken(NamedTuple):
    """Where a refusal is taken. ``holds`` is a piece of that file that a release without it would lack,
    ``then`` what the runtime does, in words."""

    file: str
    holds: str
    then: str


_EXISTS: Final = "goes on as the one who created it does"
_STEP_4: Final = "dist/runtime/step-handler.js"
_STEP_5: Final = "dist/runtime/step-executor.js"
_SUSPENDS: Final = "dist/runtime/suspension-handler.js"
_ENTRY: Final = "dist/runtime.js"
_STOPS: Final = "stops, and its message is done"
_STARTED: Final = Taken(_ENTRY, "Run already finished during setup, skipping", _STOPS)
_ENDED: Final = Taken(_ENTRY, "Tried completing workflow run, but run has already finished.", _STOPS)
_FAILED: Final = Taken(_ENTRY, "Tried failing workflow run, but run has already finished.", _STOPS)
_CALLER: Final = Taken("dist/runtime/run.js", "run_cancelled", "its caller gets the error")
_RESUMED: Final = Taken("dist/runtime/resume-hook.js", "hook_received", "its caller gets the error")
_DISPOSED: Final = "skips it and goes on"

_BOTH: Final[dict[tuple[str, Answer], Taken]] = {
    ("run_created", "conflict"): Taken(
        "dist/runtime/start.js", "EntityConflictError.is(err)", "start goes on: the run is there"
    ),
    ("run_started", "conflict"): _STARTED._replace(
        then="stops: right for the loser of two starts, and never for one who starts later"
    ),
    ("run_started", "gone"): _STARTED,
    ("run_completed", "conflict"): _ENDED,
    ("run_completed", "gone"): _ENDED,
    ("run_failed", "conflict"): _FAILED,
    ("run_failed", "gone"): _FAILED,
    ("run_cancelled", "conflict"): _CALLER,
    ("run_cancelled", "gone"): _CALLER,
    ("step_created", "conflict"): Taken(_SUSPENDS, "Step already exists, continuing", _EXISTS),
    ("wait_created", "conflict"): Taken(_SUSPENDS, "Wait already exists, continuing", _EXISTS),
    ("wait_completed", "conflict"): Taken(_ENTRY, "Wait already completed, skipping", "goes on"),
    ("hook_created", "conflict"): Taken(_SUSPENDS, "Hook already exists, continuing", _EXISTS),
    ("hook_created", "gone"): Taken(_SUSPENDS, "Workflow run already completed, skipping hook", "goes on"),
    ("hook_created", "hook_conflict"): Taken(
        "dist/workflow/hook.js", "hook_conflict", "the replay rejects the promise of the hook"
    ),
    ("hook_disposed", "conflict"): Taken(_SUSPENDS, "Hook already disposed, skipping", _DISPOSED),
    ("hook_disposed", "gone"): Taken(_SUSPENDS, "already completed, skipping hook disposal", _DISPOSED),
    ("hook_disposed", "not_found"): Taken(_SUSPENDS, "Hook not found for disposal", _DISPOSED),
    ("hook_received", "conflict"): _RESUMED,
    ("hook_received", "gone"): _RESUMED,
    ("hook_received", "not_found"): _RESUMED,
}


def _step(file: str, skips: str) -> dict[tuple[str, Answer], Taken]:
    later = "TooEarlyError.is(err)"
    return {
        ("step_started", "conflict"): Taken(file, skips, "continues the run, for the step has ended"),
        ("step_started", "gone"): Taken(file, "has already completed, skipping step", _STOPS),
        ("step_started", "too_early"): Taken(file, later, "asks for another delivery when it is time"),
        ("step_completed", "conflict"): Taken(file, "Tried completing step, but step has", _STOPS),
        ("step_failed", "conflict"): Taken(file, "Tried failing step, but step has", _STOPS),
        ("step_retrying", "conflict"): Taken(file, "EntityConflictError.is(stepRetryErr)", _STOPS),
    }


#: Line, event and refusal -> who takes it.
TAKERS: Final[dict[Line, dict[tuple[str, Answer], Taken]]] = {
    4: {**_BOTH, **_step(_STEP_4, "Step in terminal state, re-enqueuing workflow")},
    5: {
        **_BOTH,
        **_step(_STEP_5, "Step in terminal state, skipping"),
        ("step_completed", "gone"): Taken(_STEP_5, "Workflow run already completed, skipping step", _STOPS),
        ("attr_set", "conflict"): Taken(_SUSPENDS, "attribute event already exists, continuing", "goes on"),
    },
}
#: Refusals of what was never there: nobody asks for it but who has lost its way, and then any error will do.
ASTRAY: Final[frozenset[tuple[str, Answer]]] = frozenset(
    {
        ("*", "not_found"),
        ("run_started", "not_found"),
        ("step_started", "not_found"),
        ("step_completed", "not_found"),
        ("step_failed", "not_found"),
        ("step_retrying", "not_found"),
        ("wait_completed", "not_found"),
        # Of a step that nobody has started, in a run that has ended: see the table.
        ("step_completed", "gone"),
        ("step_failed", "gone"),
        ("step_retrying", "gone"),
    }
)
