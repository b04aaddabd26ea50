"""A run and its parts as the events of its log left them: there is no other copy of them to disagree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._reference.shapes import (
    ENDS_RUN,
    NEXT,
    Entity,
    Event,
    changes,
    entity_of,
    family_of,
    merged,
    milliseconds,
    text_of,
)
from .._reference.text import dumps


class Folded:
    """``events`` in order, and the state that they make. Parts are as :func:`entity_of` wants them."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.events: list[Event] = []
        #: which write made which events: the mark of the write -> position of its last event
        self.marks: dict[str, int] = {}
        self.run: dict[str, Any] | None = None
        self.parts: dict[str, dict[str, dict[str, Any]]] = {"step": {}, "wait": {}, "hook": {}}
        self.attributes: dict[str, Any] = {}
        #: the ids of events that set attributes
        self.set: set[str | None] = set()
        #: resumptions of hooks by their ids
        self.resumed: dict[str, Event] = {}

    @property
    def next(self) -> int:
        """The position behind the last event."""
        return len(self.events) + 1

    @property
    def status(self) -> str | None:
        """The status of the run; None: there is none."""
        return None if self.run is None else str(self.run["status"])

    def part(self, event: Mapping[str, Any]) -> dict[str, Any] | None:
        """What an event is about, as it is; None: it is not there."""
        family = family_of(event["eventType"])
        return self.run if family == "run" else self.parts[family].get(event["correlationId"])

    def take(self, event: Event) -> None:
        """The next event of the log."""
        self.events.append(event)
        kind, at = event["eventType"], event["createdAt"]
        family, _, what = kind.partition("_")
        if kind == "hook_conflict":
            return
        if kind == "attr_set":
            self._set_attributes(event)
            return
        if what == "created":
            made = {"status": NEXT[kind], "made": text_of(changes(event, at)), "created": milliseconds(at)}
            if family == "run":
                self.run = made
            else:
                self.parts[family][event["correlationId"]] = made
            if family == "step":
                made["attempt"] = 0
            if family == "hook":
                made["token"] = event["eventData"]["token"]
        part = self.part(event)
        assert part is not None, f"{kind} of something that was never created"
        part["updated"] = milliseconds(at)
        if what != "created":
            self._move(part, event)
        if kind in ENDS_RUN:
            for hook in self.parts["hook"].values():
                hook["status"] = "disposed"

    def _set_attributes(self, event: Event) -> None:
        assert self.run is not None
        self.attributes = merged(self.attributes, event)
        self.run |= {"attributes": dumps(self.attributes), "updated": milliseconds(event["createdAt"])}
        self.set.add(event.get("correlationId"))

    def _move(self, part: dict[str, Any], event: Event) -> None:
        kind, at = event["eventType"], event["createdAt"]
        part["status"] = NEXT[kind]
        if kind in ("run_started", "step_started"):
            part.setdefault("started", milliseconds(at))
            if kind == "step_started":
                part["attempt"] += 1
                part.pop("due", None)
        elif kind == "hook_received":
            if "resumeId" in event:
                self.resumed[event["resumeId"]] = event
        elif kind != "hook_disposed":
            fields = changes(event, at)
            part["outcome"] = text_of(fields)
            if fields.get("retryAfter") is not None:
                part["due"] = milliseconds(fields["retryAfter"])

    def entity(self, family: str, key: str | None) -> Entity:
        """One part, or the run, as the SDK shapes it. Raises ``KeyError``."""
        kept = self.run if key is None or family == "run" else self.parts[family][key]
        if kept is None:
            raise KeyError(self.run_id)
        return entity_of(family, self.run_id, key, kept)
