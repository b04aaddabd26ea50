"""The call that the running code belongs to."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any


class Call:
    """One operation of the World under way.

    ``pending`` counts its I/O operations that wait for their release or for their answer.
    """

    def __init__(
        self, number: Any, actor: str, *, gated: bool, stacks: bool, one_at_a_time: bool = False
    ) -> None:
        self.number = number
        self.actor = actor
        self.gated = gated
        self.stacks = stacks
        #: what is held waits its turn; so does what handlers of the runtime do in parallel, held or not
        self.one_at_a_time = gated or one_at_a_time
        self.finished = False
        #: pages with more behind them that the runtime has read for it
        self.pages = 0
        #: what the World does for it
        self.coroutine: Any = None
        self._pending = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    def begun(self) -> None:
        """An operation was asked for."""
        self._pending += 1
        self._quiet.clear()

    def ended(self) -> None:
        """An operation was answered."""
        self._pending -= 1
        if self._pending == 0:
            self._quiet.set()

    async def settled(self) -> None:
        """Wait until nothing of it is in flight, and a turn of the event loop brings nothing new."""
        while True:
            await self._quiet.wait()
            await asyncio.sleep(0)
            if self._pending == 0:
                return


#: Tasks that the code of a call starts inherit it; connections outlive the call that made them.
_current: ContextVar[Call | None] = ContextVar("current_call", default=None)


def current_call() -> Call | None:
    """The unfinished call that the running code works for; None in the background."""
    call = _current.get()
    return None if call is None or call.finished else call


def enter_call(call: Call | None) -> None:
    """From here on the running task works for this call."""
    _current.set(call)
