"""Wrong numbers of events: :mod:`worlds._reference.misnumbered`."""

from __future__ import annotations

from pymongo import ReturnDocument

from conformance.world import gate

from .._reference.misnumbered import Misnumbered
from .reference import MongoWorld


class Broken(Misnumbered, MongoWorld):
    """The reference, which numbers its events in a wrong way."""

    async def drawn(self, run_id: str, step: int) -> int:
        counters = self.runs.database["counters"]
        async with gate(f"update counter {run_id}", "write", [run_id]):
            found = await counters.find_one_and_update(
                {"_id": run_id}, {"$inc": {"n": step}}, upsert=True, return_document=ReturnDocument.AFTER
            )
        assert found is not None  # an upsert finds what it made
        return int(found["n"])
