"""Which calls removed something, so that the story of a hook that is gone names the one that took it along.

A hook may only be removed by its own disposal and by the end of its run. Where a hook is not there although
neither came, the calls that removed other hooks since it was last seen are the ones that may have done it.
"""

from __future__ import annotations

from conformance.spec.machine import State
from conformance.spec.vocabulary import RUN_TERMINAL, Event

#: What ``wrong`` of a finding ends with when a thing is gone that another call may have removed.
REMOVED = " removed"


class Removals:
    """The removals of hooks since each hook was last seen."""

    def __init__(self) -> None:
        self._removed: list[str] = []
        #: hook -> how many removals there had been when it was last seen
        self._seen: dict[str, int] = {}

    def take(self, event: Event, what: str) -> None:
        """A call was answered with success: ``what`` says which, such as ``A's hook_disposed hook2``."""
        kind = event["eventType"]
        if kind == "hook_created":
            self.see(event.get("correlationId") or "")
        elif kind == "hook_disposed" or kind.removeprefix("run_") in RUN_TERMINAL:
            self._removed.append(what)

    def see(self, hook: str) -> None:
        """A hook is there."""
        self._seen[hook] = len(self._removed)

    def of(self, state: State, hook: str) -> str:
        """The last call that may have removed a hook that is due, in words; empty when there is none."""
        known = state.hooks.get(hook)
        since = self._removed[self._seen.get(hook, len(self._removed)) :]
        return since[-1] if known is not None and known.status == "active" and since else ""
