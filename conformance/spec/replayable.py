"""Which logs a replay can read, whatever its workflow is.

A call site takes the events of its step or wait until one of them ends it; an event that comes later fits
nowhere, and the replay diverges. Measured in core 4.8.9: ``step_completed, step_started`` and
``step_completed, step_retrying`` of one step are each a ``ReplayDivergenceError``, while a second
``step_created`` before the end is passed over. A payload of a hook that lies behind the hook's disposal has
nobody who takes it: no replay passes over payloads (vercel/workflow#2781, #3645; event sourcing, duplicate
events). Other events of hooks are left out: whether they are looked at depends on the workflow.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.spec.table import Line
from conformance.spec.vocabulary import TERMINAL_EVENTS

_ENDS: Final = frozenset({"step_completed", "step_failed", "wait_completed"})
_OF_ENTITIES: Final = ("step_", "wait_")
#: Events that are outcomes of one decision.
_CLASSES: Final = {"step_completed": "step_ended", "step_failed": "step_ended"}


def first_misfit(log: Iterable[tuple[str, str]], line: Line = 4) -> tuple[str, str] | None:
    """The first event, as ``(type, entity)``, that fits nowhere in a replay of a log; None when all may fit.

    The log of a run that has ended is never replayed again. The runtime of 5.x passes over an event when it
    has met one of that class for the same entity (its docs, event sourcing, Duplicate events).
    """
    ended: set[str] = set()
    met: set[tuple[str, str]] = set()
    found: tuple[str, str] | None = None
    for kind, entity in log:
        if kind in TERMINAL_EVENTS:
            return None
        again = (_CLASSES.get(kind, kind), entity) in met
        met.add((_CLASSES.get(kind, kind), entity))
        if entity in ended and kind.startswith(_OF_ENTITIES):
            if line == 4 or not again:
                found = found or (kind, entity)
        elif entity in ended and kind == "hook_received":
            found = found or (kind, entity)
        elif kind in _ENDS or kind == "hook_disposed":
            ended.add(entity)
        elif kind == "hook_created":
            ended.discard(entity)
    return found
