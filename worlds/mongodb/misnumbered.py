"""Wrong numbers of events: :mod:`worlds._reference.misnumbered`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ReturnDocument

from conformance.world import gate

from .._reference.misnumbered import Misnumbered
from .batches import Batch
from .reference import MongoWorld


class Broken(Misnumbered, MongoWorld):
    """The reference, which numbers its events in a wrong way."""

    async def events_create_batch(self, run_id: str, asked: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        whole = MongoWorld if self.slots.name == "batch-unguarded" else Misnumbered
        return await whole.events_create_batch(self, run_id, asked)

    def batch_guard(self, batch: Batch) -> dict[str, Any]:
        guard = super().batch_guard(batch)
        return {"_id": guard["_id"]} if self.slots.name == "batch-unguarded" else guard

    async def drawn(self, run_id: str, step: int) -> int:
        counters = self.runs.database["counters"]
        async with gate(f"update counter {run_id}", "write", [run_id]):
            found = await counters.find_one_and_update(
                {"_id": run_id}, {"$inc": {"n": step}}, upsert=True, return_document=ReturnDocument.AFTER
            )
        assert found is not None  # an upsert finds what it made
        return int(found["n"])
