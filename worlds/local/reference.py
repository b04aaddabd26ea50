"""The reference world on files: the log of a run is a folder, and everything else is made of the log.

An event is written by ``link`` under the name of its position (:mod:`.slots`). A writer reads the log first,
decided by it, and asks for the position behind it. If that is taken, somebody wrote in between: the writer
reads on and decides anew. Entities are folded from the log, so no crash can part them.

A token is shared by runs, so it has a chain of claims of its own (:mod:`.claims`).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from conformance.spec.batch import answer_of, results, singles
from conformance.spec.vocabulary import WorldError, conflict, not_found

from .._reference.line import CREATED_AND_STARTED, OfLine, halves, line_of
from .._reference.mutants import Breakable
from .._reference.refusal import refusal
from .._reference.shapes import (
    Entity,
    Event,
    conflict_entry,
    creates_run,
    family_of,
    log_entry,
    milliseconds,
    new_id,
    now,
    page,
    page_of,
    position_of,
    suppress_conflict,
)
from .claims import Claim, Claims
from .folded import Folded
from .slots import Files, name_of


class FilesWorld(Breakable, OfLine):
    """Storage and a queue that only keeps its messages, in files below ``directory``."""

    name = "local:reference"

    def __init__(
        self,
        directory: str,
        spec: str = "",
        mutant: str = "",  # noqa: ARG002 - chooses a subclass, see Breakable
    ) -> None:
        self.line = line_of(spec)
        self.files = Files(directory, self.line)
        self.claims = Claims(self.files)

    async def open(self) -> None:
        """Make the folders."""
        self.files.open()

    async def close(self) -> None:
        """Nothing is held."""

    # -- events -------------------------------------------------------------------------------------

    async def events_create(
        self, run_id: str | None, event: Event, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Take one event. ``params`` may have a ``resumeId``. Raises :class:`WorldError`."""
        run_id = run_id or new_id("wrun")
        if creates_run(event) and self.files.log(run_id).run is None:
            with suppress_conflict():  # somebody else made it meanwhile, which is as good
                self._take(run_id, {**event, "eventType": "run_created"}, {})
        return self._take(run_id, event, self.line.resume_of(event, params))

    def _take(self, run_id: str, event: Event, resume: dict[str, Any]) -> dict[str, Any]:
        event = self.line.stamped(event)
        mark = new_id("mark")
        while True:
            log, at = self.files.log(run_id, mark), now()
            if mark in log.marks:
                return self._result(log, event, log.events[log.marks[mark] - 1])
            known = log.resumed.get(resume.get("resumeId", ""))
            if known is not None:
                return self._resumed(known, event, resume)
            if self._speaks_against(log, event, at) == "again":
                return {"run": log.entity("run", None)}
            entries = self._entries(run_id, event, resume, at)
            if event["eventType"] == "hook_created":
                self._create_hook(log, event, entries[0], mark)
            else:
                self.files.append(run_id, log.next, entries, mark)

    async def events_create_batch(self, run_id: str, asked: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Take the events of a batch in one file. Raises :class:`WorldError` for what none may hold.

        Each is decided by the log with those before it. If another took the position, all is decided anew.
        """
        events, mark = singles([one["event"] for one in asked]), new_id("mark")
        while True:
            log = copy.deepcopy(self.files.log(run_id))
            position, entries = log.next, list[Event]()
            answers = [answer_of(self._one_of_batch, log, event, entries) for event in events]
            if not entries or self.files.append(run_id, position, entries, mark):
                return results(events, answers)

    def _one_of_batch(self, log: Folded, event: Event, entries: list[Event]) -> dict[str, Any]:
        """Take one event into a log that nobody else sees, and add what is to be written to ``entries``."""
        at = now()
        self._speaks_against(log, event, at)
        for entry in self._entries(log.run_id, event, {}, at):
            entries.append(entry)
            log.take(entry | {"eventId": self.line.event_id(log.run_id, log.next)})
        return self._result(log, event, log.events[-1])

    def _entries(self, run_id: str, event: Event, resume: dict[str, Any], at: datetime) -> Sequence[Event]:
        lazy = self.line.kind_of(event) == CREATED_AND_STARTED
        events = halves(event) if lazy else (event | resume,)
        return [log_entry(run_id, each, at) for each in events]

    def _speaks_against(self, log: Folded, event: Event, at: datetime) -> str | None:
        """Raises the refusal of an event; ``again``: there is nothing to do."""
        part = log.part(event) or {}
        wait_ms = (part.get("due") or 0) - milliseconds(at)
        kind = self.line.kind_of(event)
        state = part.get("status")
        if kind == "attr_set":
            state = "set" if event.get("correlationId") in log.set - {None} else None
        why = refusal(kind, log.status, state, wait_ms=wait_ms, strict=self.line.strict)
        if isinstance(why, WorldError):
            raise why
        return why

    def _create_hook(self, log: Folded, event: Event, entry: Event, mark: str) -> None:
        """One attempt: claim the token and write the event, or log that another hook holds the token."""
        # Looking at claims reads logs, this one too; what was decided holds for this position.
        run_id, hook_id, position = log.run_id, event["correlationId"], log.next
        token = event["eventData"]["token"]
        number, claim = self.claims.last(token)
        if claim is None or claim.mark != mark:
            if claim is not None and self.claims.holds(claim):
                refused = conflict_entry(run_id, event, entry["createdAt"])
                self.files.append(run_id, position, [refused], mark)
                return
            claim = Claim(run_id, hook_id, mark, entry)
            self.files.replace(self._place(hook_id), {"run": run_id})
            if not self.claims.make(token, number + 1, claim):
                return
        self.files.append(run_id, position, [claim.entry], mark)

    def _resumed(self, known: Event, event: Event, resume: dict[str, Any]) -> dict[str, Any]:
        """The event of a resumption that came again; refused when it is not the same one."""
        same = known["correlationId"] == event["correlationId"]
        if not same or known.get("resumePayloadDigest") != resume.get("resumePayloadDigest"):
            raise conflict("another payload was handed over under that id")
        return {"event": known}

    def _result(self, log: Folded, event: Event, taken: Event) -> dict[str, Any]:
        family = family_of(event["eventType"])
        result: dict[str, Any] = {"event": taken}
        if taken["eventType"] != "hook_conflict":
            result[family] = log.entity(family, event.get("correlationId"))
        lazy = self.line.kind_of(event) == CREATED_AND_STARTED
        return result | {"stepCreated": True} if lazy else result

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        asked = params.get("pagination", {})
        limit = asked.get("limit") or 100
        events = self.files.log(params["runId"]).events
        after = position_of(asked.get("cursor"))
        if asked.get("sortOrder") == "desc":
            events = events[: after - 1 if after > 0 else None][::-1]
        else:
            events = events[after:]
        return page(events[: limit + 1], limit, "eventId", asked.get("cursor"))

    # -- entities -----------------------------------------------------------------------------------

    async def runs_get(self, run_id: str) -> Entity:
        log = self.files.log(run_id)
        if log.run is None:
            raise WorldError("WorkflowRunNotFoundError", f"run {run_id} not found", status=404)
        return log.entity("run", None)

    async def steps_get(self, run_id: str, step_id: str) -> Entity:
        log = self.files.log(run_id)
        if step_id not in log.parts["step"]:
            raise not_found(f"step {step_id} not found")
        return log.entity("step", step_id)

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return self._list("step", params)

    async def hooks_get(self, hook_id: str) -> Entity:
        place = self.files.read(self._place(hook_id))
        return self._live_hook(None if place is None else place["run"], hook_id)

    async def hooks_get_by_token(self, token: str) -> Entity:
        _, claim = self.claims.last(token)
        return self._live_hook(None, "") if claim is None else self._live_hook(claim.run_id, claim.hook_id)

    async def hooks_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return self._list("hook", params)

    def _live_hook(self, run_id: str | None, hook_id: str) -> Entity:
        if run_id is not None:
            log = self.files.log(run_id)
            hook = log.parts["hook"].get(hook_id)
            if hook is not None and hook["status"] == "active":
                return log.entity("hook", hook_id)
        raise not_found("there is no such hook")

    def _place(self, hook_id: str) -> Any:
        """Which run a hook is of."""
        return self.files.path("hooks", f"{name_of(hook_id)}.json")

    def _list(self, family: str, params: dict[str, Any]) -> dict[str, Any]:
        log = self.files.log(params["runId"])
        live = (key for key, part in log.parts[family].items() if part["status"] != "disposed")
        return page_of(family, [log.entity(family, key) for key in live], params.get("pagination", {}))

    # -- queue --------------------------------------------------------------------------------------

    async def queue(self, name: str, message: Any, options: dict[str, Any] | None = None) -> dict[str, Any]:
        """Keep a message. A second one with the key of another is that message."""
        key = (options or {}).get("idempotencyKey")
        ident = new_id("msg")
        path = self.files.path("queue", f"{name_of(f'{name} {key or ident}')}.json")
        if self.files.create(path, {"id": ident, "queue": name, "message": message}):
            return {"messageId": ident}
        return {"messageId": (self.files.read(path) or {})["id"]}
