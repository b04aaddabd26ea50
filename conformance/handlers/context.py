"""What a workflow is given: call sites for steps, sleeps and hooks, and the ways to combine them."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from conformance.handlers import pending
from conformance.handlers.ids import Ids
from conformance.handlers.outcome import HookItem, StepItem, WaitItem
from conformance.handlers.pending import Pending, Task
from conformance.handlers.sites import Hook, Open, StepSite, WaitSite
from conformance.spec.vocabulary import Json

Part = Pending | Hook | Coroutine[Any, None, Any]


class Context:
    """Handed to a workflow as ``ctx``. One per replay; ``now`` is the time of the replay in ms.

    Each call site draws the next id, opens an item, and takes the events of its own id from then on.
    """

    __slots__ = ("_ids", "now", "open", "ready", "tasks")

    def __init__(self, ids: Ids, now: float) -> None:
        self._ids = ids
        self.now = now
        self.open = Open()
        self.ready: list[Task] = []
        self.tasks: list[Task] = []

    def step(self, name: str, *args: Json) -> Pending:
        """Call a step. Awaiting gives its result, or raises :class:`StepFailedError`."""
        item = StepItem(self._ids.draw("step"), name, list(args))
        result = Pending()
        self.open.items[item.id] = item
        self.open.sites[item.id] = StepSite(item, result, self.open)
        return result

    def sleep(self, ms: float) -> Pending:
        """Sleep for so many milliseconds from the moment the sleep is first recorded."""
        item = WaitItem(self._ids.draw("wait"), self.now + ms)
        result = Pending()
        self.open.items[item.id] = item
        self.open.sites[item.id] = WaitSite(item, result, self.open)
        return result

    def hook(self, token: str) -> Hook:
        """Make a hook. Awaiting it gives the next payload, or raises :class:`HookTakenError`."""
        item = HookItem(self._ids.draw("hook"), token)
        hook = Hook(item, self.open)
        self.open.items[item.id] = item
        self.open.sites[item.id] = hook
        return hook

    def gather(self, *parts: Part) -> Pending:
        """All results in order, or the first error (the other parts go on)."""
        return pending.gather([self._part(part) for part in parts])

    def race(self, *parts: Part) -> Pending:
        """``(index, result)`` of the first part to finish, or its error; the others stay open."""
        return pending.race([self._part(part) for part in parts])

    def spawn(self, coroutine: Coroutine[Any, None, Any]) -> Task:
        """Start a branch; like a called async function it runs at once, up to its first wait."""
        task = Task(coroutine, self.ready)
        self.tasks.append(task)
        task.push()
        return task

    def _part(self, part: Part) -> Pending:
        if isinstance(part, Pending):
            return part
        return part.next() if isinstance(part, Hook) else self.spawn(part)
