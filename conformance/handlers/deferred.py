"""Handing results to a workflow, in the order of the log.

The events consumer reads ahead: it takes every event that an open call site wants before the workflow
has reacted to the first. So what it takes is put down here, under the place of the event in the log,
and handed over one at a time, the workflow reacting in between.

One thing bends the order, in the runtime as here: a payload of a hook that nobody waits for. Results of
steps pass it by; ends of sleeps and payloads that come after it wait until somebody takes it, or until
there is nothing else to do.
"""

from __future__ import annotations

from bisect import insort
from typing import Any, Literal

from conformance.handlers.pending import Pending


class Deferred:
    """One result: where its event stands in the log, and who gets it (None: nobody has asked yet)."""

    __slots__ = ("error", "index", "kind", "target", "value")

    def __init__(
        self,
        index: int,
        kind: Literal["step", "wait", "hook"],
        target: Pending | None,
        value: Any = None,
        error: Exception | None = None,
    ) -> None:
        self.index = index
        self.kind = kind
        self.target = target
        self.value = value
        self.error = error

    def __lt__(self, other: Deferred) -> bool:
        return self.index < other.index


class DeferredQueue:
    """Results that were taken from the log and not handed over yet."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[Deferred] = []

    def add(self, one: Deferred) -> None:
        insort(self._waiting, one)

    def claim(self, one: Deferred, target: Pending) -> None:
        """Somebody asks for a payload that was put down: it is due at its place."""
        one.target = target
        if one not in self._waiting:
            insort(self._waiting, one)

    def next(self) -> Deferred | None:
        """The next one to hand over, taken out; None when there is none."""
        waiting = self._waiting
        while waiting:
            unclaimed: int | None = None
            for at, one in enumerate(waiting):
                if one.target is None:
                    unclaimed = at if unclaimed is None else unclaimed
                elif unclaimed is None or one.kind == "step":
                    return waiting.pop(at)
            # Nothing moves by itself any more: the first payload that nobody wants stops holding up the rest.
            assert unclaimed is not None
            del waiting[unclaimed]
        return None
