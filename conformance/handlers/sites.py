"""Call sites: what is open in a replay, and what each event of the log does to it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

from conformance.handlers.deferred import Deferred, DeferredQueue
from conformance.handlers.outcome import HookItem, HookTakenError, Item, StepFailedError, StepItem, WaitItem
from conformance.handlers.pending import Pending
from conformance.spec.clock import millis
from conformance.spec.vocabulary import Event, Json


class DivergenceError(Exception):
    """The event does not fit the call site that has its id. Raised to the replay, never to a workflow."""


class Open:
    """What is open in one replay. Items leave when the log says that they ended."""

    __slots__ = ("abandoned", "deferred", "items", "sites")

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.sites: dict[str, Site] = {}
        self.deferred = DeferredQueue()
        #: a hook was disposed of while someone waited for it: the workflow suspends when it can
        self.abandoned = False


class Site(Protocol):
    """A call site that takes events. True when it takes no more: later ones then fit nowhere."""

    def take(self, event: Event, index: int) -> bool: ...


@dataclass(slots=True)
class StepSite:
    """A call of a step."""

    item: StepItem
    result: Pending
    open: Open

    def take(self, event: Event, index: int) -> bool:
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
            return False
        if kind in ("step_started", "step_retrying"):
            return False
        if kind == "step_completed":
            one = Deferred(index, "step", self.result, data.get("result"))
        elif kind == "step_failed":
            error = data.get("error")
            message = error.get("message") if isinstance(error, dict) else error
            failure = StepFailedError(message if isinstance(message, str) else "Unknown error")
            one = Deferred(index, "step", self.result, error=failure)
        else:
            raise DivergenceError(f"{kind} for the step {item.id}")
        self.open.items.pop(item.id, None)
        self.open.deferred.add(one)
        return True


@dataclass(slots=True)
class WaitSite:
    """A sleep."""

    item: WaitItem
    result: Pending
    open: Open

    def take(self, event: Event, index: int) -> bool:
        kind = event["eventType"]
        item = self.item
        until = (event.get("eventData") or {}).get("resumeAt")
        if kind == "wait_created":
            item.has_created = True
            time = millis(until)
            item.resume_at = item.resume_at if time is None else time
            return False
        if kind != "wait_completed":
            raise DivergenceError(f"{kind} for the wait {item.id}")
        if until is not None and millis(until) != item.resume_at:
            raise DivergenceError(f"wait_completed of {item.id} is for another time than the wait")
        self.open.items.pop(item.id, None)
        self.open.deferred.add(Deferred(index, "wait", self.result))
        return True


class Hook:
    """A hook: await it for the next payload (again and again), dispose of it to free its token."""

    __slots__ = ("_conflict", "_gone", "_item", "_kept", "_open", "_waiting")

    def __init__(self, item: HookItem, what: Open) -> None:
        self._item = item
        self._open = what
        self._kept: list[Deferred] = []
        self._waiting: list[Pending] = []
        self._conflict: HookTakenError | None = None
        self._gone = False

    @property
    def token(self) -> str:
        return self._item.token

    def next(self) -> Pending:
        """The next payload; payloads that came before anyone asked are kept in order."""
        payload = Pending()
        if self._conflict is not None:
            payload.settle(error=self._conflict)
        elif self._kept:
            self._open.deferred.claim(self._kept.pop(0), payload)
        else:
            self._waiting.append(payload)
        return payload

    def __await__(self) -> Generator[Pending, None, Json]:
        return self.next().__await__()

    def dispose(self) -> None:
        """Let go of the hook. Whoever waits for a payload then waits for ever."""
        if self._gone or self._item.disposed:
            return
        self._item.disposed = True
        if self._waiting:
            self._waiting.clear()
            self._open.abandoned = True

    def take(self, event: Event, index: int) -> bool:
        kind = event["eventType"]
        item = self._item
        data = event.get("eventData") or {}
        token = data.get("token")
        if isinstance(token, str) and token != item.token:
            raise DivergenceError(f"{kind} of {item.id} has token {token!r}, the call site {item.token!r}")
        if kind == "hook_created":
            item.has_created = True
        elif kind == "hook_received":
            one = Deferred(
                index, "hook", self._waiting.pop(0) if self._waiting else None, data.get("payload")
            )
            self._open.deferred.add(one)
            if one.target is None:
                self._kept.append(one)
        elif kind == "hook_conflict":
            self._refuse(index)
        elif kind == "hook_disposed":
            self._gone = True
            self._open.items.pop(item.id, None)
            return True
        else:
            raise DivergenceError(f"{kind} for the hook {item.id}")
        return False

    def _refuse(self, index: int) -> None:
        """Another run holds the token: everyone who waits is told, and everyone who asks later."""
        self._open.items.pop(self._item.id, None)
        self._conflict = HookTakenError(f'Hook token "{self.token}" is already in use by another workflow')
        waiting, self._waiting = self._waiting, []
        for payload in waiting:
            # Not held up by payloads that nobody wants, so handed over as results of steps are.
            self._open.deferred.add(Deferred(index, "step", payload, error=self._conflict))
