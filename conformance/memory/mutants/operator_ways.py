"""What operators do that no mutant by hand does: where an event goes, when it counts, who writes what."""

from __future__ import annotations

from typing import Any

from conformance.core.gates import Gate
from conformance.memory.mutants import ways
from conformance.memory.mutants.ways import Broken
from conformance.memory.world import MemoryWorld
from conformance.spec.table import Outcome, Row, index
from conformance.spec.vocabulary import Event, WorldError


class LogsTwice(Broken):
    """Adds the event a second time."""

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        return super().append(run_id, event, now, conflict=conflict) if self.concerns(event) else stored


class LogsFirst(Broken):
    """Adds the event by what it read, and moves the entity in a second operation, if it may."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None or not self.concerns(event) or run_id not in self.state.runs:
            return await super().events_create(run_id, event)
        keys = self.touches(run_id, event)
        await Gate(f"read {run_id}", "read", keys)
        seen = self.look_up(run_id, event)
        outcome = seen.outcomes[0]
        if outcome.answer != "ok" or not outcome.logs:
            await Gate(f"commit {event['eventType']}", "write", keys)
            return self.commit(run_id, event, seen)
        await Gate(f"log {event['eventType']}", "write", keys)
        stored = self.append(run_id, event, self.tick())
        await Gate(f"commit {event['eventType']}", "write", keys)
        row = self.look_up(run_id, event)
        if row.outcomes[0].answer != "ok":
            self.refuse(row.outcomes[0], row, event)
        self.state.take(run_id, event, row.outcomes[0], now=self.now)
        return self.result(run_id, event, stored)


class LogsReversed(Broken):
    """Puts the event before the one that was the last."""

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        log = self.events[run_id]
        if self.concerns(event) and len(log) > 1:
            log[-2:] = log[-1], log[-2]
        return stored


class LosesData(Broken):
    """Adds the event without its data."""

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        bare = {key: value for key, value in event.items() if key != "eventData"}
        return super().append(run_id, bare if self.concerns(event) else event, now, conflict=conflict)


class AnswersBare(Broken):
    """Answers a success without the entity."""

    def result(self, run_id: str, event: Event, stored: Event | None = None) -> dict[str, Any]:
        result = super().result(run_id, event, stored)
        return {"event": stored} if self.concerns(event) else result


class FailsAfter(Broken):
    """Fails at the commit after it has written: who asked gets a raw error for what took effect."""

    def result(self, run_id: str, event: Event, stored: Event | None = None) -> dict[str, Any]:
        result = super().result(run_id, event, stored)
        if self.concerns(event):
            raise WorldError("Error", "the answer could not be read", code="EPIPE")
        return result


class Reserves(Broken):
    """Takes the place of the event in the log before its commit, in an operation of its own."""

    def reset(self) -> None:
        super().reset()
        self.reserved: str | None = None

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None or not self.concerns(event):
            return await super().events_create(run_id, event)
        keys = self.touches(run_id, event)
        await Gate(f"reserve in {run_id}", "write", keys)
        reserved = self.event_id(run_id)
        seen = self.look_up(run_id, event)
        await Gate(f"commit {event['eventType']}", "write", keys)
        self.reserved = reserved
        try:
            return self.commit(run_id, event, seen)
        finally:
            self.reserved = None

    def event_id(self, run_id: str) -> str:
        return self.reserved or super().event_id(run_id)

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        self.events[run_id].sort(key=lambda one: str(one["eventId"]))
        return stored


class Shares(Broken):
    """Keeps the event that is written on a connection that all calls share: who comes next replaces it."""

    def reset(self) -> None:
        super().reset()
        self.at_hand: tuple[str, Event] | None = None

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is None:
            return await super().events_create(run_id, event)
        keys = self.touches(run_id, event)
        await Gate(f"read {run_id}", "read", keys)
        seen = self.look_up(run_id, event)
        self.at_hand = (run_id, event)
        # Whatever is at hand may be written: nothing is known of what that touches.
        await Gate(f"commit {event['eventType']}", "write", keys if not self.concerns(event) else ())
        if not self.concerns(event):
            return self.commit(run_id, event, seen)
        there, written = self.at_hand
        return self.commit(there, written, self.look_up(there, written))


class Expires(Broken):
    """Drops the entity of an event as soon as that is done: nothing says any more that it was."""

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        result = super().write(run_id, event, outcome)
        key = event.get("correlationId")
        if self.concerns(event) and key is not None:
            self.state.steps.pop((run_id, key), None)
            self.state.waits.pop((run_id, key), None)
            hook = self.state.hooks.get(key)
            if hook is not None:
                self.state.tokens.pop(hook.token, None)
        return result


class ReleasesLater(Broken):
    """Ends the run, and releases its hooks in an operation of its own."""

    def reset(self) -> None:
        super().reset()
        #: hooks of runs that have ended, not released yet
        self.unreleased: dict[str, dict[str, Any]] = {}

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        result = await super().events_create(run_id, event)
        if run_id in self.unreleased:
            await Gate(f"release hooks of {run_id}", "write")
            for key, hook in self.unreleased.pop(run_id, {}).items():
                self.state.hooks[key] = hook
        return result

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        before = {key: hook for key, hook in self.state.hooks.items() if hook.run_id == run_id}
        result = super().write(run_id, event, outcome)
        if self.concerns(event):
            self.unreleased[run_id] = {key: self.state.hooks[key] for key in before}
            self.state.hooks.update(before)
        return result


class Resends(Broken):
    """Reads the answer of the service in a second operation, and when that breaks sends everything again."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        try:
            result = await super().events_create(run_id, event)
            if self.concerns(event):
                await Gate(f"answer to {event['eventType']}", "read", self.touches(run_id or "", event))
        except WorldError as error:
            if error.code != "TRANSPORT" or not self.concerns(event):
                raise
            return await super().events_create(run_id, event)
        return result


