"""Promises without an event loop: what a workflow awaits, and the tasks that run it.

Nothing here waits or sleeps. A coroutine is pushed until it awaits something unsettled; the replay
settles things in the order of the log and pushes on. Settling never runs a coroutine itself, it only
puts it on the ``ready`` list, so the order of reactions is first come, first served.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from typing import Any


class Pending:
    """A value that is not there yet. Awaiting it gives the value or raises the error."""

    __slots__ = ("callbacks", "error", "settled", "value")

    def __init__(self) -> None:
        self.settled = False
        self.value: Any = None
        self.error: Exception | None = None
        self.callbacks: list[Callable[[Pending], None]] = []

    def __await__(self) -> Generator[Pending, None, Any]:
        if not self.settled:
            yield self
        if self.error is not None:
            raise self.error
        return self.value

    def settle(self, value: Any = None, error: Exception | None = None) -> None:
        """The first settlement counts, as with promises."""
        if self.settled:
            return
        self.settled = True
        self.value = value
        self.error = error
        callbacks, self.callbacks = self.callbacks, []
        for callback in callbacks:
            callback(self)

    def then(self, callback: Callable[[Pending], None]) -> None:
        """Call back when settled; at once if it already is."""
        if self.settled:
            callback(self)
        else:
            self.callbacks.append(callback)


class Task(Pending):
    """A running coroutine; settled with what it returns or raises."""

    __slots__ = ("coroutine", "ready")

    def __init__(self, coroutine: Coroutine[Any, None, Any], ready: list[Task]) -> None:
        super().__init__()
        self.coroutine = coroutine
        self.ready = ready

    def push(self) -> None:
        """Run until the next thing that is not settled, or to the end."""
        try:
            awaited = self.coroutine.send(None)
        except StopIteration as stop:
            self.settle(stop.value)
        except Exception as error:
            self.settle(error=error)
        else:
            awaited.callbacks.append(self._wake)

    def _wake(self, _: Pending) -> None:
        self.ready.append(self)


def gather(parts: list[Pending]) -> Pending:
    """All values, in order; or the first error, while the other parts go on."""
    whole = Pending()
    missing = len(parts)
    if not missing:
        whole.settle([])
        return whole

    def one_more(part: Pending) -> None:
        nonlocal missing
        if part.error is not None:
            whole.settle(error=part.error)
            return
        missing -= 1
        if not missing:
            whole.settle([each.value for each in parts])

    for part in parts:
        part.then(one_more)
    return whole


def race(parts: list[Pending]) -> Pending:
    """``(index, value)`` of the first part that settles, or its error; the others stay outstanding."""
    first = Pending()

    def arrived(index: int) -> Callable[[Pending], None]:
        return lambda part: first.settle((index, part.value), part.error)

    for index, part in enumerate(parts):
        part.then(arrived(index))
    return first
