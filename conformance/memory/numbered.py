"""The memory world of line 5.x: the id of an event is its position in its log, given at the commit."""

from __future__ import annotations

from typing import Any

from conformance.core.gates import Gate
from conformance.memory.world import MemoryWorld
from conformance.oracle.log_slots import slot
from conformance.spec.batch import BATCHES, answer_of, results, singles
from conformance.spec.lines import SLOTS_SINCE
from conformance.spec.table import Row
from conformance.spec.vocabulary import Event, WorldError


class NumberedWorld(MemoryWorld):
    """As :class:`MemoryWorld`; position and event appear in one act, so every read is a prefix."""

    spec_version = SLOTS_SINCE
    capabilities = frozenset({"hookResumeDedup", BATCHES})

    def reset(self) -> None:
        super().reset()
        #: events that a resumption of a hook made, by the run and the id of the resumption
        self.resumed: dict[tuple[str, str], Event] = {}
        #: what the callers under way say besides their event
        self.asking: dict[int, dict[str, Any]] = {}

    async def events_create(
        self, run_id: str | None, event: Event, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """As of line 4.x. ``params`` may have a ``resumeId``, which is kept with the event, and say what the
        caller knows of the log: the answer brings the rest up to its event."""
        asked = params or {}
        resume_id = asked.get("resumeId")
        event = event if resume_id is None else {**event, "resumeId": resume_id}
        self.asking[id(event)] = asked
        try:
            return await super().events_create(run_id, event)
        finally:
            del self.asking[id(event)]

    async def events_create_batch(self, run_id: str, asked: list[dict[str, Any]]) -> dict[str, Any]:
        """Take the events of a batch in one commit, each or its refusal. ``asked``: ``[{"event": …}]``."""
        events = singles([one["event"] for one in asked])
        keys = tuple(dict.fromkeys(key for event in events for key in self.touches(run_id, event)))
        await Gate(f"read {run_id}", "read", keys)
        seen = [self.look_up(run_id, event) for event in events]
        await Gate(f"commit {len(asked)} events", "write", keys)
        return results(events, self.commit_batch(run_id, list(zip(events, seen, strict=True))))

    def commit_batch(
        self, run_id: str, looked_up: list[tuple[Event, Row]]
    ) -> list[dict[str, Any] | WorldError]:
        """Decide and write each event, with nothing in between."""
        return [answer_of(self.commit, run_id, *one) for one in looked_up]

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        """The report is of the same moment as the event."""
        result = super().commit(run_id, event, seen)
        asked = self.asking.get(id(event), {})
        if event["eventType"] == "run_started" and not asked.get("skipPreload"):
            return {**result, **self.preload(run_id)}
        return {**result, **self.report(run_id, asked, result.get("event"))}

    def preload(self, run_id: str) -> dict[str, Any]:
        """The whole log, which a start of a run brings."""
        log = list(self.events[run_id])
        return {"events": log, "cursor": log[-1]["eventId"], "hasMore": False}

    def report(self, run_id: str, asked: dict[str, Any], made: Event | None) -> dict[str, Any]:
        """The events that whoever asks has not seen: after its cursor, or those at the positions that were
        taken between its count and its own event."""
        if asked.get("sinceCursor") is not None:
            page = self.page_of_log(run_id, {"cursor": asked["sinceCursor"]})
            return {"events": page["data"], "cursor": page["cursor"], "hasMore": page["hasMore"]}
        count = asked.get("eventCount")
        if count is None or made is None:
            return {}
        log = self.events[run_id]
        skipped = log[count : log.index(made)]
        return {"events": skipped, "cursor": skipped[-1]["eventId"], "hasMore": False} if skipped else {}

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        """One resumption is one event: who brings it again gets that event, also when its hook is gone."""
        key = run_id, event.get("resumeId", "")
        if row.when == "resumed":
            return {"event": self.resumed[key]}
        result = super().carry_out(run_id, event, row)
        if key[1]:
            self.resumed[key] = result["event"]
        return result

    def event_id(self, run_id: str) -> str:
        return slot(len(self.events.get(run_id, ())) + 1)
