"""The suite's own hands at level ``storage``: how a scenario makes its prefix, before anything races."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Final

from conformance.core import events
from conformance.core.actor import Actor
from conformance.core.history import History

#: The workflow name of runs at level ``storage``, in the SDK's form.
WORKFLOW = "workflow//./workflows/flows//storage"
_DAY_MS: Final = 24 * 3_600_000


class NoPrefixError(Exception):
    """The prefix of a case cannot be made: without a race, what should happen before it does not."""


class Suite:
    """Makes runs, steps, waits and hooks, one after another, and refuses to go on if the world will not.

    Every ``await`` is a call on the world that may raise :class:`WorldError`; in a prefix that makes
    the case inconclusive, for then nothing was raced.
    """

    def __init__(self, actor: Actor, unique: str) -> None:
        self.actor = actor
        #: differs between schedules, for names that a world keeps globally (tokens, hook ids)
        self.unique = unique
        self._names = 0

    def save(self) -> object:
        """What this suite remembers, to go back to with :meth:`rewind`."""
        return self._names

    def rewind(self, saved: Any, history: History) -> None:
        """Go back to what was saved, and record into ``history`` from here on."""
        self._names = saved
        self.actor.history = history

    def declares(self, capability: str) -> bool:
        """Whether the World says that it can do this, such as ``hookResumeDedup``."""
        return capability in self.actor.history.capabilities

    def name(self, prefix: str) -> str:
        """A correlation id or token that no other schedule uses, such as ``step_2_7f3a``."""
        self._names += 1
        return f"{prefix}_{self._names}_{self.unique}"

    async def run(self, *, siblings: int = 0, started: bool = True) -> str:
        """A run, running (or pending), with ``siblings`` pending steps in it. Its id."""
        created = await self.actor.create(None, events.run_created(WORKFLOW))
        run_id: str = created["run"]["runId"]
        if started:
            await self.actor.create(run_id, events.run_started())
        for _ in range(siblings):
            await self.step(run_id)
        return run_id

    async def step(self, run_id: str, *, started: bool = False) -> str:
        """A step of a run, pending or started once. Its id."""
        step_id = self.name("step")
        await self.actor.create(run_id, events.step_created(step_id, "work"))
        if started:
            await self.actor.create(run_id, events.step_started(step_id))
        return step_id

    async def wait(self, run_id: str) -> str:
        """A wait that has elapsed. Its id."""
        wait_id = self.name("wait")
        await self.actor.create(run_id, events.wait_created(wait_id, self.elapsed()))
        return wait_id

    async def hook(self, run_id: str, token: str | None = None) -> str:
        """A live hook. Its id."""
        hook_id = self.name("hook")
        await self.actor.create(run_id, events.hook_created(hook_id, token or self.name("token")))
        return hook_id

    async def missing_run(self) -> str:
        """An id of the shape that this world gives, of a run that was never created."""
        run_id = await self.run()
        return run_id[:-1] + ("Y" if run_id.endswith("Z") else "Z")

    def elapsed(self) -> datetime:
        """A moment that is over for this world's clock."""
        return self._moment(timedelta(minutes=-1))

    def far(self) -> datetime:
        """A moment that does not come while a schedule is played, by this clock or by that of a database,
        which nobody moves. It is whole days away, so that one schedule is as another."""
        behind = time.time() * 1000 - self.actor.now()
        return self._moment(timedelta(days=1 + max(0, ceil(behind / _DAY_MS))))

    def _moment(self, later: timedelta) -> datetime:
        return datetime.fromtimestamp(self.actor.now() / 1000, UTC) + later
