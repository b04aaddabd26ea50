"""Wrong numbers of events: :mod:`worlds._reference.misnumbered`."""

from __future__ import annotations

from conformance.world import gate

from .._reference.misnumbered import Misnumbered
from .reference import RedisWorld


class Broken(Misnumbered, RedisWorld):
    """The reference, which numbers its events in a wrong way."""

    async def drawn(self, run_id: str, step: int) -> int:
        key = self.key("drawn", run_id)
        async with gate(f"INCRBY {key}", "write", [run_id]):
            return int(await self.redis.incrby(key, step))
