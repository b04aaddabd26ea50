"""The shape of what a World answers: the one place where an answer is looked at before anyone reads it.

The interface of Worlds (``@workflow/world``) gives each operation a type. What the runtime reads of an
answer has to be there, or the call has failed (:class:`WrongAnswer`, rule ``answer.shape``). Anything else of
a wrong type is left out and noted (rule ``answer.type``): the runtime never looks at it. What the interface
leaves open is accepted: ``event`` and the entities that the runtime does not read may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from conformance.spec.vocabulary import Answer, WorldError

#: What each part of an answer must hold, each a text unless ``_NUMBERS`` says otherwise.
_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "event": ("eventType",),
    "run": ("runId", "status"),
    "step": ("stepId", "status", "attempt"),
    "hook": ("hookId", "runId", "token"),
    "wait": ("waitId", "status"),
}
_NUMBERS: Final = frozenset({"attempt"})
#: What the answer to ``events.create`` must hold, because the runtime reads it. All else may be missing.
_NEEDED: Final = {"run_created": "run", "run_started": "run", "step_started": "step"}
#: What an operation that reads gives: one entity, or a page of them.
_ENTITIES: Final = {"runs.get": "run", "steps.get": "step"}
_HOOKS: Final = frozenset({"hooks.get", "hooks.getByToken"})
_PAGES: Final = {"events.list": "event", "steps.list": "step", "hooks.list": "hook"}
#: An entry of the log is known by its id, which an event that comes with an answer may lack.
_LISTED: Final = {**_PARTS, "event": ("eventType", "eventId")}
#: ``bool`` before ``int``, which it is one of.
_WORDS: Final[tuple[tuple[type, str], ...]] = (
    (type(None), "nothing (null or undefined)"),
    (bool, "a boolean"),
    (int, "a number"),
    (float, "a number"),
    (str, "a text"),
    (bytes, "bytes"),
    (datetime, "a date"),
)


class WrongAnswer(WorldError):
    """An answer that lacks what the runtime reads of it. The caller fails, as the runtime does.

    ``text`` says what came and what is due. ``old_line``: it is what Worlds of line 4.0 answered.
    """

    def __init__(self, text: str, *, old_line: bool = False) -> None:
        super().__init__("WorkflowWorldError", text, code="WORLD_CONTRACT_ERROR")
        self.text = text
        self.old_line = old_line

    @property
    def answer(self) -> Answer:
        return "misshapen"


def read_answer(op: str, args: tuple[Any, ...], value: Any, notes: list[str]) -> Any:
    """The answer of a World to ``op``, in the shape that every reader relies on.

    Appends to ``notes`` a sentence about each part that is of a wrong type and was left out. Raises
    :class:`WrongAnswer` when something is missing that the runtime reads.
    """
    if op == "events.create":
        return _created(args[1]["eventType"], value, notes)
    part = _ENTITIES.get(op)
    if part is not None:
        lacks = _lacks(part, value, _PARTS)
        if lacks:
            raise WrongAnswer(f"{op} was answered with {lacks}; due is {_a(part)}")
        return value
    part = _PAGES.get(op)
    if part is not None:
        return _page(op, part, value)
    if op in _HOOKS:
        return _hook(op, value, notes)
    return value


def _created(kind: str, value: Any, notes: list[str]) -> dict[str, Any]:
    """The answer to ``events.create``: ``{event?, run?, step?, hook?, wait?, events?}``."""
    needed = _NEEDED.get(kind)
    what = f"events.create of {kind} was answered with"
    if not isinstance(value, dict):
        if needed is not None:
            raise WrongAnswer(f"{what} {say(value)}; due is an object with {needed}")
        notes.append(f"{what} {say(value)}; due is an object, such as {{event}}")
        return {}
    wrong: list[str] = []
    for part in _PARTS:
        item = value.get(part)
        lacks = _lacks(part, item, _PARTS) if item is not None else ""
        if lacks or (part == needed and item is None):
            if part == needed:
                old = "eventType" in value and not value.keys() & _PARTS.keys()
                text = f"{what} {lacks or say(value)}; due is an object with {part}"
                raise WrongAnswer(text, old_line=old)
            wrong.append(part)
            notes.append(f"{what} {lacks} as its {part}")
    if kind == "run_started":
        if value["run"]["status"] == "running" and value["run"].get("startedAt") is None:
            raise WrongAnswer(f"{what} a running run that has no startedAt, from which ids are generated")
        if value.get("events") is not None:
            _entries(f"{what} events that are", "event", value["events"])
    return {key: item for key, item in value.items() if key not in wrong} if wrong else value


def _page(op: str, part: str, value: Any) -> dict[str, Any]:
    """A page of a list: ``{data: [...], cursor?, hasMore?}``."""
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise WrongAnswer(f"{op} was answered with {say(value)}; due is a page, {{data: [...], hasMore}}")
    _entries(f"{op} was answered with a page whose data is", part, value["data"])
    cursor = value.get("cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise WrongAnswer(f"{op} was answered with a page whose cursor is {say(cursor)}; due is a text")
    return value


def _entries(what: str, part: str, entries: Any) -> None:
    """Entities or events in a list. Raises :class:`WrongAnswer` for one that cannot be read."""
    if not isinstance(entries, list):
        raise WrongAnswer(f"{what} {say(entries)}; due is a list")
    for number, entry in enumerate(entries, 1):
        lacks = _lacks(part, entry, _LISTED)
        if lacks:
            raise WrongAnswer(f"{what} a list in which number {number} is {lacks}; due is {_a(part)}")


def _hook(op: str, value: Any, notes: list[str]) -> Any:
    """One hook. Nobody there is refused as not found by the interface; nothing at all says the same."""
    if value is None:
        notes.append(f"{op} was answered with nothing for a hook that is not there; due is a refusal")
        return None
    lacks = _lacks("hook", value, _PARTS)
    if lacks:
        raise WrongAnswer(f"{op} was answered with {lacks}; due is a hook")
    return value


def _lacks(part: str, item: Any, fields: Mapping[str, tuple[str, ...]]) -> str:
    """What is wrong with an entity or an event; empty when it can be read."""
    if not isinstance(item, dict):
        return say(item)
    for field in fields[part]:
        value = item.get(field)
        right = isinstance(value, int | float) if field in _NUMBERS else isinstance(value, str)
        if not right or isinstance(value, bool):
            return f"{_a(part)} whose {field} is {say(value)}"
    if part == "event":
        about, data = item.get("correlationId"), item.get("eventData")
        if about is not None and not isinstance(about, str):
            return f"an event whose correlationId is {say(about)}"
        if data is not None and not isinstance(data, dict):
            return f"an event whose eventData is {say(data)}"
    return ""


def _a(part: str) -> str:
    return "an event" if part == "event" else f"a {part}"


def say(value: Any) -> str:
    """The shape of a value in words, without what it holds: that may be a user's."""
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        keys = sorted(str(key)[:40] for key in value)
        more = ", …" if len(keys) > 8 else ""
        return f"an object with {', '.join(keys[:8])}{more}" if keys else "an empty object"
    return next((words for kind, words in _WORDS if isinstance(value, kind)), f"a {type(value).__name__}")
