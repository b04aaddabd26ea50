"""The transitions of a run as MongoDB does them: a filter that is the guard, and an update.

A run's document: ``{_id: run id, status, made, outcome?, created, started?, updated, steps: [{id, status,
attempt, due?, …}], waits: […], hooks: [{id, status, token, …}], claims: [{token, hook?}], log: [text],
once: [{id, hook?, digest?}], attributes: {key in hex: text}}``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from .._reference.line import CREATED_AND_STARTED, halves
from .._reference.shapes import (
    ENDS_RUN,
    NEXT,
    Event,
    changes,
    conflict_entry,
    log_entry,
    milliseconds,
    text_of,
)
from .._reference.text import dumps, loads

Document = dict[str, Any]

LIVE: Final = {"$in": ["pending", "running"]}


def claim_of(token: str) -> str:
    """What a hook claims; a run claims ``run:<its id>``."""
    return f"token:{token}"


def new_run(run_id: str, event: Event, at: datetime) -> Document:
    """The document of a new run. It claims its own id: a unique index takes an empty list for a value."""
    lists: Document = {name: [] for name in ("steps", "waits", "hooks", "once")}
    entry = dumps(log_entry(run_id, event, at))
    return {
        "_id": run_id,
        **_new(event, at),
        **lists,
        "claims": [{"token": f"run:{run_id}"}],
        "log": [entry],
    }


def guard(run_id: str, event: Event, at: datetime, *, strict: bool = False) -> Document:
    """The filter that finds the run's document if the event may be taken. ``strict``: see :class:`Line`."""
    kind, key = event["eventType"], event.get("correlationId")
    family, _, what = kind.partition("_")
    found: Document = {"_id": run_id}
    if kind == "attr_set":
        found |= {"status": LIVE} | ({} if key is None else {"once.id": {"$ne": f"attr {key}"}})
    elif family == "run":
        found["status"] = "pending" if what == "started" else LIVE
    elif what.startswith("created"):
        found |= {"status": LIVE, f"{family}s.id": {"$ne": key}}
        if family == "hook":
            found["claims.token"] = {"$ne": claim_of(event["eventData"]["token"])}
    elif family == "hook":
        found["hooks"] = {"$elemMatch": {"id": key, "status": "active"}}
        if "resumeId" in event:
            found["once.id"] = {"$ne": event["resumeId"]}
    elif family == "wait":
        found |= {"status": LIVE, "waits": {"$elemMatch": {"id": key, "status": "waiting"}}}
    else:
        # A step that runs may finish after its run did; a pending one may not begin.
        timely = {"due": {"$not": {"$gt": milliseconds(at)}}} if what == "started" else {}
        found["$or"] = [
            {"status": LIVE, "steps": {"$elemMatch": {"id": key, "status": LIVE, **timely}}},
            {"steps": {"$elemMatch": {"id": key, "status": "running", **timely}}},
        ]
        if strict and what == "started":
            del found["$or"][1]
    return found


def update(run_id: str, event: Event, at: datetime) -> Document:
    """What the event changes, and its entry in the log."""
    kind, key = event["eventType"], event.get("correlationId")
    family, _, what = kind.partition("_")
    if kind == CREATED_AND_STARTED:
        return _created_and_started(run_id, event, at)
    push: Document = {"log": dumps(log_entry(run_id, event, at))}
    if what == "created":
        push[f"{family}s"] = {"id": key, **_new(event, at)}
        if family == "hook":
            push["claims"] = {"token": claim_of(event["eventData"]["token"]), "hook": key}
        return {"$push": push}
    if kind == "hook_received":
        if "resumeId" in event:
            digest = event.get("resumePayloadDigest")
            push["once"] = {"id": event["resumeId"], "hook": key, "digest": digest}
        return {"$push": push}
    if kind == "attr_set":
        if key is not None:
            push["once"] = {"id": f"attr {key}"}
        return {"$push": push, **_set_attributes(event, at)}
    if kind == "hook_disposed":
        disposed = {"hooks.$[one].status": "disposed"}
        return {"$push": push, "$set": disposed, "$pull": {"claims": {"hook": key}}}
    return {"$push": push, **_moved(event, "" if family == "run" else f"{family}s.$[one].", at)}


def _set_attributes(event: Event, at: datetime) -> Document:
    changed: Document = {"$set": {"updated": milliseconds(at)}}
    for change in event["eventData"]["changes"]:
        field = f"attributes.{change['key'].encode().hex()}"
        if change["value"] is None:
            changed.setdefault("$unset", {})[field] = ""
        else:
            changed["$set"][field] = dumps(change["value"])
    return changed


def attributes_of(run: Document) -> str:
    """The attributes of a run's document as text."""
    kept = run.get("attributes") or {}
    return dumps({bytes.fromhex(key).decode(): loads(text) for key, text in kept.items()}) if kept else ""


def _created_and_started(run_id: str, event: Event, at: datetime) -> Document:
    created, started = halves({**event, "eventType": "step_started"})
    entries = [dumps(log_entry(run_id, each, at)) for each in (created, started)]
    step = {"id": event["correlationId"], **_new(created, at)}
    step |= {"status": "running", "attempt": 1, "started": milliseconds(at)}
    return {"$push": {"log": {"$each": entries}, "steps": step}}


def _moved(event: Event, path: str, at: datetime) -> Document:
    kind, moment = event["eventType"], milliseconds(at)
    changed: Document = {"$set": {f"{path}status": NEXT[kind], f"{path}updated": moment}}
    if kind in ("run_started", "step_started"):
        changed["$min"] = {f"{path}started": moment}  # sets it once: time does not go back
        if kind == "step_started":
            changed["$inc"] = {f"{path}attempt": 1}
            changed["$unset"] = {f"{path}due": ""}
        return changed
    fields = changes(event, at)
    changed["$set"][f"{path}outcome"] = text_of(fields)
    if fields.get("retryAfter") is not None:
        changed["$set"][f"{path}due"] = milliseconds(fields["retryAfter"])
    if kind in ENDS_RUN:
        changed["$set"]["hooks.$[].status"] = "disposed"
        changed["$pull"] = {"claims": {"hook": {"$exists": True}}}
    return changed


def elements(event: Event) -> list[Document] | None:
    """Which element of a list ``$[one]`` is, for updates that name it."""
    family, _, what = event["eventType"].partition("_")
    named = family not in ("run", "attr") and what not in ("created", "received", "created_and_started")
    return [{"one.id": event["correlationId"]}] if named else None


def refused_token(run_id: str, event: Event, at: datetime) -> tuple[Document, Document]:
    """Filter and update that log a ``hook_conflict``."""
    found = {"_id": run_id, "status": LIVE, "hooks.id": {"$ne": event["correlationId"]}}
    return found, {"$push": {"log": dumps(conflict_entry(run_id, event, at))}}


def _new(event: Event, at: datetime) -> Document:
    """A new run, step, wait or hook."""
    kind, moment = event["eventType"], milliseconds(at)
    made: Document = {
        "status": NEXT[kind],
        "made": text_of(changes(event, at)),
        "created": moment,
        "updated": moment,
    }
    if kind == "step_created":
        made["attempt"] = 0
    if kind == "hook_created":
        made["token"] = event["eventData"]["token"]
    return made
