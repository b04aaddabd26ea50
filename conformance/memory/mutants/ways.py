"""The ways in which a World goes wrong: each is a class made with the event types it is about."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any, NoReturn, Self

from conformance.core.gates import Gate
from conformance.memory.world import MemoryWorld
from conformance.spec.table import Outcome, Row, index
from conformance.spec.vocabulary import Answer, Event, WorldError

RUN_ENDS = ("run_completed", "run_failed", "run_cancelled")
STEP_ENDS = ("step_completed", "step_failed")

#: The states of run and entity in which an event is taken, when nobody was there before.
FIRST = {
    "run_created": ("missing", "missing"),
    "run_started": ("pending", "pending"),
    "run_completed": ("running", "running"),
    "run_failed": ("running", "running"),
    "run_cancelled": ("running", "running"),
    "step_created": ("running", "missing"),
    "step_started": ("running", "pending"),
    "step_completed": ("running", "running"),
    "step_failed": ("running", "running"),
    "step_retrying": ("running", "running"),
    "wait_created": ("running", "missing"),
    "wait_completed": ("running", "waiting"),
    "hook_created": ("running", "missing"),
    "hook_received": ("running", "active"),
    "hook_disposed": ("running", "active"),
}


def refused(row: Row) -> bool:
    """Whether a row takes nothing."""
    return row.outcomes[0].answer != "ok"


class Broken(MemoryWorld):
    """A world that does something wrong with events of some types."""

    def __init__(self, *events: str) -> None:
        self.wrong = frozenset(events)
        super().__init__()

    @classmethod
    def of(cls, *events: str) -> partial[Self]:
        """Makes such worlds."""
        return partial(cls, *events)

    def holds(self, run_id: str, event: Event) -> bool:
        """Whether the entity is there that an event is about."""
        state, key = self.state, event.get("correlationId")
        return (
            key is None or (run_id, key) in state.steps or (run_id, key) in state.waits or key in state.hooks
        )

    def concerns(self, event: Event) -> bool:
        return event["eventType"] in self.wrong


class Unguarded(Broken):
    """Takes an event every time, as if it came first and in time."""

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        if not self.concerns(event) or not refused(row):
            return row
        kind: str = event["eventType"]
        return index(4)[kind, *FIRST[kind], ""]


class NotAtomic(Broken):
    """Decides by what it read, and writes later."""

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        if self.concerns(event):
            return self.carry_out(run_id, event, seen)
        return super().commit(run_id, event, seen)


class DecidesEarly(Broken):
    """Decides by what a cache of its process says as the call begins, before its first operation."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None or not self.concerns(event):
            return await super().events_create(run_id, event)
        seen = self.look_up(run_id, event)
        await Gate(f"commit {event['eventType']}", "write", self.touches(run_id, event))
        return self.carry_out(run_id, event, seen)


class SharesLookUps(Broken):
    """Gives a call what another call under way has seen of the same thing, however long ago that was."""

    def reset(self) -> None:
        super().reset()
        self.under_way: dict[tuple[str, str], Row] = {}

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None or not self.concerns(event):
            return await super().events_create(run_id, event)
        thing = run_id, event["correlationId"]
        keys = (*self.touches(run_id, event), "look-ups")
        await Gate(f"look up {thing[1]}", "write", keys)
        is_first = thing not in self.under_way
        seen = self.under_way.setdefault(thing, self.look_up(run_id, event))
        await Gate(f"commit {event['eventType']}", "write", keys)
        if is_first:
            del self.under_way[thing]
        return self.carry_out(run_id, event, seen) if refused(seen) else self.commit(run_id, event, seen)


class Swallows(Broken):
    """Refuses in silence: writes nothing, and answers as if it had."""

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        if self.concerns(event) and refused(row) and self.holds(run_id, event):
            return self.result(run_id, event)
        return super().carry_out(run_id, event, row)