class DropsRow(MemoryWorld):
    """Lacks one line of the table: takes the event where that line refuses it."""

    def __init__(self, row: Row) -> None:
        self.lacks = row
        super().__init__()

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        kind: str = event["eventType"]
        return index(4)[kind, *ways.FIRST[kind], ""] if row is self.lacks else row

    def result(self, run_id: str, event: Event, stored: Event | None = None) -> dict[str, Any]:
        """An event of a run that was never created has no run to answer with."""
        return super().result(run_id, event, stored) if run_id in self.runs else {"event": stored}


class LosesField(MemoryWorld):
    """Stores one field of an entity as nothing, or as what it was at first."""

    def __init__(self, part: str, field: str, value: Any) -> None:
        self.lost = part, field, value
        super().__init__()

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        answer = super().write(run_id, event, outcome)
        part, field, value = self.lost
        entities: dict[Any, Any] = getattr(self.state, part)
        for key, entity in entities.items():
            early = entity.status in ("pending", "missing") and field != "retry_after"
            if getattr(entity, field) is not None and not early:
                entities[key] = entity._replace(**{field: value})
        return answer


class WidensToken(MemoryWorld):
    """Has tokens unique within their run, and not over all runs."""

    def look_up(self, run_id: str, event: Event) -> Row:
        if event["eventType"] != "hook_created":
            return super().look_up(run_id, event)
        token = event["eventData"]["token"]
        holder = self.state.tokens.get(token)
        if holder is None or self.state.hooks[holder].run_id == run_id:
            return super().look_up(run_id, event)
        del self.state.tokens[token]
        row = super().look_up(run_id, event)
        self.state.tokens[token] = holder
        return row


class NarrowsKey(MemoryWorld):
    """Finds steps or waits by their id alone, in whatever run they are."""

    def __init__(self, part: str) -> None:
        self.narrowed = part
        super().__init__()

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        there: dict[tuple[str, str], Any] = getattr(self.state, self.narrowed)
        kind = event["eventType"]
        if kind != f"{self.narrowed[:-1]}_created" or row.outcomes[0].answer != "ok":
            return row
        if any(key == event["correlationId"] for _, key in there):
            status = "pending" if self.narrowed == "steps" else "waiting"
            return index(4)[kind, self.state.runs[run_id].status, status, ""]
        return row


class Caches(MemoryWorld):
    """Remembers what one kind of read gave at first, and never asks again."""

    def __init__(self, read: str) -> None:
        self.remembers = read
        super().__init__()

    def reset(self) -> None:
        super().reset()
        self.cache: dict[str, Any] = {}

    async def runs_get(self, run_id: str) -> Any:
        return await self._once("runs_get", run_id)

    async def steps_get(self, run_id: str, step_id: str) -> Any:
        return await self._once("steps_get", run_id, step_id)

    async def steps_list(self, params: dict[str, Any]) -> Any:
        return await self._once("steps_list", params)

    async def events_list(self, params: dict[str, Any]) -> Any:
        return await self._once("events_list", params)

    async def hooks_get(self, hook_id: str) -> Any:
        return await self._once("hooks_get", hook_id)

    async def hooks_get_by_token(self, token: str) -> Any:
        return await self._once("hooks_get_by_token", token)

    async def hooks_list(self, params: dict[str, Any]) -> Any:
        return await self._once("hooks_list", params)

    async def _once(self, read: str, *asked: Any) -> Any:
        key = f"{read} {asked}"
        if read != self.remembers:
            return await getattr(super(), read)(*asked)
        if key not in self.cache:
            self.cache[key] = await getattr(super(), read)(*asked)
        return self.cache[key]
