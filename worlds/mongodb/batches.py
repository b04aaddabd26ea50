"""A batch as one update of a run's document.

An update cannot both add to a list and change an element of it. So the document is read, each event is
decided on what was read, and the update names elements by their places in the lists. Every event is in the
log, so the filter asks that the log is as long as it was: when somebody wrote in between nothing is written,
and the batch is decided anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from conformance.spec.vocabulary import WorldError, conflict

from .._reference.refusal import refusal
from .._reference.shapes import NEXT, Event, family_of, milliseconds
from . import transitions

Document = dict[str, Any]
_ONE: Final = "$[one]"


class Batch:
    """The events of a batch, decided on ``seen``: the run's document as it was read, None if there is none.

    ``outcomes``: for each event the length of the log when it is taken, or its refusal.
    """

    def __init__(self, run_id: str, events: Sequence[Event], seen: Document | None, at: datetime) -> None:
        self._run_id, self._at = run_id, at
        self._seen: Document = seen or {"length": 0}
        self._status: str | None = self._seen.get("status")
        self._length: int = self._seen["length"]
        self._added = dict.fromkeys(("steps", "waits"), 0)
        self.update: Document = {}
        self.outcomes = [self._decide(event) for event in events]

    @property
    def writes(self) -> bool:
        """Whether any event is taken."""
        return bool(self.update)

    @property
    def guard(self) -> Document:
        """The filter that finds the document as long as nobody has written to it."""
        return {"_id": self._run_id, "log": {"$size": self._seen["length"]}}

    def _decide(self, event: Event) -> int | WorldError:
        kind = event["eventType"]
        place, entity = self._entity(event)
        wait_ms = (entity.get("due") or 0) - milliseconds(self._at)
        why = refusal(kind, self._status, entity.get("status"), wait_ms=wait_ms, strict=True)
        if why is not None:
            return why if isinstance(why, WorldError) else conflict("the run is there")
        self._add(transitions.update(self._run_id, event, self._at), place)
        if kind.startswith("run_"):
            self._status = NEXT[kind]
        return self._length

    def _entity(self, event: Event) -> tuple[int, Document]:
        """The place of an entity in its list, and what it is; for one that is not there the next place."""
        family, key = family_of(event["eventType"]), event.get("correlationId")
        if family == "run":
            return -1, {}
        found: list[Document] = self._seen.get(f"{family}s", [])
        return next(((at, part) for at, part in enumerate(found) if part["id"] == key), (len(found), {}))

    def _add(self, changed: Document, place: int) -> None:
        """Add what one event changes, with places instead of names."""
        for operator, fields in changed.items():
            for path, value in fields.items():
                if path == "log":
                    entries = value["$each"] if isinstance(value, dict) else [value]
                    self.update.setdefault("$push", {}).setdefault("log", {"$each": []})["$each"] += entries
                    self._length += len(entries)
                elif operator == "$push":
                    self.update.setdefault("$set", {})[f"{path}.{place + self._added[path]}"] = value
                    self._added[path] += 1
                else:
                    self.update.setdefault(operator, {})[path.replace(_ONE, str(place))] = value