class Raises(Broken):
    """Refuses with the driver's own error, which nobody can classify."""

    def refuse(self, outcome: Outcome, row: Row, event: Event) -> NoReturn:
        if self.concerns(event):
            raise WorldError("Error", "duplicate key value violates unique constraint", code="23505")
        super().refuse(outcome, row, event)


class Misnames(Broken):
    """Refuses with an error that says something else."""

    says: Answer = "not_found"

    def refuse(self, outcome: Outcome, row: Row, event: Event) -> NoReturn:
        super().refuse(Outcome(self.says) if self.concerns(event) else outcome, row, event)


class MisnamesGone(Misnames):
    """Refuses because the run is finished, it says."""

    says = "gone"


class Loud(Broken):
    """Refuses as it should, and logs an error."""

    def refuse(self, outcome: Outcome, row: Row, event: Event) -> NoReturn:
        if self.concerns(event):
            self.log("error", f"{event['eventType']} failed: {outcome.answer}")
        super().refuse(outcome, row, event)


class Overwrites(Broken):
    """Writes the data first and looks at the status then: the loser is refused, and its data stays."""

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        if self.concerns(event) and refused(row):
            self.overwrite(run_id, event)
        return super().carry_out(run_id, event, row)

    def overwrite(self, run_id: str, event: Event) -> None:
        """Write what must not be written."""
        data = event["eventData"]
        key = event.get("correlationId")
        if key is None:
            run = self.state.runs[run_id]
            self.state.runs[run_id] = run._replace(output=data.get("output"))
        else:
            step = self.state.steps[run_id, key]
            self.state.steps[run_id, key] = step._replace(output=data.get("result"))


class LogsRefused(Overwrites):
    """Appends to the log first and looks at the status then: the loser is refused, and its event stays."""

    def overwrite(self, run_id: str, event: Event) -> None:
        self.append(run_id, event, self.tick())


class OverwritesEvent(Overwrites):
    """Keeps one event of a kind for each entity, and replaces it before it looks at the status."""

    def overwrite(self, run_id: str, event: Event) -> None:
        log = self.events[run_id]
        key = (event["eventType"], event.get("correlationId"))
        for at, stored in enumerate(log):
            if (stored["eventType"], stored.get("correlationId")) == key:
                log[at] = {**stored, "eventData": event["eventData"]}


class Forgets(Broken):
    """Moves the entity, and adds no event to the log."""

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        if self.concerns(event):
            self.events[run_id].pop()
        return stored


class LogsLater(Broken):
    """Moves the entity, and adds the event to the log in an operation of its own."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        result = await super().events_create(run_id, event)
        if self.concerns(event) and "event" in result:
            stored = result["event"]
            await Gate(f"log {event['eventType']}", "write", (stored["runId"],))
            self.events[stored["runId"]].append(stored)
        return result

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        if self.concerns(event):
            self.events[run_id].pop()
        return stored


class OnlyLogs(Broken):
    """Adds the event to the log, and does not move the entity."""

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        if not self.concerns(event):
            return super().write(run_id, event, outcome)
        stored = self.append(run_id, event, self.tick())
        there = run_id in self.state.runs and self.holds(run_id, event)
        return self.result(run_id, event, stored) if there else {"event": stored}


class WinnerRefused(Broken):
    """Under contention a write is sent twice; the second meets the first, so the winner hears it lost."""

    def reset(self) -> None:
        super().reset()
        #: callers that have read and not written yet
        self.readers: Counter[tuple[str, str | None]] = Counter()

    def look_up(self, run_id: str, event: Event) -> Row:
        self.readers[run_id, event.get("correlationId")] += 1
        return super().look_up(run_id, event)

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        key = run_id, event.get("correlationId")
        contended = self.readers[key] > 1
        self.readers[key] -= 1
        answer = self.carry_out(run_id, event, super().look_up(run_id, event))
        if contended and self.concerns(event):
            self.refuse(Outcome("conflict"), seen, event)
        return answer
