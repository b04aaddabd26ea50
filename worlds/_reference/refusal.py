"""Why an event was refused, derived from the states that were found.

For databases whose guards are conditions: a conditional write says that it did not happen, not why.
"""

from __future__ import annotations

from typing import Literal

from conformance.spec.vocabulary import WorldError, conflict, gone, not_found, too_early

from .shapes import ENDED


def refusal(  # noqa: PLR0911 - a list of reasons, the first that fits
    kind: str, run: str | None, entity: str | None, *, wait_ms: int = 0, strict: bool = False
) -> WorldError | Literal["again"] | None:
    """The refusal of event ``kind`` when the run and its entity are in these states (None: missing).

    ``again``: no event, and no refusal either. None: nothing speaks against the event.
    ``wait_ms``: how long a retried step still has to wait. ``strict``: see :class:`Line`.
    """
    family, _, what = kind.partition("_")
    if kind == "run_created":
        return None if run is None else conflict("the run exists")
    if run is None:
        return WorldError("WorkflowRunNotFoundError", "the run was not found", status=404)
    if family == "run":
        return _run(what, run)
    if what.startswith("created") or kind == "attr_set":
        if run in ENDED:
            return conflict(f"the run is {run}")
        return None if entity is None else conflict(f"the {family} exists")
    if kind == "step_started" and run in ENDED and (strict or entity is None):
        return gone(f"the run is {run}")  # its creation may have been refused too; its message came late
    if entity is None or entity == "disposed":
        return not_found(f"the {family} was not found")
    if entity in ENDED:
        return conflict(f"the {family} is {entity}")
    if family != "hook" and entity != "running" and run in ENDED:
        return gone(f"the run is {run}") if kind == "step_started" else conflict(f"the run is {run}")
    if kind == "step_started" and wait_ms > 0:
        return too_early("retryAfter is in the future", wait_ms / 1000)
    return None


def _run(what: str, run: str) -> WorldError | Literal["again"] | None:
    if (what, run) in (("started", "running"), ("cancelled", "cancelled")):
        return "again"
    if run not in ENDED:
        return None
    return gone(f"the run is {run}") if what == "started" else conflict(f"the run is {run}")
