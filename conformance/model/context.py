"""What a workflow is given: call sites for steps, sleeps and hooks, and the ways to combine them.

Each call site draws the next id, opens an item, and takes the events of its own id from then on.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any, Protocol

from conformance.model import pending
from conformance.model.clock import millis
from conformance.model.ids import Ids
from conformance.model.outcome import HookItem, HookTakenError, Item, StepFailedError, StepItem, WaitItem
from conformance.model.pending import Pending, Task
from conformance.spec.events import Event, Json


class DivergenceError(Exception):
    """The event does not fit the call site that has its id. Raised to the replay, never to a workflow."""


class Site(Protocol):
    """A call site that takes events. Returns True when it takes no more (later ones then fit nowhere)."""

    def take(self, event: Event, items: dict[str, Item]) -> bool: ...


class Hook:
    """A hook: await it for the next payload (again and again), dispose of it to free its token."""

    __slots__ = ("_buffer", "_conflict", "_item", "_waiting")

    def __init__(self, item: HookItem) -> None:
        self._item = item
        self._buffer: list[Json] = []
        self._waiting: list[Pending] = []
        self._conflict: HookTakenError | None = None

    @property
    def token(self) -> str:
        return self._item.token

    def next(self) -> Pending:
        """The next payload; payloads that came before anyone waited are kept in order."""
        payload = Pending()
        if self._conflict is not None:
            payload.settle(error=self._conflict)
        elif self._buffer:
            payload.settle(self._buffer.pop(0))
        else:
            self._waiting.append(payload)
        return payload

    def __await__(self) -> Generator[Pending, None, Any]:
        return self.next().__await__()

    def dispose(self) -> None:
        """Let go of the hook. Whoever waits for a payload then waits for ever."""
        self._item.disposed = True
        self._waiting.clear()

    def take(self, event: Event, items: dict[str, Item]) -> bool:
        kind = event["eventType"]
        item = self._item
        data = event.get("eventData") or {}
        token = data.get("token")
        if isinstance(token, str) and token != item.token:
            raise DivergenceError(f"{kind} of {item.id} has token {token!r}, the call site {item.token!r}")
        if kind == "hook_created":
            item.has_created = True
        elif kind == "hook_received":
            if self._waiting:
                self._waiting.pop(0).settle(data.get("payload"))
            else:
                self._buffer.append(data.get("payload"))
        elif kind == "hook_conflict":
            items.pop(item.id, None)
            self._conflict = HookTakenError(
                f'Hook token "{item.token}" is already in use by another workflow'
            )
            waiting, self._waiting = self._waiting, []
            for payload in waiting:
                payload.settle(error=self._conflict)
        elif kind == "hook_disposed":
            items.pop(item.id, None)
            return True
        else:
            raise DivergenceError(f"{kind} for the hook {item.id}")
        return False


class _StepSite:
    __slots__ = ("item", "result")

    def __init__(self, item: StepItem, result: Pending) -> None:
        self.item = item
        self.result = result

    def take(self, event: Event, items: dict[str, Item]) -> bool:
        kind = event["eventType"]
        item = self.item
        data = event.get("eventData") or {}
        name = data.get("stepName")
        if isinstance(name, str) and name != item.name:
            raise DivergenceError(
                f"{kind} of {item.id} is of the step {name!r}, the call site is {item.name!r}"
            )
        if kind == "step_created":
            item.has_created = True
        elif kind == "step_completed":
            items.pop(item.id, None)
            self.result.settle(data.get("result"))
            return True
        elif kind == "step_failed":
            items.pop(item.id, None)
            error = data.get("error")
            message = error.get("message") if isinstance(error, dict) else error
            self.result.settle(
                error=StepFailedError(message if isinstance(message, str) else "Unknown error")
            )
            return True
        elif kind not in ("step_started", "step_retrying"):
            raise DivergenceError(f"{kind} for the step {item.id}")
        return False


class _WaitSite:
    __slots__ = ("item", "result")

    def __init__(self, item: WaitItem, result: Pending) -> None:
        self.item = item
        self.result = result

    def take(self, event: Event, items: dict[str, Item]) -> bool:
        kind = event["eventType"]
        item = self.item
        until = (event.get("eventData") or {}).get("resumeAt")
        if kind == "wait_created":
            item.has_created = True
            item.resume_at = millis(until) or item.resume_at
        elif kind == "wait_completed":
            if until is not None and millis(until) != item.resume_at:
                raise DivergenceError(f"wait_completed of {item.id} is for another time than the wait")
            items.pop(item.id, None)
            self.result.settle()
            return True
        else:
            raise DivergenceError(f"{kind} for the wait {item.id}")
        return False


Part = Pending | Hook | Coroutine[Any, None, Any]


class Context:
    """Handed to a workflow as ``ctx``. One per replay; ``now`` is the time of the replay in ms."""

    __slots__ = ("_ids", "items", "now", "ready", "sites", "tasks")

    def __init__(self, ids: Ids, now: float) -> None:
        self._ids = ids
        self.now = now
        self.items: dict[str, Item] = {}
        self.sites: dict[str, Site] = {}
        self.ready: list[Task] = []
        self.tasks: list[Task] = []

    def step(self, name: str, *args: Json) -> Pending:
        """Call a step. Awaiting gives its result, or raises :class:`StepFailedError`."""
        item = StepItem(self._ids.draw("step"), name, list(args))
        result = Pending()
        self.items[item.id] = item
        self.sites[item.id] = _StepSite(item, result)
        return result

    def sleep(self, ms: float) -> Pending:
        """Sleep for so many milliseconds from the moment the sleep is first recorded."""
        item = WaitItem(self._ids.draw("wait"), self.now + ms)
        result = Pending()
        self.items[item.id] = item
        self.sites[item.id] = _WaitSite(item, result)
        return result

    def hook(self, token: str) -> Hook:
        """Make a hook. Awaiting it gives the next payload, or raises :class:`HookTakenError`."""
        item = HookItem(self._ids.draw("hook"), token)
        hook = Hook(item)
        self.items[item.id] = item
        self.sites[item.id] = hook
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
