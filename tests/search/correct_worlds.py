"""Worlds that are right, each with another way to keep two writers apart."""

from __future__ import annotations

from typing import Any

from conformance.core.gates import Gate
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


class SequenceGaps(MemoryWorld):
    """Ids come from a sequence: a number that was drawn is gone, also when nothing was written with it."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        self._next_id("evnt")
        return await super().events_create(run_id, event)

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        self._next_id("evnt")
        return super().carry_out(run_id, event, row)
