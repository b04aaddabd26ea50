"""An actor: one racing party, with its own instance of the world.

Scenario programs and the handler model are plain ``async`` functions that await calls on an actor.
They never touch an event loop, so the same code runs under both drivers: in process (the call is a
coroutine of the memory world, stepped by hand from gate to gate) and hosted (the call is a request
that the driver sends to a host). See ``docs/architecture.md``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from conformance.core.batches import BatchCalls
from conformance.core.history import Call, History, Level, LogLine
from conformance.core.paging import Pages
from conformance.spec.batch import BATCHES, singles
from conformance.spec.lines import stamp
from conformance.spec.vocabulary import Entity, Event, WorldError

#: The lists of a run that are read, and how many items of each are asked for at once.
_PAGE: Final = {"events.list": 1000, "steps.list": 100, "hooks.list": 100}

#: What a driver gives an actor: perform one operation, ``await perform(op, args)``.
Perform = Callable[[str, tuple[Any, ...]], Awaitable[Any]]


class Actor:
    """Calls on one world instance, each recorded in the history.

    ``name`` is the actor (``"A"``, ``"B"``, …; ``"-"`` for the suite itself).
    Every call may raise :class:`WorldError`.
    """

    __slots__ = ("history", "name", "now", "perform")

    def __init__(self, name: str, history: History, perform: Perform, now: Callable[[], float]) -> None:
        self.name = name
        self.history = history
        self.perform = perform
        #: the logical time this actor sees, in milliseconds since 1970
        self.now = now

    async def call(self, op: str, *args: Any) -> Any:
        """Perform ``op`` (a method path of the World, such as ``events.create``)."""
        history = self.history
        record = Call(self.name, history.phase, op, args, history.tick(), time=self.now())
        history.calls.append(record)
        try:
            value = record.take(await self.perform(op, args), history)
        except WorldError as error:
            record.refused(error, history)
            record.ended = history.tick()
            raise
        # A handler that dies while it waits never learns the answer: the call stays open.
        record.ended = history.tick()
        return value

    async def create(
        self, run_id: str | None, event: Event, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """``events.create``: ``{"event"?, "run"?, "step"?, "hook"?, "wait"?}``. The event has the World's own
        spec version, as the runtime of its line sends it."""
        more = () if params is None else (params,)
        result: dict[str, Any] = await self.call(
            "events.create", run_id, {"specVersion": stamp(self.history.spec_version), **event}, *more
        )
        return result

    async def create_batch(self, run_id: str, events: Sequence[Event]) -> None:
        """Write events in one batch where the World declares that it can, else one after another, as the
        runtime does. What came of each is in the history, refusals too."""
        version = {"specVersion": stamp(self.history.spec_version)}
        made = [{**version, **event} for event in events]
        if BATCHES not in self.history.capabilities:
            for event in singles(made):
                with suppress(WorldError):
                    await self.call("events.create", run_id, event)
            return
        batch = BatchCalls(self.history, self.name, run_id, made, self.now())
        try:
            value = await self.perform("events.createBatch", (run_id, [{"event": event} for event in made]))
        except WorldError as error:
            batch.refused(error)
        else:
            batch.answered(value)

    async def events(self, run_id: str, limit: int = _PAGE["events.list"]) -> list[Event]:
        """The whole log of a run, in listing order, in pages of ``limit``. Pages that never end are a
        :class:`WorldError`."""
        return await self._all("events.list", run_id, limit)

    async def _all(self, op: str, run_id: str, limit: int) -> list[Entity]:
        """A whole list of a run, page by page, of whatever size the world's pages are."""
        found: list[Entity] = []
        pages = Pages(run_id)
        cursor: str | None = None
        while True:
            page = await self.call(op, _page_of(run_id, limit, cursor))
            found += page["data"]
            cursor = pages.following(page)
            if cursor is None:
                return found

    async def read_from(
        self, run_id: str, cursor: str | None = None, limit: int = _PAGE["events.list"]
    ) -> str | None:
        """Read a log in pages of ``limit``, from a cursor to its end; the cursor of that, if there is one."""
        pages = Pages(run_id)
        more = True
        while more:
            page = await self._page("events.list", run_id, limit, cursor)
            more = pages.following(page) is not None
            cursor = page.get("cursor") or cursor
        return cursor

    async def read_on(self, run_id: str, limit: int) -> None:
        """Read a log in pages of ``limit``, then once more from where it ended, as the runtime reads on."""
        cursor = await self.read_from(run_id, limit=limit)
        if cursor is not None:
            await self._page("events.list", run_id, limit, cursor)

    async def _page(self, op: str, run_id: str, limit: int, cursor: str | None) -> dict[str, Any]:
        page: dict[str, Any] = await self.call(op, _page_of(run_id, limit, cursor))
        return page

    @staticmethod
    def reads_of(run_id: str) -> list[tuple[str, tuple[Any, ...]]]:
        """The calls of :meth:`run`, :meth:`events`, :meth:`steps` and :meth:`hooks`: first pages."""
        return [("runs.get", (run_id,)), *((op, (_page_of(run_id, limit),)) for op, limit in _PAGE.items())]

    async def run(self, run_id: str) -> Entity:
        run: Entity = await self.call("runs.get", run_id)
        return run

    async def step(self, run_id: str, step_id: str) -> Entity:
        step: Entity = await self.call("steps.get", run_id, step_id)
        return step

    async def steps(self, run_id: str) -> list[Entity]:
        """All steps of a run."""
        return await self._all("steps.list", run_id, _PAGE["steps.list"])

    async def hooks(self, run_id: str) -> list[Entity]:
        """All live hooks of a run."""
        return await self._all("hooks.list", run_id, _PAGE["hooks.list"])

    async def hook_by_token(self, token: str) -> Entity | None:
        """The hook that holds a token, or None when it is free."""
        try:
            hook: Entity | None = await self.call("hooks.getByToken", token)
        except WorldError as error:
            if error.answer == "not_found":
                return None
            raise
        return hook

    def log(self, level: Level, text: str, origin: str = "runtime", *, by_design: bool = False) -> None:
        """Write a log line, as the runtime's logger would."""
        history = self.history
        history.logs.append(LogLine(self.name, history.phase, level, origin, text, history.tick(), by_design))


def _page_of(run_id: str, limit: int, cursor: str | None = None) -> dict[str, Any]:
    """The arguments of a list of a run, in listing order."""
    pagination: dict[str, Any] = {"sortOrder": "asc", "limit": limit}
    if cursor is not None:
        pagination["cursor"] = cursor
    return {"runId": run_id, "pagination": pagination}
