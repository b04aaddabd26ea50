"""Worlds that are right, each with another way to keep two writers apart."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

from conformance.core.gates import Gate
from conformance.memory.mutants.handlers import LosesStart
from conformance.memory.numbered import NumberedWorld
from conformance.memory.world import MemoryWorld
from conformance.spec.table import Row
from conformance.spec.vocabulary import Event


class PolledLock(MemoryWorld):
    """One lock for all, asked for again and again until it is free (``SET NX`` on a timer)."""

    def reset(self) -> None:
        super().reset()
        self.owner: dict[str, str] = {}
        self.callers = 0

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        self.callers += 1
        me = f"caller {self.callers}"
        await self.lock(me)
        try:
            return await super().events_create(run_id, event)
        finally:
            await Gate("DEL lock", "write", ("lock",))
            self.unlock(me)

    async def lock(self, me: str) -> None:
        while True:
            await Gate("SET lock NX", "write", ("lock",))
            if not self.owner:
                self.owner["lock"] = me
                return

    def unlock(self, me: str) -> None:
        if self.owner.get("lock") == me:
            del self.owner["lock"]


class PolledInRounds(PolledLock):
    """Looks who has the lock before it asks for it, and looks at the clock of the service, too."""

    async def lock(self, me: str) -> None:
        while True:
            await Gate("TIME", "read", ("clock",))
            await Gate("GET lock", "read", ("lock",))
            if not self.owner:
                await Gate("SET lock NX", "write", ("lock",))
                if not self.owner:
                    self.owner["lock"] = me
                    return


class Lease(PolledLock):
    """The lock is lost after so many looks of others, and who has lost it begins anew."""

    LOOKS = 40

    def reset(self) -> None:
        super().reset()
        self.looks = 0

    async def lock(self, me: str) -> None:
        while True:
            await Gate("SET lock NX PX", "write", ("lock",))
            self.looks += 1
            if not self.owner or self.looks > self.LOOKS:
                self.owner["lock"] = me
                self.looks = 0
                return

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None:
            run_id = self._next_id("wrun")
        self.callers += 1
        me = f"caller {self.callers}"
        while True:
            await self.lock(me)
            await Gate(f"read {run_id}", "read", (run_id,))
            seen = self.look_up(run_id, event)
            await Gate("write if the lock is mine", "write")
            if self.owner.get("lock") != me:
                continue
            try:
                return self.carry_out(run_id, event, seen)
            finally:
                self.unlock(me)


class Optimistic(MemoryWorld):
    """Writes what it decided if nothing was written since it read, else reads again."""

    def reset(self) -> None:
        super().reset()
        self.version = 0

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None:
            run_id = self._next_id("wrun")
        while True:
            await Gate(f"read {run_id}", "read")
            version, seen = self.version, self.look_up(run_id, event)
            await Gate(f"write {run_id} if version {version}", "write")
            if self.version == version:
                break
        self.version += 1
        return self.carry_out(run_id, event, seen)


class Serializable(Optimistic):
    """A transaction that the service ends with a conflict, which is tried again from the beginning."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None:
            run_id = self._next_id("wrun")
        while True:
            await Gate("BEGIN ISOLATION LEVEL SERIALIZABLE", "read", ("@session",))
            await Gate(f"SELECT {run_id}", "read")
            version, seen = self.version, self.look_up(run_id, event)
            await Gate(f"UPDATE {run_id}", "write")
            if self.version == version:
                await Gate("COMMIT", "write")
            if self.version == version:
                self.version += 1
                return self.carry_out(run_id, event, seen)
            await Gate("ROLLBACK", "read", ("@session",))


class GlobalLock(MemoryWorld):
    """One process with one lock: a call is one operation."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None:
            run_id = self._next_id("wrun")
        await Gate(f"all of {event['eventType']}", "write")
        return self.carry_out(run_id, event, self.look_up(run_id, event))


class TwoPhases(PolledLock):
    """Under its lock it writes what it wants to do, and then that it is done: only then it is to be seen."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        self.callers += 1
        me = f"caller {self.callers}"
        await self.lock(me)
        try:
            await Gate("PREPARE TRANSACTION", "write", ("prepared",))
            return await MemoryWorld.events_create(self, run_id, event)
        finally:
            await Gate("COMMIT PREPARED", "write", ("lock", "prepared"))
            self.unlock(me)


class SequenceGaps(MemoryWorld):
    """Ids come from a sequence: a number that was drawn is gone, also when nothing was written with it."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        self._next_id("evnt")
        return await super().events_create(run_id, event)

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        self._next_id("evnt")
        return super().carry_out(run_id, event, row)


class UnsortableIds(MemoryWorld):
    """Ids of events are not in the order of the log, which is that of the commits."""

    def event_id(self, run_id: str) -> str:
        return f"evnt_{crc32(super().event_id(run_id).encode()):08x}"


class SmallPages(MemoryWorld):
    """Gives two things a page, whatever limit is asked for."""

    def page_of_log(self, run_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        return super().page_of_log(run_id, {**asked, "limit": min(2, asked.get("limit") or 2)})

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return _part(await super().steps_list({"runId": params["runId"]}), params)

    async def hooks_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return _part(await super().hooks_list({"runId": params["runId"]}), params)


def _part(page: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    first = int((params.get("pagination") or {}).get("cursor") or 0)
    shown, rest = page["data"][first : first + 2], page["data"][first + 2 :]
    return {"data": shown, "cursor": str(first + 2) if rest else None, "hasMore": bool(rest)}


class SecondAnswers(MemoryWorld):
    """Gives another right answer of the table wherever there is one: the second, or a later one.

    The loser of two starts is for a World of its own: only a race tells who that is.
    """

    which = 1

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        outcomes = [one for one in row.outcomes if not one.inert]
        if event["eventType"] == "run_started" and outcomes[0].answer == "ok":
            return super().carry_out(run_id, event, row)
        outcome = outcomes[min(self.which, len(outcomes) - 1)]
        if outcome.answer not in ("ok", "hook_conflict"):
            self.refuse(outcome, row, event)
        return self.write(run_id, event, outcome)


class ThirdAnswers(SecondAnswers):
    """As the other, with the third right answer."""

    which = 2


#: Right Worlds, each in its own way.
LEGAL: Final = (
    GlobalLock,
    PolledLock,
    PolledInRounds,
    Lease,
    TwoPhases,
    Optimistic,
    Serializable,
    SequenceGaps,
    UnsortableIds,
    SmallPages,
    LosesStart,
    SecondAnswers,
    ThirdAnswers,
)


class NumberedSmallPages(SmallPages, NumberedWorld):
    """Line 5.x in pages of two: what a write reports may be incomplete, and says so."""


class NumberedSecondAnswers(SecondAnswers, NumberedWorld):
    """Line 5.x, with another right answer of its table."""


#: Right Worlds of line 5.x.
LEGAL_5: Final = (NumberedWorld, NumberedSmallPages, NumberedSecondAnswers)
